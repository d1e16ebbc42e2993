//! Names for what the compiler adds to a function: they hide nothing of the flow's own.

use std::collections::{BTreeSet, HashMap};

use super::super::python;

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

    /// Every name given out so far.
    pub(in super::super) fn made(&self) -> BTreeSet<String> {
        self.made.clone()
    }
}

/// Every word of a text: more than the names it uses, never fewer.
pub(in super::super) fn words(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}
