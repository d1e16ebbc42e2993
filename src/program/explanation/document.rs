//! An explanation as data: what scripts get of it is this as JSON.

use serde::Serialize;

use super::places::Place;

/// What a line of the source became.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    /// The file, as sources are named.
    pub file: String,
    /// The line that was asked for.
    pub line: usize,
    /// The first line of what is explained.
    pub first_line: usize,
    /// Its last line.
    pub last_line: usize,
    /// The lines themselves.
    pub text: Vec<String>,
    /// The function they stand in: the flow or a part of it.
    pub function: Option<String>,
    /// Why other lines than the wanted one are explained.
    pub note: Option<String>,
    /// What they became, in the order in which it happens.
    pub parts: Vec<Part>,
}

/// One thing that became of a line.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Part {
    /// The head of the flow or of a function that runs as a part of it.
    Function(ExplainedFunction),
    /// Code that runs in the router.
    Router {
        /// Where.
        places: Vec<Place>,
        /// The line of the compound statement that is copied as a whole; `None` when the line was taken
        /// on its own.
        copied_with: Option<usize>,
        /// The actors whose calls are written here and wait to be made: for `gather`, or for a task group.
        waiting: Vec<String>,
    },
    /// A call that the flow waits for.
    Call(Box<ExplainedCall>),
    /// A `try`: where the errors of its body go.
    Try(Caught),
    /// The line stands in a handler, which runs in an actor.
    Handler(Called),
    /// A definition of the module that the router takes along.
    Carried {
        /// Where it stands there.
        router_lines: Vec<usize>,
    },
    /// Nothing runs for this line.
    Nothing {
        /// Why.
        reason: String,
    },
}

/// The head of a function.
#[derive(Debug, Clone, Serialize)]
pub struct ExplainedFunction {
    /// The actor that receives the flow's messages; `None` for a function that is a part of the flow.
    pub entry: Option<String>,
    /// The actors it calls, in the order of their first call.
    pub actors: Vec<String>,
    /// The segments of the router that it was cut into.
    pub segments: Vec<Place>,
    /// Whether messages carry variables besides the place in the flow.
    pub keeps_variables: bool,
}

/// A call that the flow waits for.
#[derive(Debug, Clone, Serialize)]
pub struct ExplainedCall {
    /// What is called.
    pub calls: Vec<Called>,
    /// The calls run in parallel.
    pub is_parallel: bool,
    /// How many parallel calls there are, when the source tells.
    pub group_size: Option<usize>,
    /// Where parallel calls come together.
    pub join: Option<Called>,
    /// What takes the result: a variable, or the targets of the assignment.
    pub result: Option<String>,
    /// Nothing takes the result.
    pub is_result_dropped: bool,
    /// Where the router makes the call.
    pub places: Vec<Place>,
    /// Where it goes on; `None` when it does not take part in what comes then.
    pub goes_on: Option<Place>,
    /// The actor that comes next without the router in between.
    pub followed_by: Option<String>,
    /// What it costs.
    pub hops: Hops,
    /// The variables that the message carries meanwhile.
    pub carries: Vec<Variable>,
    /// Who catches an error of the call, innermost first.
    pub caught: Vec<Caught>,
}

/// What is called.
#[derive(Debug, Clone, Serialize)]
pub struct Called {
    /// What kind of thing it is.
    pub r#as: CalledAs,
    /// The actor, or the function that runs as a part of the flow.
    pub name: String,
    /// `module.function` or `module.Class.method`.
    pub handler: String,
    /// Whether the call wrapper runs in front of the handler.
    pub is_wrapped: bool,
    /// Why it is called this way.
    pub why: Option<Why>,
    /// How the arguments travel, where the source tells.
    pub arguments: Option<Arguments>,
}

/// What kind of thing is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CalledAs {
    /// An actor.
    Actor,
    /// A function that runs as a part of the flow.
    Part,
    /// The actor where parallel calls come together.
    Join,
}

/// Why a call is made by a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It is awaited.
    Awaited,
    /// A function of the project is called by a whole statement or right-hand side.
    OfProject,
    /// It takes the payload and nothing else.
    TakesPayload,
    /// It is handed to `asyncio.gather`.
    Gathered,
    /// It is an element of a list or comprehension of calls.
    Element,
    /// It is a task of a task group.
    Task,
    /// The function is marked to run as a part of flows.
    Marked,
}

/// How arguments travel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "as", rename_all = "snake_case")]
pub enum Arguments {
    /// The payload travels as it is.
    Payload {
        /// The variable.
        variable: String,
    },
    /// One value travels in the place of the payload.
    Value {
        /// Its text.
        text: String,
    },
    /// Several values travel as `{"args": […], "kwargs": {…}}`.
    Values {
        /// All of them.
        arguments: Vec<Argument>,
    },
    /// They are bound to the parameters of a function that runs as a part of the flow.
    Parameters {
        /// All of them.
        arguments: Vec<Argument>,
    },
}

/// An argument.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Argument {
    /// Its keyword.
    pub keyword: Option<String>,
    /// Its text.
    pub text: String,
}

/// How many messages a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Hops {
    /// Whatever happens.
    pub fixed: usize,
    /// For each of the calls whose number only the run decides.
    pub per_call: usize,
}

/// A variable that a message carries.
#[derive(Debug, Clone, Serialize)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// It is the payload, kept while something else travels in its place.
    pub is_payload: bool,
    /// The compiler made it.
    pub is_made: bool,
    /// It is carried if it is bound.
    pub is_perhaps_unbound: bool,
    /// The lines where it may be read next.
    pub read_in: Vec<usize>,
}

/// Something that catches errors.
#[derive(Debug, Clone, Serialize)]
pub struct Caught {
    /// The line of the `try`, or of the task group.
    pub line: usize,
    /// Its `except` clauses, in order.
    pub clauses: Vec<Clause>,
    /// The line of the first statement of its `finally`.
    pub finally: Option<usize>,
    /// It is a task group: its error is an `ExceptionGroup`.
    pub is_group: bool,
}

/// An `except` clause.
#[derive(Debug, Clone, Serialize)]
pub struct Clause {
    /// Its line.
    pub line: usize,
    /// Its text, without the colon.
    pub text: String,
}
