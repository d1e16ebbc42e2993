//! The control-flow graph of a function.

use std::collections::BTreeSet;

use smallvec::{SmallVec, smallvec};

use super::code::{Code, Effect};
use crate::source::Span;

/// A block, by its place in [`Graph::blocks`].
pub type BlockId = usize;

/// Blocks of straight code, connected by what happens at their ends.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    /// All blocks; those nothing leads to are left in place and never visited.
    pub blocks: Vec<Block>,
    /// Where the function starts.
    pub entry: BlockId,
    /// Returning ends the flow, so a last call needs no way back.
    pub is_flow: bool,
    /// A statement that runs as it stands returns, or uses something else that only the full router has.
    pub needs_support: bool,
    /// The message has to carry more than its place in the flow.
    pub is_stateful: bool,
}

/// Statements that run one after the other, and what comes then.
#[derive(Debug, Clone)]
pub struct Block {
    /// Statements without an actor call.
    pub steps: Vec<Step>,
    /// What comes then.
    pub end: End,
    /// Where an error raised in this block goes; `None` when nothing in the function catches it.
    pub catcher: Option<Catcher>,
}

/// Where a caught error goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Catcher {
    /// The block that goes on with the error.
    pub block: BlockId,
    /// The `try` statement, for labels.
    pub span: Span,
}

/// One statement.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its text.
    pub code: Code,
    /// Where it comes from.
    pub span: Span,
    /// What it does to the variables.
    pub effect: Effect,
    /// Only worth its line when this variable is read later.
    pub only_for: Option<Box<str>>,
    /// Only worth its line where this variable may be unbound.
    pub only_unbound: Option<Box<str>>,
    /// The variable it binds to something that cannot travel with a message, and what that is.
    pub binds_object: Option<Box<(String, &'static str)>>,
}

/// How a block ends.
#[derive(Debug, Clone)]
pub enum End {
    /// The block is not finished; after lowering: the end of the function without `return`.
    Open,
    /// Goes on elsewhere.
    Goto(BlockId),
    /// Goes on in one of two places.
    Branch {
        /// The condition.
        test: Box<Step>,
        /// What asks.
        kind: BranchKind,
        /// When true.
        then: BlockId,
        /// When false.
        orelse: BlockId,
    },
    /// Goes on where the first fitting pattern says.
    Match {
        /// What is matched.
        subject: Box<Step>,
        /// In order.
        cases: Vec<MatchCase>,
        /// When no case fits.
        otherwise: BlockId,
    },
    /// Calls actors or a helper and goes on with the result.
    Call {
        /// The call.
        call: Box<Call>,
        /// Where the function goes on.
        next: BlockId,
    },
    /// Ends the function with a value.
    Return(Box<Step>),
    /// The last statement of the block raises.
    Raise,
}

/// A `case` of an [`End::Match`].
#[derive(Debug, Clone)]
pub struct MatchCase {
    /// The pattern, and `if guard`.
    pub head: Step,
    /// Where a fit goes on.
    pub body: BlockId,
}

/// What a branch is in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BranchKind {
    /// `if` or `elif`, or a part of an expression that is not always evaluated.
    If,
    /// The head of a loop.
    Loop,
    /// An `except` clause.
    Except,
    /// What a `finally` goes on with.
    Finally,
}

/// A call that the function waits for.
#[derive(Debug, Clone)]
pub struct Call {
    /// What is called.
    pub callee: Callee,
    /// The whole statement, or the call inside a larger expression.
    pub span: Span,
    /// What the arguments do to the variables.
    pub effect: Effect,
    /// The variable that takes the result.
    pub result: Option<String>,
    /// Variables that are bound here and may be read after the call, sorted.
    pub keeps: Vec<String>,
    /// The same for variables that are not bound on every way to the call.
    pub keeps_perhaps: Vec<String>,
}

/// What a call calls, and with what.
#[derive(Debug, Clone)]
pub enum Callee {
    /// An actor that takes the payload and answers the payload: `p = f(p)`.
    Payload {
        /// What runs in the actor.
        handler: Handler,
        /// The variable that is the payload.
        payload: String,
    },
    /// One call: `call("f")(a, k=b)`.
    One(Code),
    /// Calls that run in parallel: the text of a list of calls.
    All {
        /// The list.
        calls: Code,
        /// What a failing one means.
        failures: Failures,
    },
}

/// What a failing call among parallel ones means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failures {
    /// The first error is raised.
    Raise,
    /// Errors are results: `return_exceptions=True`.
    Return,
    /// All errors are raised together, as a task group does.
    Group,
}

/// The code of an actor: a function, or a method of a class constructed without arguments.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handler {
    /// The dotted module.
    pub module: String,
    /// The class, for a method.
    pub class: Option<String>,
    /// The function or method.
    pub function: String,
}

impl Handler {
    /// The handler `module.function`.
    pub fn function(module: &str, function: &str) -> Self {
        Self { module: module.to_owned(), class: None, function: function.to_owned() }
    }

    /// The handler `module.Class.method`.
    pub fn method(module: &str, class: &str, method: &str) -> Self {
        Self { module: module.to_owned(), class: Some(class.to_owned()), function: method.to_owned() }
    }

    /// `module.function` or `module.Class.method`.
    pub fn dotted(&self) -> String {
        match &self.class {
            Some(class) => format!("{}.{class}.{}", self.module, self.function),
            None => format!("{}.{}", self.module, self.function),
        }
    }
}

impl Step {
    /// A statement of the source as it stands.
    pub fn source(span: Span, effect: Effect) -> Self {
        Self { code: Code::of(span), span, effect, only_for: None, only_unbound: None, binds_object: None }
    }

    /// A statement the compiler makes of the source at `span`.
    pub fn made(code: Code, span: Span, effect: Effect) -> Self {
        Self { code, span, effect, only_for: None, only_unbound: None, binds_object: None }
    }
}

impl Call {
    /// Whether the call is more than `p = f(p)` with nothing else to keep.
    fn needs_state(&self) -> bool {
        !matches!(self.callee, Callee::Payload { .. }) || !self.keeps.is_empty() || !self.keeps_perhaps.is_empty()
    }

    /// The handlers that may run, in the order of the source.
    pub fn handlers(&self) -> Vec<&Handler> {
        match &self.callee {
            Callee::Payload { handler, .. } => vec![handler],
            Callee::One(code) | Callee::All { calls: code, .. } => code.handlers().collect(),
        }
    }
}

impl Block {
    /// Every step of the block, those of its end included.
    pub fn all_steps(&self) -> impl Iterator<Item = &Step> {
        let end: Vec<&Step> = match &self.end {
            End::Branch { test: step, .. } | End::Return(step) => vec![step],
            End::Match { subject, cases, .. } => {
                std::iter::once(&**subject).chain(cases.iter().map(|case| &case.head)).collect()
            }
            End::Open | End::Goto(_) | End::Call { .. } | End::Raise => Vec::new(),
        };
        self.steps.iter().chain(end)
    }

    /// The handlers of every call in the block, also of calls that wait, with their places.
    pub fn handlers(&self) -> Vec<(&Handler, Span)> {
        let mut found: Vec<(&Handler, Span)> =
            self.all_steps().flat_map(|step| step.code.handlers().map(|handler| (handler, step.span))).collect();
        if let End::Call { call, .. } = &self.end {
            found.extend(call.handlers().into_iter().map(|handler| (handler, call.span)));
        }
        found
    }
}

impl Graph {
    /// A new block, open.
    pub fn add(&mut self, catcher: Option<Catcher>) -> BlockId {
        self.blocks.push(Block { steps: Vec::new(), end: End::Open, catcher });
        self.blocks.len() - 1
    }

    /// The blocks that follow `block`, not counting where errors go.
    pub fn successors(&self, block: BlockId) -> SmallVec<[BlockId; 2]> {
        match &self.blocks[block].end {
            End::Goto(next) | End::Call { next, .. } => smallvec![*next],
            End::Branch { then, orelse, .. } => smallvec![*then, *orelse],
            End::Match { cases, otherwise, .. } => cases.iter().map(|case| case.body).chain([*otherwise]).collect(),
            End::Open | End::Return(_) | End::Raise => SmallVec::new(),
        }
    }

    /// Follows empty blocks that only go on elsewhere; a cycle of such blocks ends where it closes.
    pub fn resolve(&self, block: BlockId) -> BlockId {
        let mut at = block;
        for _ in 0..self.blocks.len() {
            match &self.blocks[at] {
                Block { steps, end: End::Goto(next), .. } if steps.is_empty() => at = *next,
                _ => break,
            }
        }
        at
    }

    /// Decides whether the message has to carry more than its place in the flow.
    pub fn settle(&mut self, has_helpers: bool) {
        let needs = |block: &Block| {
            block.catcher.is_some()
                || matches!(&block.end, End::Call { call, .. } if call.needs_state())
                || block.all_steps().any(|step| step.code.handlers().next().is_some())
        };
        self.is_stateful =
            has_helpers || self.needs_support || self.reachable().into_iter().any(|block| needs(&self.blocks[block]));
        self.skip_empty_blocks();
    }

    /// Lets every edge skip empty blocks. In a stateful graph the edge of a call stays: its variables
    /// and errors come in where it leads, and nothing else may.
    fn skip_empty_blocks(&mut self) {
        let resolved: Vec<BlockId> = (0..self.blocks.len()).map(|block| self.resolve(block)).collect();
        for block in &mut self.blocks {
            match &mut block.end {
                End::Call { .. } if self.is_stateful => {}
                End::Goto(next) | End::Call { next, .. } => *next = resolved[*next],
                End::Branch { then, orelse, .. } => {
                    *then = resolved[*then];
                    *orelse = resolved[*orelse];
                }
                End::Match { cases, otherwise, .. } => {
                    cases.iter_mut().for_each(|case| case.body = resolved[case.body]);
                    *otherwise = resolved[*otherwise];
                }
                End::Open | End::Return(_) | End::Raise => {}
            }
        }
        let first = resolved[self.entry];
        // The payload comes in at the entry of a stateful graph: nothing else may lead there either.
        if !self.is_stateful || !self.is_led_to(first) {
            self.entry = first;
        }
    }

    /// Whether a block other than the entry leads to `wanted`, or errors do.
    fn is_led_to(&self, wanted: BlockId) -> bool {
        self.reachable().into_iter().filter(|block| *block != self.entry).any(|block| {
            self.successors(block).contains(&wanted)
                || self.blocks[block].catcher.is_some_and(|catcher| catcher.block == wanted)
        })
    }

    /// The blocks that can be reached from the entry, also through errors, in the order a reader
    /// meets them.
    pub fn reachable(&self) -> Vec<BlockId> {
        let mut seen = vec![false; self.blocks.len()];
        let mut order = Vec::new();
        let mut open = vec![self.entry];
        while let Some(block) = open.pop() {
            if std::mem::replace(&mut seen[block], true) {
                continue;
            }
            order.push(block);
            open.extend(self.blocks[block].catcher.map(|catcher| catcher.block));
            open.extend(self.successors(block).into_iter().rev());
        }
        order
    }

    /// Whether calls run in parallel.
    pub fn has_parallel_calls(&self) -> bool {
        let is_parallel =
            |end: &End| matches!(end, End::Call { call, .. } if matches!(call.callee, Callee::All { .. }));
        // Most flows have none, also in what cannot be reached.
        self.blocks.iter().any(|block| is_parallel(&block.end))
            && self.reachable().into_iter().any(|block| is_parallel(&self.blocks[block].end))
    }

    /// Whether errors are caught.
    pub fn catches(&self) -> bool {
        self.blocks.iter().any(|block| block.catcher.is_some())
            && self.reachable().into_iter().any(|block| self.blocks[block].catcher.is_some())
    }

    /// The handlers that are called in a way that needs the call wrapper: on values, in parallel, or
    /// where an error is caught.
    pub fn wrapped_handlers(&self) -> BTreeSet<&Handler> {
        let mut wrapped = BTreeSet::new();
        for block in self.reachable().into_iter().map(|block| &self.blocks[block]) {
            wrapped.extend(block.all_steps().flat_map(|step| step.code.handlers()));
            if let End::Call { call, .. } = &block.end
                && (block.catcher.is_some() || !matches!(call.callee, Callee::Payload { .. }))
            {
                wrapped.extend(call.handlers());
            }
        }
        wrapped
    }
}
