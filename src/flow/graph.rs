//! The control-flow graph of a flow.

use crate::source::Span;

/// A block, by its place in [`Graph::blocks`].
pub type BlockId = usize;

/// Blocks of straight code, connected by what happens at their ends.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    /// All blocks; those nothing leads to are left in place and never visited.
    pub blocks: Vec<Block>,
    /// Where the flow starts.
    pub entry: BlockId,
}

/// Statements that run one after the other, and what comes then.
#[derive(Debug, Clone)]
pub struct Block {
    /// Statements without an actor call, as they stand in the source.
    pub statements: Vec<Span>,
    /// What comes then.
    pub end: End,
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
        test: Span,
        /// What asks.
        kind: BranchKind,
        /// When true.
        then: BlockId,
        /// When false.
        orelse: BlockId,
    },
    /// Calls an actor with the payload; its result is the payload of `next`.
    Call {
        /// The call.
        call: Call,
        /// Where the flow goes on.
        next: BlockId,
    },
    /// Ends the flow with the payload.
    Return(Span),
    /// The last statement of the block raises.
    Raise,
}

/// What a branch is in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BranchKind {
    /// `if` or `elif`.
    If,
    /// The head of a `while`.
    While,
}

/// An actor call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// What runs in the actor.
    pub handler: Handler,
    /// The whole statement.
    pub span: Span,
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

impl Graph {
    /// A new block, open.
    pub fn add(&mut self) -> BlockId {
        self.blocks.push(Block { statements: Vec::new(), end: End::Open });
        self.blocks.len() - 1
    }

    /// The blocks that follow `block`.
    pub fn successors(&self, block: BlockId) -> Vec<BlockId> {
        match &self.blocks[block].end {
            End::Goto(next) | End::Call { next, .. } => vec![*next],
            End::Branch { then, orelse, .. } => vec![*then, *orelse],
            End::Open | End::Return(_) | End::Raise => Vec::new(),
        }
    }

    /// Follows empty blocks that only go on elsewhere; a cycle of such blocks ends where it closes.
    pub fn resolve(&self, block: BlockId) -> BlockId {
        let mut at = block;
        for _ in 0..self.blocks.len() {
            match &self.blocks[at] {
                Block { statements, end: End::Goto(next) } if statements.is_empty() => at = *next,
                _ => break,
            }
        }
        at
    }

    /// Lets every edge skip empty blocks.
    pub fn skip_empty_blocks(&mut self) {
        let resolved: Vec<BlockId> = (0..self.blocks.len()).map(|block| self.resolve(block)).collect();
        for block in &mut self.blocks {
            match &mut block.end {
                End::Goto(next) | End::Call { next, .. } => *next = resolved[*next],
                End::Branch { then, orelse, .. } => {
                    *then = resolved[*then];
                    *orelse = resolved[*orelse];
                }
                End::Open | End::Return(_) | End::Raise => {}
            }
        }
        self.entry = resolved[self.entry];
    }

    /// The blocks that can be reached from the entry, in the order a reader meets them.
    pub fn reachable(&self) -> Vec<BlockId> {
        let mut seen = vec![false; self.blocks.len()];
        let mut order = Vec::new();
        let mut open = vec![self.entry];
        while let Some(block) = open.pop() {
            if std::mem::replace(&mut seen[block], true) {
                continue;
            }
            order.push(block);
            open.extend(self.successors(block).into_iter().rev());
        }
        order
    }
}
