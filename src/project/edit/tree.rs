//! A change at a path of keys, done in a tree of values.

use crate::project::yaml::{Entry, Node, Value};

/// What is done at a path.
#[derive(Clone, Copy)]
pub(in crate::project) enum Operation<'a> {
    /// The value stands there afterwards, instead of what did.
    Set(&'a Value),
    /// The list there has the value for its last item; it is made where there is none.
    Add(&'a Value),
    /// Nothing stands there afterwards, and items of a list move up.
    Remove,
}

/// What stands where something else would have to.
pub(in crate::project) enum Obstacle {
    /// Neither a mapping nor nothing, where keys are to be.
    Value(Node),
    /// A list that has no such item; how many it has.
    Item { list: Node, items: usize },
}

/// Does `operation` in a tree; answers whether that changes anything.
pub(super) fn change(node: &mut Node, path: &[String], operation: Operation<'_>) -> Result<bool, Box<Obstacle>> {
    let Some((key, rest)) = path.split_first() else {
        return match (operation, &mut node.value) {
            (Operation::Set(value), known) if known == value => Ok(false),
            (Operation::Set(value), known) => {
                *known = value.clone();
                Ok(true)
            }
            (Operation::Add(value), Value::List(items)) => {
                items.push(Node { value: value.clone(), origin: node.origin.clone() });
                Ok(true)
            }
            (Operation::Add(value), known @ Value::Null) => {
                *known = Value::List(vec![Node { value: value.clone(), origin: node.origin.clone() }]);
                Ok(true)
            }
            (Operation::Add(_), _) => Err(Box::new(Obstacle::Value(node.clone()))),
            // The one who has it in a mapping or a list takes it out there.
            (Operation::Remove, _) => Ok(false),
        };
    };
    let is_last_of_removal = rest.is_empty() && matches!(operation, Operation::Remove);
    let origin = node.origin.clone();
    if node.value == Value::Null && !matches!(operation, Operation::Remove) {
        node.value = Value::Map(Vec::new());
    }
    let shown = node.clone();
    match &mut node.value {
        Value::Map(entries) => {
            if is_last_of_removal {
                let before = entries.len();
                entries.retain(|entry| entry.key != *key);
                return Ok(entries.len() != before);
            }
            if let Some(entry) = entries.iter_mut().find(|entry| entry.key == *key) {
                return change(&mut entry.node, rest, operation);
            }
            if matches!(operation, Operation::Remove) {
                return Ok(false);
            }
            let mut new = Node { value: Value::Null, origin: origin.clone() };
            change(&mut new, rest, operation)?;
            entries.push(Entry { key: key.clone(), at: origin, node: new });
            Ok(true)
        }
        Value::List(items) => {
            let count = items.len();
            let missing = || Box::new(Obstacle::Item { list: shown.clone(), items: count });
            let at = key.parse::<usize>().ok().filter(|at| *at < count).ok_or_else(missing)?;
            if is_last_of_removal {
                items.remove(at);
                return Ok(true);
            }
            items.get_mut(at).map_or(Ok(false), |item| change(item, rest, operation))
        }
        _ if matches!(operation, Operation::Remove) => Ok(false),
        _ => Err(Box::new(Obstacle::Value(shown))),
    }
}
