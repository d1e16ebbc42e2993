//! Sets of variables. A flow has four for each of its statements, nearly all of them with none to
//! three names, for which a tree takes ten times the memory.

use std::collections::BTreeSet;

/// More names than this are kept in a tree.
const FEW: usize = 8;

/// Names, sorted, each once.
#[derive(Debug, Clone)]
pub struct NameSet(Kept);

#[derive(Debug, Clone)]
enum Kept {
    /// Sorted.
    Few(Vec<String>),
    #[expect(clippy::box_collection, reason = "a set of few names is to be no larger than a vector")]
    Many(Box<BTreeSet<String>>),
}

impl Default for NameSet {
    fn default() -> Self {
        Self(Kept::Few(Vec::new()))
    }
}

impl NameSet {
    /// How many names there are.
    pub fn len(&self) -> usize {
        match &self.0 {
            Kept::Few(names) => names.len(),
            Kept::Many(names) => names.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether `name` is among them.
    pub fn contains(&self, name: &str) -> bool {
        match &self.0 {
            Kept::Few(names) => names.iter().any(|other| other == name),
            Kept::Many(names) => names.contains(name),
        }
    }

    /// Adds `name`.
    pub fn insert(&mut self, name: String) {
        match &mut self.0 {
            Kept::Few(names) => {
                let Err(place) = names.binary_search(&name) else { return };
                if names.len() == FEW {
                    let mut many: BTreeSet<String> = std::mem::take(names).into_iter().collect();
                    many.insert(name);
                    self.0 = Kept::Many(Box::new(many));
                } else {
                    names.reserve_exact(1);
                    names.insert(place, name);
                }
            }
            Kept::Many(names) => {
                names.insert(name);
            }
        }
    }

    /// Takes `name` out.
    pub fn remove(&mut self, name: &str) {
        match &mut self.0 {
            Kept::Few(names) => names.retain(|other| other != name),
            Kept::Many(names) => {
                names.remove(name);
            }
        }
    }

    /// Keeps the names for which `keep` says so.
    pub fn retain(&mut self, keep: impl FnMut(&String) -> bool) {
        match &mut self.0 {
            Kept::Few(names) => names.retain(keep),
            Kept::Many(names) => names.retain(keep),
        }
    }

    /// The names in order.
    pub fn iter(&self) -> impl Iterator<Item = &String> {
        let (few, many) = match &self.0 {
            Kept::Few(names) => (Some(names), None),
            Kept::Many(names) => (None, Some(names)),
        };
        few.into_iter().flatten().chain(many.into_iter().flat_map(|names| names.iter()))
    }
}

impl PartialEq for NameSet {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for NameSet {}

impl Extend<String> for NameSet {
    fn extend<I: IntoIterator<Item = String>>(&mut self, names: I) {
        names.into_iter().for_each(|name| self.insert(name));
    }
}

impl FromIterator<String> for NameSet {
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        let mut set = Self::default();
        set.extend(names);
        set
    }
}

impl IntoIterator for NameSet {
    type Item = String;
    type IntoIter = Box<dyn Iterator<Item = String>>;

    fn into_iter(self) -> Self::IntoIter {
        match self.0 {
            Kept::Few(names) => Box::new(names.into_iter()),
            Kept::Many(names) => Box::new(names.into_iter()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_a_tree_of_names() {
        let (mut set, mut tree) = (NameSet::default(), BTreeSet::new());
        let mut state = 1_u32;
        for _ in 0..2_000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let name = format!("n{}", (state >> 8) % 20);
            // Phases of growing and of shrinking, through both ways of keeping.
            if (state >> 16) % 4 < if tree.len() < 14 { 3 } else { 1 } {
                set.insert(name.clone());
                tree.insert(name);
            } else {
                set.remove(&name);
                tree.remove(&name);
            }
            assert!(set.iter().eq(tree.iter()));
            assert_eq!((set.len(), set.is_empty()), (tree.len(), tree.is_empty()));
            assert!((0..20).map(|at| format!("n{at}")).all(|name| set.contains(&name) == tree.contains(&name)));
            assert_eq!(set, tree.iter().cloned().collect());
        }
        set.retain(|name| name.ends_with('1'));
        tree.retain(|name| name.ends_with('1'));
        assert!(set.into_iter().eq(tree));
    }
}
