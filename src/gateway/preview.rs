//! What a gateway plan will change, found out without writing.

use serde_json::{Value, json};

use super::entry::{self, name};
use super::keys::differs;
use super::loader::load;
use super::mount::{Contents, Mount, Mounted};
use super::plan::{GatewayPlan, Planned, Wanted};
use super::template;
use super::way::{Keys, Way, registered_key};
use crate::cluster::Resource;
use crate::event::Change;
use crate::kustomize::Object;

impl GatewayPlan {
    /// What will be done to a gateway that mounts files.
    pub(super) fn preview_mounted(
        &mut self,
        deployment: &Value,
        mount: &Mount,
        mut contents: Contents,
        wanted: &Wanted<'_>,
    ) {
        let edit = self.edit();
        let is_there = |file: &Mounted| {
            contents
                .files(&mount.sources)
                .iter()
                .any(|known| known.config_map == file.config_map && known.file == file.file)
        };
        self.new = !self.own.iter().all(is_there);
        match &self.way {
            Way::Source { add, .. } => {
                self.lost = add.iter().any(|name| {
                    !mount.lists(name)
                        && contents.get(name).is_some_and(|entry| entry::is_applied_by(entry, &self.manager))
                });
                for entry in wanted.entries {
                    contents.put(entry.name(), applied(entry, &self.manager));
                }
            }
            Way::Keys(all) => {
                for keys in all {
                    let Some(live) = contents.get(&keys.config_map) else { continue };
                    if let Some(planned) = self.planned_keys(keys, live) {
                        self.planned.push(planned);
                    }
                    let mut after = live.clone();
                    if let Some(fields) = after.as_object_mut() {
                        let data = fields.entry("data").or_insert_with(|| json!({}));
                        if let Some(data) = data.as_object_mut() {
                            data.extend(keys.data.clone());
                        }
                    }
                    contents.put(&keys.config_map, after);
                }
            }
            _ => {}
        }
        if let Some(change) = template::change(deployment, mount, &contents, &edit) {
            let what = match (change.sources, edit.add.as_slice()) {
                (true, names) if edit.convert => {
                    format!("its volume of flows becomes projected and mounts {}", names.join(", "))
                }
                (true, names) => format!("mounts {}", names.join(", ")),
                (false, _) => "restarts to read the tools".to_owned(),
            };
            let object = Resource::deployments().describe(&self.namespace, name(deployment));
            self.planned.push(Planned { object, change: Change::Changed, what });
        }
    }

    /// What will be done to the lists of a split gateway.
    pub(super) fn preview_shared(&mut self, contents: &Contents) {
        let mut planned = Vec::new();
        match &self.way {
            Way::Keys(all) => {
                for keys in all {
                    let Some(live) = contents.get(&keys.config_map) else { continue };
                    self.new |= keys.data.keys().any(|key| live.get("data").and_then(|data| data.get(key)).is_none());
                    planned.extend(self.planned_keys(keys, live));
                }
            }
            Way::Entries(all) => {
                for entries in all {
                    let Some(live) = contents.get(&entries.config_map) else { continue };
                    let text = live.get("data").and_then(|data| data.get(entries.key())).and_then(Value::as_str);
                    let known = load(entries.format, text.unwrap_or_default()).unwrap_or_default();
                    let missing = entries.items.iter().any(|item| {
                        !known.iter().any(|known| Some(known.name.as_str()) == item.get("name").and_then(Value::as_str))
                    });
                    let is_noted = entry::annotation(live, &registered_key(&self.flow)).is_some();
                    self.new |= missing;
                    self.lost |= missing && is_noted;
                    if !is_noted || !entries.items.iter().all(|item| known.iter().any(|known| known.entry == *item)) {
                        planned.push(Planned {
                            object: Resource::config_maps().describe(&self.namespace, &entries.config_map),
                            change: Change::Changed,
                            what: format!("lists {} `{}`", entries.format.noun(), self.flow),
                        });
                    }
                }
            }
            _ => {}
        }
        self.planned.extend(planned);
    }

    fn planned_keys(&self, keys: &Keys, live: &Value) -> Option<Planned> {
        differs(keys, live, &self.manager).then(|| Planned {
            object: Resource::config_maps().describe(&self.namespace, &keys.config_map),
            change: Change::Changed,
            what: format!("has {}", keys.data.keys().cloned().collect::<Vec<_>>().join(", ")),
        })
    }
}

/// An entry as it will be when it is applied.
fn applied(entry: &Object, manager: &str) -> Value {
    let mut value = entry.value().clone();
    if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
        let by = json!([{"manager": manager, "operation": "Apply", "fieldsV1": {}}]);
        metadata.insert("managedFields".to_owned(), by);
    }
    value
}
