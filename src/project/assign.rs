//! Values that a command sets, adds to lists or takes away: checked as if they were configuration
//! already, then written into the file they belong in.

mod typed;

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::edit::{Operation, change_value};
use super::inputs::Inputs;
use super::key_path::KeyPath;
use super::layer::{LayerFile, is_default, merged};
use super::overrides::{self, variable};
use super::values::{hidden, near_keys, node_at, origin};
use super::yaml::{Node, Value};
use super::{MARKER, Project, discover, read};
use crate::error::{Error, Result};
use crate::names::listed;
use crate::source::Source;

pub(super) use typed::check_key;

/// What becomes of one key.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// The key. Items of lists have their index for a part of it, counted over all layers as
    /// `asya config list` shows them.
    pub key: KeyPath,
    /// What becomes of it.
    pub action: Action,
}

/// What becomes of a key. Values are as they were typed: text where the key wants text, else what
/// YAML makes of them.
#[derive(Debug, Clone)]
pub enum Action {
    /// It has this value; a list loses the items it had in this project.
    Set(String),
    /// The list has this item for its last.
    Add(String),
    /// No file of this project sets it any more.
    Unset,
}

impl Assignment {
    /// `key` is to have `value`.
    pub fn set(key: KeyPath, value: impl Into<String>) -> Self {
        Self { key, action: Action::Set(value.into()) }
    }
}

/// Files of the nearest `.asya/` with values set in them; nothing is written yet.
#[derive(Debug)]
pub struct Assigned {
    /// The project's root.
    pub root: PathBuf,
    /// Files, relative to the root, with their new text.
    pub files: Vec<(PathBuf, String)>,
    /// What becomes of each assignment, in their order.
    pub values: Vec<AssignedValue>,
}

/// What becomes of one assignment. Secrets are not in it, but for `***` in their place.
#[derive(Debug)]
pub struct AssignedValue {
    /// Its key; that of the new item where a list got one.
    pub key: KeyPath,
    /// The value that the files say afterwards, as it is written; `None` where they say nothing.
    pub value: Option<Json>,
    /// Where `value` stands: `.asya/config.yaml:3`.
    pub origin: Option<String>,
    /// It was an item of a list, whose other items have moved up.
    pub is_item: bool,
    /// The files that change, relative to the root; at least one.
    pub files: Vec<PathBuf>,
    /// The value the key had so far, and where: `.asya/config.yaml:3`.
    pub before: Option<(Json, String)>,
    /// The environment variable that sets the key in this process, so that the file does not count.
    pub shadowed_by: Option<String>,
}

impl AssignedValue {
    /// The files that change, in words.
    pub fn shown_files(&self) -> String {
        self.files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(", ")
    }
}

/// Does `assignments` in the project around `start`. They are checked together with everything else
/// the configuration says; errors of kind `Project` show what is wrong with them as typed. A value
/// goes into the file of the nearest `.asya/` that has its key, else into the section it belongs in
/// (`config.contexts.dev.yaml`), else into `config.yaml`; files of outer projects stay as they are.
/// Taking away what no file sets is an error of kind `Negative`.
pub fn assign(start: &Path, inputs: &Inputs<'_>, assignments: &[Assignment]) -> Result<Assigned> {
    let found = discover(start)?;
    let (root, loaded) = read(start, &found)?;
    let set = overrides::trees(inputs.overrides, &loaded.tree)?;
    let before = loaded.tree.clone();
    let mut work = Work { tree: loaded.tree, files: loaded.files, root, changed: Vec::new() };
    let mut values = Vec::new();
    for assignment in assignments {
        let typed = typed::checked(&work.tree, &work.root, inputs, assignment)?;
        let mut value = match (&typed, &assignment.action) {
            (Some(value), Action::Add(_)) => work.add(&assignment.key, value)?,
            (Some(value), _) => work.set(&assignment.key, value)?,
            (None, _) => work.unset(&assignment.key, &set, inputs)?,
        };
        let path: Vec<&str> = assignment.key.segments().iter().map(String::as_str).collect();
        value.shadowed_by =
            set.iter().filter_map(|tree| tree.at(&path)).find_map(|node| variable(&node.origin)).map(str::to_owned);
        values.push(value);
    }
    let Work { tree, files, root, changed } = work;
    if let Err(error) = Project::of_tree(root.clone(), found.layers.clone(), tree, inputs) {
        let was_right = Project::of_tree(root, found.layers, before, inputs).is_ok();
        return Err(if was_right && !error.located().is_empty() { with_change(&error) } else { error });
    }
    let files = files.into_iter().filter(|file| changed.contains(&file.path));
    let files = files.map(|file| (relative(&root, &file), file.source.text().to_owned())).collect();
    Ok(Assigned { root, files, values })
}

/// `error` shows files as they would be.
fn with_change(error: &Error) -> Error {
    let shown = error.located().to_vec();
    let error = Error::project("the configuration would not be right with this change; nothing was written");
    shown.into_iter().fold(error, Error::at)
}

/// The configuration as it will be, while one assignment after the other is done.
struct Work {
    tree: Node,
    files: Vec<LayerFile>,
    root: PathBuf,
    changed: Vec<PathBuf>,
}

impl Work {
    fn set(&mut self, key: &KeyPath, value: &Value) -> Result<AssignedValue> {
        let before = self.known(key);
        let (file, inside) = match self.item(key)? {
            Some(place) => place,
            None => self.home(key),
        };
        self.edit(file, &inside, Operation::Set(value))?;
        Ok(self.assigned(key.clone(), vec![file], before))
    }

    fn add(&mut self, key: &KeyPath, value: &Value) -> Result<AssignedValue> {
        let (file, inside) = match self.item(key)? {
            Some(place) => place,
            None => self.home(key),
        };
        self.edit(file, &inside, Operation::Add(value))?;
        // Sections that are read later may have items as well.
        let source = self.files.get(file).map(|file| file.source.clone());
        let items = match node_at(&self.tree, key.segments()).map(|node| &node.value) {
            Some(Value::List(items)) => items.as_slice(),
            _ => &[],
        };
        let at = items.iter().rposition(|item| Some(&item.origin.source) == source.as_ref());
        let segments = key.segments().iter().cloned().chain(at.map(|at| at.to_string()));
        let key = KeyPath::new(segments).unwrap_or_else(|| key.clone());
        Ok(self.assigned(key, vec![file], None))
    }

    fn unset(&mut self, key: &KeyPath, set: &[Node], inputs: &Inputs<'_>) -> Result<AssignedValue> {
        let before = self.known(key);
        let places = match self.item(key)? {
            Some(place) => vec![place],
            None => self.holders(key)?,
        };
        if places.is_empty() || before.is_none() {
            return Err(self.nothing_to_unset(key, set, inputs));
        }
        for (file, inside) in &places {
            self.edit(*file, inside, Operation::Remove)?;
        }
        let files = places.iter().map(|(file, _)| *file).collect();
        let mut value = self.assigned(key.clone(), files, before);
        // Items move up, so that another one is there now.
        if key.segments().split_last().is_some_and(|(_, list)| is_list(&self.tree, list)) {
            (value.value, value.origin, value.is_item) = (None, None, true);
        }
        Ok(value)
    }

    fn edit(&mut self, file: usize, inside: &[String], operation: Operation<'_>) -> Result<()> {
        let Some(file) = self.files.get_mut(file) else { return Ok(()) };
        let text = change_value(&file.source, inside, operation)?;
        file.source = Source::new(file.source.name(), text);
        self.changed.push(file.path.clone());
        self.tree = merged(&self.files)?;
        Ok(())
    }

    fn assigned(&self, key: KeyPath, files: Vec<usize>, before: Option<(Json, String)>) -> AssignedValue {
        let (value, origin) = self.known(&key).unzip();
        let files = files.into_iter().filter_map(|at| self.files.get(at)).map(|file| relative(&self.root, file));
        AssignedValue { key, value, origin, is_item: false, files: files.collect(), before, shadowed_by: None }
    }

    /// What the files say at `key`, and where.
    fn known(&self, key: &KeyPath) -> Option<(Json, String)> {
        let node = node_at(&self.tree, key.segments()).filter(|node| node.value != Value::Null)?;
        Some((hidden(key.segments(), node), origin(&node.origin)))
    }

    /// The file that holds the item of a list which `key` leads through, and the way in that file.
    /// `None` where it leads through no list. Items of outer projects are not changed from here.
    fn item(&self, key: &KeyPath) -> Result<Option<(usize, Vec<String>)>> {
        let path = key.segments();
        let Some(depth) = (0..path.len()).find(|depth| is_list(&self.tree, &path[..*depth])) else { return Ok(None) };
        let Some(Node { value: Value::List(items), .. }) = node_at(&self.tree, &path[..depth]) else { return Ok(None) };
        let list = path[..depth].join(".");
        let cannot = || Error::project(format!("`{key}` cannot be changed"));
        let Some((at, item)) = path[depth].parse::<usize>().ok().and_then(|at| Some((at, items.get(at)?))) else {
            let count = match items.len() {
                1 => "1 item, which is 0".to_owned(),
                items => format!("{items} items, counted from 0"),
            };
            return Err(cannot().because(format!("`{list}` is a list of {count}")).hint(format!(
                "see them with `asya config list {list}`, add one with `asya config set --add {list} VALUE`"
            )));
        };
        let from = |item: &Node, file: &LayerFile| file.source == item.origin.source;
        let file = self.files.iter().position(|file| from(item, file));
        let Some((number, file)) = file.and_then(|number| Some((number, self.files.get(number)?))) else {
            return Err(cannot().because(format!("it comes from {}", origin(&item.origin))));
        };
        if file.layer != self.root {
            return Err(cannot()
                .because(format!("it stands in {}, which belongs to an outer project", origin(&item.origin)))
                .hint(format!("change it there: `asya -C {} config …`", file.layer.display())));
        }
        let place = items.iter().take(at).filter(|item| from(item, file)).count();
        let inside = path[..depth].iter().skip(file.section.len()).cloned();
        let inside = inside.chain([place.to_string()]).chain(path[depth + 1..].iter().cloned());
        Ok(Some((number, inside.collect())))
    }

    /// The file of the nearest `.asya/` that `key` belongs in, and the way in it. It is made where
    /// there is none.
    fn home(&mut self, key: &KeyPath) -> (usize, Vec<String>) {
        let path = key.segments();
        let before = node_at(&self.tree, path);
        let own = || self.files.iter().enumerate().filter(|(_, file)| file.layer == self.root);
        let holder = before.and_then(|node| own().find(|(_, file)| file.source == node.origin.source));
        let section = || {
            own()
                .filter(|(_, file)| !file.section.is_empty() && file.section.len() <= path.len())
                .filter(|(_, file)| path.starts_with(&file.section) && may_hold(file, path))
                .max_by_key(|(_, file)| file.section.len())
        };
        let found = holder.or_else(section).or_else(|| own().find(|(_, file)| file.section.is_empty()));
        let (number, section) = match found {
            Some((number, file)) => (number, file.section.len()),
            None => {
                // It is read before the sections beside it.
                let number = own().next().map_or(self.files.len(), |(number, _)| number);
                self.files.insert(number, fresh_file(&self.root));
                (number, 0)
            }
        };
        (number, path.iter().skip(section).cloned().collect())
    }

    /// All files of the nearest `.asya/` that say something at `key`, and the way in them.
    fn holders(&self, key: &KeyPath) -> Result<Vec<(usize, Vec<String>)>> {
        let path = key.segments();
        let mut places = Vec::new();
        for (number, file) in self.files.iter().enumerate().filter(|(_, file)| file.layer == self.root) {
            let inside = path.strip_prefix(file.section.as_slice());
            let says = |inside: &[String]| {
                super::yaml::parse(&file.source)
                    .is_ok_and(|tree| node_at(&tree, inside).is_some_and(|node| node.value != Value::Null))
            };
            match inside {
                Some(inside) if !inside.is_empty() && says(inside) => places.push((number, inside.to_vec())),
                _ if file.section.starts_with(path) => {
                    let file = relative(&self.root, file);
                    return Err(Error::project(format!("`{key}` cannot be unset"))
                        .because(format!("it has a file of its own, {}", file.display()))
                        .hint(format!("rm {}", file.display())));
                }
                _ => {}
            }
        }
        Ok(places)
    }

    /// Why `key` cannot be unset, where no file of this project sets it.
    fn nothing_to_unset(&self, key: &KeyPath, set: &[Node], inputs: &Inputs<'_>) -> Error {
        let path: Vec<&str> = key.segments().iter().map(String::as_str).collect();
        if let Some(node) = node_at(&self.tree, key.segments()) {
            let refused = Error::negative(format!("`{key}` is not set in this project"));
            let outer = self.files.iter().find(|file| file.source == node.origin.source);
            return match outer {
                Some(file) => refused
                    .because(format!("it comes from {}", origin(&node.origin)))
                    .hint(format!("asya -C {} config unset {key}", file.layer.display()))
                    .hint(format!("or give it another value here: `asya config set {key} VALUE`")),
                None if is_default(&node.origin) => {
                    let is_single = node.value.scalar().is_some();
                    let hint = format!("give it another one with `asya config set {key} VALUE`");
                    refused.because("its value is the built-in default").hint_opt(is_single.then_some(hint))
                }
                None => refused,
            };
        }
        if let Some(name) = set.iter().filter_map(|tree| tree.at(&path)).find_map(|node| variable(&node.origin)) {
            return Error::negative(format!("`{key}` is not set in this project"))
                .because(format!("it comes from the environment variable `{name}`"))
                .hint(format!("unset {name}"));
        }
        if let Err(unknown) = check_key(&self.tree, &self.root, inputs, key) {
            return unknown;
        }
        let near = near_keys(&self.tree, key);
        Error::negative(format!("`{key}` is not set"))
            .hint_opt((!near.is_empty()).then(|| format!("did you mean {}?", listed(&near))))
    }
}

/// Whether a section can take the value: one that is a whole list is not told its own value.
fn may_hold(file: &LayerFile, path: &[String]) -> bool {
    file.section.len() < path.len()
        || super::yaml::parse(&file.source).is_ok_and(|tree| matches!(tree.value, Value::List(_) | Value::Null))
}

fn is_list(tree: &Node, path: &[String]) -> bool {
    node_at(tree, path).is_some_and(|node| matches!(node.value, Value::List(_)))
}

fn relative(root: &Path, file: &LayerFile) -> PathBuf {
    file.path.strip_prefix(root).unwrap_or(&file.path).to_owned()
}

/// `config.yaml`, which is made by the first value that is set.
fn fresh_file(root: &Path) -> LayerFile {
    let name = Path::new(MARKER).join("config.yaml");
    LayerFile {
        path: root.join(&name),
        source: Source::new(name.display().to_string(), ""),
        section: Vec::new(),
        layer: root.to_owned(),
    }
}
