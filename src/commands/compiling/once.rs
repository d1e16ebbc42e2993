//! What several threads need is made by the first of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Values by key, each made once.
pub(in crate::commands) struct Once<K, V> {
    cells: Mutex<BTreeMap<K, Arc<OnceLock<Arc<V>>>>>,
}

impl<K, V> Default for Once<K, V> {
    fn default() -> Self {
        Self { cells: Mutex::new(BTreeMap::new()) }
    }
}

impl<K: Ord, V> Once<K, V> {
    /// Forgets all values; who holds one keeps it.
    pub(in crate::commands) fn clear(&self) {
        self.cells.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The value of `key`; other keys are not held up while it is being made.
    pub(in crate::commands) fn get(&self, key: K, make: impl FnOnce() -> V) -> Arc<V> {
        let cell = {
            let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(cells.entry(key).or_default())
        };
        Arc::clone(cell.get_or_init(|| Arc::new(make())))
    }
}
