//! Names for what the compiler adds to a function: they hide nothing of the flow's own.

use std::collections::{BTreeSet, HashMap};

use super::super::python;
use super::Lowering;

/// Gives out names that are used nowhere else.
pub(in super::super) struct FreshNames {
    taken: BTreeSet<String>,
    made: BTreeSet<String>,
    /// The last number behind each word that was wanted more than once.
    numbers: HashMap<String, usize>,
}

impl FreshNames {
    /// Names that are not among `taken`, which holds every word of the module.
    pub(in super::super) fn new(taken: BTreeSet<String>) -> Self {
        Self { taken, made: BTreeSet::new(), numbers: HashMap::new() }
    }

    /// `wanted`, or `wanted_2`, `wanted_3`, … when that is taken.
    pub(in super::super) fn make(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        if self.taken.contains(&name) || python::is_builtin(&name) {
            let number = self.numbers.entry(name).or_insert(1);
            loop {
                *number += 1;
                name = format!("{wanted}_{number}");
                if !self.taken.contains(&name) && !python::is_builtin(&name) {
                    break;
                }
            }
        }
        self.taken.insert(name.clone());
        self.made.insert(name.clone());
        name
    }

    /// Adds names that are taken.
    pub(in super::super) fn take(&mut self, taken: BTreeSet<String>) {
        self.taken.extend(taken);
    }

    /// Whether a name was given out.
    pub(in super::super) fn has_made(&self, name: &str) -> bool {
        self.made.contains(name)
    }

    /// Every name given out so far.
    pub(in super::super) fn made(&self) -> BTreeSet<String> {
        self.made.clone()
    }
}

/// Every word of a text: more than the names it uses, never fewer.
pub(in super::super) fn words(text: &str) -> BTreeSet<String> {
    let mut words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    words.sort_unstable();
    words.dedup();
    words.into_iter().filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// What the router calls its own things: names that hide nothing of the flow's.
#[derive(Debug, Clone)]
pub struct RouterNames {
    /// The result of a call, where the router goes on.
    pub result: String,
    /// The error it caught.
    pub error: String,
    /// Makes a call that waits: `call("actor")(a, k=b)`.
    pub call: String,
    /// Makes a call of a helper that waits.
    pub helper: String,
    /// Ends a function with a value.
    pub done: String,
    /// What a loop goes over, as something with a length and an index.
    pub items: String,
    /// Whether an error is of a class the router does not have.
    pub is_a: String,
    /// Adds a call to a task group.
    pub task: String,
    /// Gives the tasks of a group their results.
    pub finish: String,
    /// Waits some seconds.
    pub sleep: String,
    /// The module of Python's builtins, for those that the flow gives another meaning.
    pub builtins: String,
}

impl RouterNames {
    /// Names that are free.
    pub(in crate::flow) fn new(fresh: &mut FreshNames) -> Self {
        let mut make = |name| fresh.make(name);
        Self {
            result: make("result"),
            error: make("error"),
            call: make("call"),
            helper: make("run"),
            done: make("done"),
            items: make("items"),
            is_a: make("is_a"),
            task: make("task"),
            finish: make("finish"),
            sleep: make("sleep"),
            builtins: make("_builtins"),
        }
    }

    /// Every one of them.
    pub(in crate::flow) fn all(&self) -> [&str; 11] {
        let Self { result, error, call, helper, done, items, is_a, task, finish, sleep, builtins } = self;
        [result, error, call, helper, done, items, is_a, task, finish, sleep, builtins].map(String::as_str)
    }
}

impl Lowering<'_, '_> {
    /// Whether nothing of the flow or its module has the name of a builtin.
    pub(super) fn is_builtin(&self, name: &str) -> bool {
        !self.locals.contains(name) && self.around.scope.get(name).is_none()
    }

    /// A builtin, whatever the flow calls by its name.
    pub(super) fn builtin(&self, name: &str) -> String {
        if self.is_builtin(name) { name.to_owned() } else { format!("{}.{name}", self.around.names.builtins) }
    }
}
