//! What the gateway serves: the flows of the applied state, read again whenever a file changes.
//!
//! One refused file leaves its flow as it was, and the others alone.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::error::Result;
use crate::event::Event;
use crate::names::FlowName;
use crate::wire::flow_file::Flow;

use super::ServeSettings;
use super::pool::Pool;
use crate::local::applied::{Applied, Stamp, stamps};

/// A flow that is called by its name.
#[derive(Clone)]
pub(super) struct Served {
    /// Its entry in a flow file.
    pub(super) flow: Flow,
    /// The actor that its messages begin at.
    pub(super) entrypoint: String,
    /// The actors behind it.
    pub(super) route_next: Vec<String>,
    /// Who does the work.
    pub(super) pool: Arc<Pool>,
}

/// A file of the applied state.
struct Loaded {
    stamp: Stamp,
    /// What was read last without a problem.
    good: Vec<Served>,
    /// Why the file as it is now does not count.
    problem: Option<String>,
}

/// All that is served.
pub(super) struct Catalog {
    settings: Arc<ServeSettings>,
    files: Mutex<BTreeMap<FlowName, Loaded>>,
    served: RwLock<Arc<BTreeMap<String, Served>>>,
    /// Counts the changes of what is served.
    changes: tokio::sync::watch::Sender<u64>,
}

impl Catalog {
    pub(super) fn new(settings: Arc<ServeSettings>) -> Self {
        Self { settings, files: Mutex::default(), served: RwLock::default(), changes: tokio::sync::watch::channel(0).0 }
    }

    /// What is served as of the last look.
    pub(super) fn served(&self) -> Arc<BTreeMap<String, Served>> {
        Arc::clone(&self.served.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Tells when something else is served.
    pub(super) fn changes(&self) -> tokio::sync::watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// What is wrong with files, one sentence each.
    pub(super) fn problems(&self) -> Vec<String> {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.values().filter_map(|loaded| loaded.problem.clone()).collect()
    }

    /// Looks at the files and reads those that changed. `tell` hears what became of which flow.
    pub(super) fn refresh(&self, tell: &mut dyn FnMut(Event)) {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let found = match stamps(&self.settings.directory) {
            Ok(found) => found,
            // What cannot be seen now is served as it was.
            Err(_) => return,
        };
        let mut changed = false;
        let before = self.served();
        files.retain(|flow, _| {
            let is_there = found.iter().any(|(name, _)| name == flow);
            changed |= !is_there;
            is_there
        });
        for (flow, stamp) in found {
            if files.get(&flow).is_some_and(|loaded| loaded.stamp == stamp) {
                continue;
            }
            changed = true;
            let good = files.remove(&flow).map(|loaded| loaded.good).unwrap_or_default();
            let loaded = match self.read(&flow) {
                Ok(served) => Loaded { stamp, good: served, problem: None },
                Err(error) => {
                    let problem = super::sentence(&error);
                    let hint = match good.is_empty() {
                        true => format!("`asya k apply {flow} --context local` writes it anew"),
                        false => format!(
                            "{flow} is served as it was; `asya k apply {flow} --context local` writes the file anew"
                        ),
                    };
                    tell(Event::Warning { message: problem.clone(), hint: Some(hint) });
                    Loaded { stamp, good, problem: Some(problem) }
                }
            };
            files.insert(flow, loaded);
        }
        if changed {
            self.publish(&files, &before, tell);
        }
    }

    fn publish(
        &self,
        files: &BTreeMap<FlowName, Loaded>,
        before: &BTreeMap<String, Served>,
        tell: &mut dyn FnMut(Event),
    ) {
        let mut now: BTreeMap<String, Served> = BTreeMap::new();
        for (file, loaded) in files {
            for served in &loaded.good {
                if now.contains_key(&served.flow.name) {
                    tell(Event::Warning {
                        message: format!(
                            "two applied flows are called `{}`; that of `{file}` is not served",
                            served.flow.name
                        ),
                        hint: Some("rename one of them".to_owned()),
                    });
                    continue;
                }
                now.insert(served.flow.name.clone(), served.clone());
            }
        }
        for (name, served) in &now {
            match before.get(name) {
                None => tell(Event::Note(format!("{name} is served as {}", served.surfaces()))),
                Some(old) if !Arc::ptr_eq(&old.pool, &served.pool) => {
                    tell(Event::Note(format!("{name} is served anew as {}", served.surfaces())));
                }
                Some(_) => {}
            }
        }
        for name in before.keys().filter(|name| !now.contains_key(*name)) {
            tell(Event::Note(format!("{name} is served no longer")));
        }
        *self.served.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(now);
        self.changes.send_modify(|count| *count += 1);
    }

    fn read(&self, flow: &FlowName) -> Result<Vec<Served>> {
        let applied = Applied::read(&self.settings.directory, flow)?.unwrap_or(Applied { objects: Vec::new() });
        let mut entries = applied.check(&*self.settings.variable)?;
        entries.retain(|entry| entry.section("mcp").is_some() || entry.section("a2a").is_some());
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        let pool = Arc::new(Pool::new(flow, applied.objects, &self.settings)?);
        let mut served = Vec::new();
        for entry in entries {
            let entrypoint = entry.text("entrypoint").unwrap_or_default();
            let route = entry.entry.get("route_next").and_then(serde_json::Value::as_array);
            let text = |name: &serde_json::Value| name.as_str().map_or_else(|| name.to_string(), str::to_owned);
            let route_next = route.into_iter().flatten().map(text).collect();
            served.push(Served { flow: entry, entrypoint, route_next, pool: Arc::clone(&pool) });
        }
        Ok(served)
    }
}

impl Served {
    /// What it is, in words.
    pub(super) fn surfaces(&self) -> &'static str {
        match (self.flow.section("mcp"), self.flow.section("a2a")) {
            (Some(_), Some(_)) => "tool and skill",
            (Some(_), None) => "tool",
            _ => "skill",
        }
    }
}
