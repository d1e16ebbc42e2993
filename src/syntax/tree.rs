//! The tree: Python's statements and expressions, each with its span in the source.

use super::walk::Parts;
use crate::source::Span;

/// A parsed file.
#[derive(Debug, Clone, Default)]
pub struct Module {
    /// Top-level statements.
    pub body: Vec<Stmt>,
    /// Comments, `#` included, in order.
    pub comments: Vec<Span>,
    /// String tokens (and parts of f-strings) that go over a line break; their inner lines must
    /// not be re-indented.
    pub long_strings: Vec<Span>,
}

/// A name with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identifier {
    /// The name.
    pub name: String,
    /// Where it stands.
    pub span: Span,
}

/// A statement.
#[derive(Debug, Clone)]
pub struct Stmt {
    /// From its first to its last character, without trailing comment.
    pub span: Span,
    /// What it is.
    pub kind: StmtKind,
}

/// The kinds of statements.
#[derive(Debug, Clone)]
pub enum StmtKind {
    /// `def` or `async def`.
    Function(Box<Function>),
    /// `class`.
    Class(Box<Class>),
    /// `return [value]`.
    Return(Option<Expr>),
    /// `del targets`.
    Delete(Vec<Expr>),
    /// `a = b = value`.
    Assign {
        /// One entry an equals sign.
        targets: Vec<Expr>,
        /// The right-hand side.
        value: Expr,
    },
    /// `target op= value`.
    AugAssign {
        /// The left-hand side.
        target: Expr,
        /// The right-hand side.
        value: Expr,
    },
    /// `target: annotation [= value]`.
    AnnAssign {
        /// The left-hand side.
        target: Expr,
        /// The annotation.
        annotation: Expr,
        /// The right-hand side.
        value: Option<Expr>,
    },
    /// `for` or `async for`.
    For {
        /// `async for`.
        is_async: bool,
        /// The loop variable.
        target: Expr,
        /// What is iterated over.
        iterable: Expr,
        /// The loop body.
        body: Vec<Stmt>,
        /// The `else` part.
        orelse: Vec<Stmt>,
    },
    /// `while`.
    While {
        /// The condition.
        test: Expr,
        /// The loop body.
        body: Vec<Stmt>,
        /// The `else` part.
        orelse: Vec<Stmt>,
    },
    /// `if … elif … else`.
    If {
        /// The `if` and every `elif`.
        branches: Vec<Branch>,
        /// The `else` part.
        orelse: Vec<Stmt>,
    },
    /// `with` or `async with`.
    With {
        /// `async with`.
        is_async: bool,
        /// The managers, with their `as` targets.
        items: Vec<(Expr, Option<Expr>)>,
        /// The block.
        body: Vec<Stmt>,
    },
    /// `match`.
    Match {
        /// What is matched.
        subject: Expr,
        /// The cases.
        cases: Vec<Case>,
    },
    /// `raise [exception [from cause]]`.
    Raise {
        /// The exception.
        exception: Option<Expr>,
        /// After `from`.
        cause: Option<Expr>,
    },
    /// `try`.
    Try {
        /// The protected block.
        body: Vec<Stmt>,
        /// The `except` clauses.
        handlers: Vec<Handler>,
        /// The `else` part.
        orelse: Vec<Stmt>,
        /// The `finally` part.
        finalbody: Vec<Stmt>,
        /// `except*`.
        is_star: bool,
    },
    /// `assert test[, message]`.
    Assert {
        /// The condition.
        test: Expr,
        /// The message.
        message: Option<Expr>,
    },
    /// `import a.b as c, d`.
    Import(Vec<Alias>),
    /// `from module import a as b`.
    ImportFrom {
        /// The module; `None` for `from . import a`.
        module: Option<String>,
        /// Number of leading dots.
        level: u32,
        /// The names; `*` is a name here.
        names: Vec<Alias>,
    },
    /// `global`.
    Global(Vec<Identifier>),
    /// `nonlocal`.
    Nonlocal(Vec<Identifier>),
    /// An expression on its own.
    Expr(Expr),
    /// `type X = …`.
    TypeAlias(Expr),
    /// `pass`.
    Pass,
    /// `break`.
    Break,
    /// `continue`.
    Continue,
}

impl StmtKind {
    /// What a person calls it, for messages: "a `for` loop".
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Function(_) => "a nested function",
            Self::Class(_) => "a nested class",
            Self::Return(_) => "`return`",
            Self::Delete(_) => "`del`",
            Self::Assign { .. } => "an assignment",
            Self::AugAssign { .. } => "an augmented assignment",
            Self::AnnAssign { .. } => "an annotated assignment",
            Self::For { is_async: false, .. } => "a `for` loop",
            Self::For { is_async: true, .. } => "an `async for` loop",
            Self::While { .. } => "a `while` loop",
            Self::If { .. } => "an `if`",
            Self::With { is_async: false, .. } => "a `with` block",
            Self::With { is_async: true, .. } => "an `async with` block",
            Self::Match { .. } => "a `match`",
            Self::Raise { .. } => "`raise`",
            Self::Try { .. } => "a `try` block",
            Self::Assert { .. } => "an `assert`",
            Self::Import(_) | Self::ImportFrom { .. } => "an import inside the flow",
            Self::Global(_) => "`global`",
            Self::Nonlocal(_) => "`nonlocal`",
            Self::Expr(_) => "an expression",
            Self::TypeAlias(_) => "a `type` statement",
            Self::Pass => "`pass`",
            Self::Break => "`break`",
            Self::Continue => "`continue`",
        }
    }
}

/// `if test:` or `elif test:` with its block.
#[derive(Debug, Clone)]
pub struct Branch {
    /// The condition.
    pub test: Expr,
    /// The block.
    pub body: Vec<Stmt>,
}

/// A `case` of a `match`.
#[derive(Debug, Clone)]
pub struct Case {
    /// Where the pattern stands.
    pub pattern: Span,
    /// The names the pattern binds, in source order.
    pub captures: Vec<Identifier>,
    /// The values and classes the pattern compares with: `Color.RED`, `Point`.
    pub values: Vec<Expr>,
    /// The condition after `if`.
    pub guard: Option<Expr>,
    /// The block.
    pub body: Vec<Stmt>,
}

/// An `except` clause.
#[derive(Debug, Clone)]
pub struct Handler {
    /// The whole clause.
    pub span: Span,
    /// The exception types.
    pub exception: Option<Expr>,
    /// After `as`.
    pub name: Option<Identifier>,
    /// The block.
    pub body: Vec<Stmt>,
}

/// `name as alias` in an import.
#[derive(Debug, Clone)]
pub struct Alias {
    /// The dotted name.
    pub name: String,
    /// After `as`.
    pub alias: Option<String>,
    /// Where it stands.
    pub span: Span,
}

/// A function definition.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its name.
    pub name: Identifier,
    /// `async def`.
    pub is_async: bool,
    /// Decorators, outermost first.
    pub decorators: Vec<Expr>,
    /// Parameters.
    pub parameters: Parameters,
    /// After `->`.
    pub returns: Option<Expr>,
    /// The block.
    pub body: Vec<Stmt>,
    /// From `def` (or `async`) to the colon.
    pub signature: Span,
}

/// A class definition.
#[derive(Debug, Clone)]
pub struct Class {
    /// Its name.
    pub name: Identifier,
    /// Decorators.
    pub decorators: Vec<Expr>,
    /// Base classes and keywords.
    pub arguments: Vec<Argument>,
    /// The block.
    pub body: Vec<Stmt>,
}

/// The parameters of a function or lambda.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    /// The whole list.
    pub span: Option<Span>,
    /// Positional parameters, positional-only ones first.
    pub positional: Vec<Parameter>,
    /// How many of them cannot be given by name.
    pub positional_only: usize,
    /// `*args`.
    pub variadic: Option<Identifier>,
    /// After `*`.
    pub keyword_only: Vec<Parameter>,
    /// `**kwargs`.
    pub keywords: Option<Identifier>,
}

/// One parameter.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name.
    pub name: Identifier,
    /// Its annotation.
    pub annotation: Option<Expr>,
    /// Its default.
    pub default: Option<Expr>,
}

/// One argument of a call.
#[derive(Debug, Clone)]
pub struct Argument {
    /// `name=`; `None` for positional, `*` and `**` arguments.
    pub keyword: Option<Identifier>,
    /// `**value`.
    pub is_double_starred: bool,
    /// The value; `*value` is an [`ExprKind::Starred`].
    pub value: Expr,
}

/// An expression.
#[derive(Debug, Clone)]
pub struct Expr {
    /// From its first to its last character, without enclosing parentheses.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

/// The kinds of expressions.
#[derive(Debug, Clone)]
pub enum ExprKind {
    /// A name.
    Name(String),
    /// A literal.
    Literal(Literal),
    /// `value.attribute`.
    Attribute {
        /// Left of the dot.
        value: Box<Expr>,
        /// Right of the dot.
        attribute: Identifier,
    },
    /// `value[index]`.
    Subscript {
        /// Left of the bracket.
        value: Box<Expr>,
        /// Inside the brackets.
        index: Box<Expr>,
    },
    /// `callee(arguments)`.
    Call {
        /// What is called.
        callee: Box<Expr>,
        /// In source order.
        arguments: Vec<Argument>,
    },
    /// `await value`.
    Await(Box<Expr>),
    /// `(a, b)`, `[a, b]`, `{a, b}`.
    Sequence {
        /// Which brackets.
        kind: SequenceKind,
        /// The elements.
        items: Vec<Expr>,
    },
    /// `{key: value, **other}`; `None` for `**other`.
    Dict(Vec<(Option<Expr>, Expr)>),
    /// `lambda parameters: body`.
    Lambda {
        /// Its parameters.
        parameters: Box<Parameters>,
        /// Its body.
        body: Box<Expr>,
    },
    /// A comprehension or generator expression.
    Comprehension {
        /// What it makes.
        kind: ComprehensionKind,
        /// The element; key and value for a dict comprehension.
        elements: Vec<Expr>,
        /// The `for` clauses.
        clauses: Vec<Clause>,
    },
    /// `target := value`.
    Named {
        /// The name.
        target: Box<Expr>,
        /// The value.
        value: Box<Expr>,
    },
    /// `body if test else orelse`.
    Conditional {
        /// The condition.
        test: Box<Expr>,
        /// When true.
        body: Box<Expr>,
        /// When false.
        orelse: Box<Expr>,
    },
    /// `a and b and c`, `a or b`: evaluated until decided.
    BoolOp(Vec<Expr>),
    /// `a < b < c`, `a in b`: evaluated until decided, the first two always.
    Comparison {
        /// What is compared.
        operands: Vec<Expr>,
        /// Just `a in b` or `a not in b`.
        is_membership: bool,
    },
    /// Any other operator, slice or f-string: its operands in order of evaluation.
    Operation(Vec<Expr>),
    /// `*value`.
    Starred(Box<Expr>),
    /// `yield` and `yield from`.
    Yield(Option<Box<Expr>>),
}

/// The brackets of a sequence display.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SequenceKind {
    /// `(a, b)` or `a, b`.
    Tuple,
    /// `[a, b]`.
    List,
    /// `{a, b}`.
    Set,
}

/// What a comprehension makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComprehensionKind {
    /// `[… for …]`.
    List,
    /// `{… for …}`.
    Set,
    /// `{…: … for …}`.
    Dict,
    /// `(… for …)`.
    Generator,
}

/// A `for … in … if …` clause of a comprehension.
#[derive(Debug, Clone)]
pub struct Clause {
    /// `async for`.
    pub is_async: bool,
    /// What is bound.
    pub target: Expr,
    /// What is iterated over.
    pub iterable: Expr,
    /// The conditions.
    pub conditions: Vec<Expr>,
}

/// A literal.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// An integer that fits, else `None`; with its minus sign.
    Int(Option<i64>),
    /// A float, with its minus sign.
    Float(f64),
    /// A complex number.
    Complex,
    /// A string, its parts joined.
    Str(String),
    /// Bytes.
    Bytes,
    /// `...`.
    Ellipsis,
}

/// A chain of more names is no path of packages and modules, and every part of it is asked for its own.
const MAX_PARTS: usize = 100;

impl Expr {
    /// The name, when the expression is just a name.
    pub fn as_name(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::Name(name) => Some(name),
            _ => None,
        }
    }

    /// Whether it is just the name `name`.
    pub fn is_name(&self, name: &str) -> bool {
        self.as_name() == Some(name)
    }

    /// The expression under `await`, or the expression itself; and whether there was an `await`.
    pub fn awaited(&self) -> (&Self, bool) {
        match &self.kind {
            ExprKind::Await(value) => (value, true),
            _ => (self, false),
        }
    }

    /// `["a", "b", "c"]` for `a.b.c`; `None` when the root is no name.
    pub fn dotted(&self) -> Option<Parts<'_, str>> {
        let mut parts = Parts::new();
        let mut expr = self;
        loop {
            match &expr.kind {
                ExprKind::Name(name) => {
                    parts.push(name.as_str());
                    parts.reverse();
                    return Some(parts);
                }
                ExprKind::Attribute { value, attribute } if parts.len() < MAX_PARTS => {
                    parts.push(attribute.name.as_str());
                    expr = value;
                }
                _ => return None,
            }
        }
    }

    /// The expression a chain of subscripts, attributes and calls starts from: `p` in
    /// `p["a"].append(1)`.
    pub fn root(&self) -> &Self {
        let mut expr = self;
        loop {
            match &expr.kind {
                ExprKind::Attribute { value, .. } | ExprKind::Subscript { value, .. } => expr = value,
                ExprKind::Call { callee, .. } => expr = callee,
                _ => return expr,
            }
        }
    }
}
