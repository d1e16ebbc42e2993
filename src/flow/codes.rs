//! Every diagnostic code of the compiler. `docs/diagnostics.md` has an example for each, and a
//! test compiles it. Numbers that are missing stood for what compiles now; they are never used again.

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $title:literal;)*) => {
        $($(#[$doc])* #[doc = $title] pub const $name: &str = $code;)*

        /// Code and title of each.
        pub const ALL: &[(&str, &str)] = &[$(($code, $title)),*];
    };
}

codes! {
    SYNTAX = "ASYA001", "the file is not valid Python";
    NO_FLOW = "ASYA002", "no function of the file is a flow";
    SEVERAL_FLOWS = "ASYA003", "several functions of the file could be the flow";
    FLOW_SIGNATURE = "ASYA004", "a flow takes exactly one parameter, the payload";
    FLOW_DECORATOR = "ASYA005", "a decorator changes what the flow does";
    DIRECTIVE = "ASYA006", "a directive the compiler does not follow";
    STATEMENT = "ASYA010", "a statement that flows cannot have";
    TARGET = "ASYA012", "a change of something that does not travel with the message";
    NESTED_CALL = "ASYA015", "an actor call where the flow cannot wait for it";
    RESULT_DROPPED = "ASYA016", "an actor call whose result is not used";
    AWAIT = "ASYA017", "an `await` of something that is not an actor call";
    FORGOTTEN_AWAIT = "ASYA018", "a forgotten `await`";
    AWAIT_IN_SYNC = "ASYA019", "an `await` in a function that is not `async`";
    RETURN_VALUE = "ASYA020", "a `return` without a value";
    NO_RETURN = "ASYA021", "a path on which the flow ends without `return`";
    OUTSIDE_LOOP = "ASYA022", "`break` or `continue` outside a loop";
    UNDEFINED = "ASYA023", "a name that is defined nowhere";
    NOT_CARRIED = "ASYA024", "a name of the module that the router cannot have";
    PROCESS_BUILTIN = "ASYA025", "a builtin that sees the process it runs in";
    CONSTRUCTION = "ASYA026", "an object that is not constructed without arguments";
    INSTANCE = "ASYA027", "an object used for anything but calling its methods";
    HANDLER_SIGNATURE = "ASYA028", "a function that cannot be called like this";
    YIELD = "ASYA029", "a `yield` in a flow";
    ACTOR_NAME = "ASYA030", "an actor name that is taken or reserved";
    NOT_JSON = "ASYA033", "a value that has to travel with the message and is not JSON";
    FAN_OUT = "ASYA034", "calls that are started and not waited for together";
    ENDLESS_ITERATOR = "ASYA035", "a loop with calls over something without an end";
    RECURSION = "ASYA036", "a flow, or a part of one, that calls itself";
    ATTRIBUTE = "ASYA037", "an attribute of a value whose class is not certain";
    OBJECT_ONLY = "ASYA038", "something that only the object of a payload class can do";
    OTHER_FORM = "ASYA039", "a field that a message holds in another form";
    AWAIT_OF_SYNC = "ASYA050", "an `await` of a function that is not `async`";
    MODULE_NOT_FOUND = "ASYA051", "a handler whose module is not in the project";
    UNREACHABLE = "ASYA052", "an actor call that is never reached";
    MISSING_NAME = "ASYA053", "a name that its module does not have";
    NOT_A_HANDLER = "ASYA054", "a call of something that no actor can run";
    HIDDEN_MODULE = "ASYA055", "a module that hides another one";
    GETS_A_DICT = "ASYA056", "a handler that uses a dict as an object";
    WRAPPER = "ASYA070", "a call-site wrapper around something other than one function";
    TREATMENT = "ASYA071", "a comment, wrapper or decorator that the callee cannot follow";
    WITH_BLOCK = "ASYA072", "a `with` block that does not become settings of actors";
    SETTING_LOST = "ASYA073", "a setting in the code that does not reach the platform";
    SETTING_FIELD = "ASYA074", "a setting for which the platform's generation has no field";
    SETTING_VALUE = "ASYA075", "a setting with a value that its field cannot take";
    SETTING_CONFLICT = "ASYA076", "one actor with two settings";
    BLOCK_LIMIT = "ASYA077", "a limit for a block that becomes one for each call";
}
