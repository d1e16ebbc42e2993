//! Calls as tasks: how each stands, what came of it, who wants to hear of it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use serde_json::value::RawValue;

use crate::local::stop::Stop;
use crate::local::{RawJson, Route};

/// Tasks that are remembered; the oldest ones that are over are forgotten first.
const TASKS_MAX: usize = 1000;
/// What is kept for streams that begin late, for each task.
const UPDATES_MAX: usize = 10_000;

/// How a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It waits for a place.
    Pending,
    /// It is under way.
    Running,
    Succeeded,
    Failed,
    Canceled,
    /// It was never begun.
    Rejected,
}

impl State {
    /// The platform's word.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Rejected => "rejected",
        }
    }

    /// The word of A2A.
    pub(super) fn a2a(self) -> &'static str {
        match self {
            Self::Pending => "submitted",
            Self::Running => "working",
            Self::Succeeded => "completed",
            other => other.name(),
        }
    }

    /// Nothing comes after it.
    pub(super) fn is_over(self) -> bool {
        !matches!(self, Self::Pending | Self::Running)
    }
}

/// One thing that happened to a task.
#[derive(Debug, Clone)]
pub(super) enum Update {
    /// It stands differently.
    State(State),
    /// An actor has done its part.
    Hop(String),
    /// A handler streamed a value to the caller.
    Partial(RawJson),
}

/// A call.
pub(super) struct Task {
    pub(super) id: String,
    pub(super) context_id: String,
    /// The name that was called.
    pub(super) flow: String,
    /// What the caller can read; nothing means everything.
    pub(super) accepted: Vec<String>,
    pub(super) created: SystemTime,
    pub(super) stop: Stop,
    now: Mutex<Now>,
    changed: tokio::sync::watch::Sender<()>,
}

/// How a task stands at the moment.
#[derive(Debug, Clone)]
pub(super) struct Now {
    pub(super) state: State,
    pub(super) since: SystemTime,
    pub(super) route: Route,
    pub(super) actors_total: usize,
    /// The value it came to.
    pub(super) result: Option<RawJson>,
    /// Why it failed, in words.
    pub(super) reason: Option<String>,
    pub(super) history: Vec<Box<RawValue>>,
    updates: Vec<Update>,
}

impl Now {
    /// How many updates led here.
    pub(super) fn seen(&self) -> usize {
        self.updates.len()
    }
}

impl Task {
    pub(super) fn new(flow: &str, context_id: Option<String>) -> Self {
        let now = SystemTime::now();
        Self {
            id: new_id(),
            context_id: context_id.unwrap_or_else(new_id),
            flow: flow.to_owned(),
            accepted: Vec::new(),
            created: now,
            stop: Stop::default(),
            now: Mutex::new(Now {
                state: State::Pending,
                since: now,
                route: Route::default(),
                actors_total: 0,
                result: None,
                reason: None,
                history: Vec::new(),
                updates: Vec::new(),
            }),
            changed: tokio::sync::watch::channel(()).0,
        }
    }

    /// Changes it and tells those who listen.
    pub(super) fn update(&self, update: Update, change: impl FnOnce(&mut Now)) {
        {
            let mut now = self.lock();
            if let Update::State(state) = update {
                if now.state.is_over() {
                    return;
                }
                now.state = state;
                now.since = SystemTime::now();
            }
            change(&mut now);
            if now.updates.len() < UPDATES_MAX || matches!(update, Update::State(_)) {
                now.updates.push(update);
            }
        }
        self.changed.send_replace(());
    }

    /// How it stands.
    pub(super) fn now(&self) -> Now {
        self.lock().clone()
    }

    pub(super) fn state(&self) -> State {
        self.lock().state
    }

    /// What happened since the first `seen` updates, as soon as there is something; nothing when the
    /// task is over and all was seen.
    pub(super) async fn after(&self, seen: usize) -> Vec<Update> {
        let mut changed = self.changed.subscribe();
        loop {
            {
                let now = self.lock();
                if let Some(news) = now.updates.get(seen..)
                    && (!news.is_empty() || now.state.is_over())
                {
                    return news.to_vec();
                }
            }
            if changed.changed().await.is_err() {
                return Vec::new();
            }
        }
    }

    /// Waits until it is over.
    pub(super) async fn over(&self) {
        let mut changed = self.changed.subscribe();
        while !self.state().is_over() && changed.changed().await.is_ok() {}
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All tasks, oldest first.
#[derive(Default)]
pub(super) struct Tasks(Mutex<VecDeque<Arc<Task>>>);

impl Tasks {
    pub(super) fn add(&self, task: Task) -> Arc<Task> {
        let task = Arc::new(task);
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tasks.len() >= TASKS_MAX
            && let Some(at) = tasks.iter().position(|task| task.state().is_over())
        {
            tasks.remove(at);
        }
        tasks.push_back(Arc::clone(&task));
        task
    }

    pub(super) fn get(&self, id: &str) -> Option<Arc<Task>> {
        let tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.iter().find(|task| task.id == id).cloned()
    }

    /// All, newest first.
    pub(super) fn all(&self) -> Vec<Arc<Task>> {
        let tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.iter().rev().cloned().collect()
    }
}

/// A random UUID (version 4).
pub(super) fn new_id() -> String {
    let mut bytes = [0_u8; 16];
    // Where the system gives none, what protects hash maps has to do.
    if rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty()).is_err() {
        use std::hash::{BuildHasher, Hasher};
        for half in bytes.chunks_mut(8) {
            let random = std::collections::hash_map::RandomState::new().build_hasher().finish().to_le_bytes();
            half.copy_from_slice(&random);
        }
    }
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    #[test]
    fn ids_are_uuids_and_differ() {
        let (one, two) = (super::new_id(), super::new_id());
        assert_eq!((one.len(), &one[14..15], one == two), (36, "4", false), "{one} {two}");
    }
}
