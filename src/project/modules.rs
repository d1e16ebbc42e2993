//! Modules of the project on disk, found the way Python's import system finds them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use super::python::{NAMESPACE_DEPTH, entries, holds_python, is_identifier, module_of};
use super::text::utf8;
use crate::diagnostic::{Diagnostic, SourceDiagnostics};
use crate::error::io_reason;
use crate::flow::{FoundFile, Lookup, ModuleFiles, ModuleTree};
use crate::source::{Source, Span};

/// Longer files are data, not code somebody wrote.
const MAX_MODULE: u64 = 4 << 20;

/// Values by key, each made once; while one is being made, the others are not held up.
type Cells<K, V> = Mutex<BTreeMap<K, Arc<OnceLock<V>>>>;

/// The modules below a list of directories. Nothing is read before somebody asks for it.
#[derive(Debug)]
pub struct DiskModules {
    roots: Vec<PathBuf>,
    cache: Arc<ModuleCache>,
    /// What names were found to be; `true` where only the first root counts.
    found: Cells<(String, bool), Lookup>,
}

/// Files of modules, read and parsed once for all who look for modules.
#[derive(Debug)]
pub struct ModuleCache {
    files: Cells<PathBuf, (Option<Stamp>, Read)>,
    /// Names of files are shown relative to this directory.
    shown_from: PathBuf,
}

/// Size and time of change.
type Stamp = (u64, Option<SystemTime>);

/// A file that was read.
#[derive(Debug, Clone)]
enum Read {
    Text(Source, ModuleTree),
    Opaque,
    Broken(SourceDiagnostics),
}

/// What a name is in one directory.
enum Here {
    Package(PathBuf),
    File(PathBuf),
    Extension,
    Directory(PathBuf),
}

impl DiskModules {
    /// Modules below `roots`, searched in this order.
    pub fn new(cache: Arc<ModuleCache>, roots: Vec<PathBuf>) -> Self {
        Self { roots, cache, found: Mutex::default() }
    }

    fn search(&self, roots: &[PathBuf], module: &str) -> Lookup {
        let mut directories = roots.to_vec();
        let mut parts = module.split('.').peekable();
        let is_top_level = !module.contains('.');
        while let Some(part) = parts.next() {
            if !is_identifier(part) {
                return Lookup::Missing;
            }
            let found: Vec<Here> = directories.iter().filter_map(|directory| here(directory, part)).collect();
            let is_last = parts.peek().is_none();
            // A directory without `__init__.py` counts only when nothing better is found anywhere.
            let mut regular = found.iter().filter(|here| !matches!(here, Here::Directory(_)));
            match (regular.next(), is_last) {
                (Some(Here::Package(init)), false) => {
                    directories = vec![init.parent().unwrap_or(Path::new("")).to_owned()];
                }
                (Some(Here::Package(path) | Here::File(path)), true) => {
                    let hides = if is_top_level { self.hidden(path, regular) } else { Vec::new() };
                    return self.read(path, hides);
                }
                (Some(Here::Extension), _) => return Lookup::Opaque,
                (Some(_), _) => return Lookup::Missing,
                (None, _) => {
                    directories = found
                        .into_iter()
                        .filter_map(|here| match here {
                            Here::Directory(path) => Some(path),
                            _ => None,
                        })
                        .collect();
                    if directories.is_empty() {
                        return Lookup::Missing;
                    }
                }
            }
        }
        if directories.iter().any(|path| holds_python(path, NAMESPACE_DEPTH)) {
            Lookup::Namespace
        } else {
            Lookup::Missing
        }
    }

    /// Other files of the same name, as they are shown.
    fn hidden<'h>(&self, path: &Path, others: impl Iterator<Item = &'h Here>) -> Vec<String> {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let used = real(path);
        let mut hidden = Vec::new();
        for here in others {
            let (Here::Package(other) | Here::File(other)) = here else { continue };
            let shown = self.cache.shown(other);
            if real(other) != used && !hidden.contains(&shown) {
                hidden.push(shown);
            }
        }
        hidden
    }

    fn read(&self, path: &Path, hides: Vec<String>) -> Lookup {
        let is_package = path.file_name().is_some_and(|name| name == "__init__.py");
        match self.cache.file(path) {
            Read::Text(source, tree) => Lookup::File(FoundFile { source, is_package, hides, tree }),
            Read::Opaque => Lookup::Opaque,
            Read::Broken(located) => Lookup::Broken(located),
        }
    }
}

impl ModuleCache {
    /// Nothing is read yet. Names of files are shown relative to `shown_from`.
    pub fn new(shown_from: &Path) -> Self {
        Self { files: Mutex::default(), shown_from: shown_from.to_owned() }
    }

    /// Every file that was read so far, sorted, with its size and time of change just before.
    pub fn files_read(&self) -> Vec<(PathBuf, u64, Option<SystemTime>)> {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let stamped = files.iter().filter_map(|(path, cell)| Some((path, cell.get()?.0?)));
        stamped.map(|(path, (size, changed))| (path.clone(), size, changed)).collect()
    }

    fn file(&self, path: &Path) -> Read {
        let stamped = || {
            let stamp = path.metadata().ok().map(|metadata| (metadata.len(), metadata.modified().ok()));
            (stamp, self.read(path))
        };
        once(&self.files, path.to_owned(), stamped).1
    }

    fn shown(&self, path: &Path) -> String {
        let shown = match path.strip_prefix(&self.shown_from) {
            Ok(inside) => inside.to_owned(),
            Err(_) => {
                let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
                real.strip_prefix(&self.shown_from).map(Path::to_owned).unwrap_or(real)
            }
        };
        shown.display().to_string().replace('\\', "/")
    }

    fn read(&self, path: &Path) -> Read {
        let shown = self.shown(path);
        if path.metadata().is_ok_and(|metadata| metadata.len() > MAX_MODULE) {
            return Read::Opaque;
        }
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                let message = format!("the module cannot be read: {}", io_reason(&error));
                let source = Source::new(shown, "");
                return Read::Broken(SourceDiagnostics::one(&source, Diagnostic::error(Span::new(0, 0), message)));
            }
        };
        match decoded(bytes, &shown) {
            Decoded::Text(source) => Read::Text(python_text(&source), ModuleTree::default()),
            Decoded::OtherEncoding => Read::Opaque,
            Decoded::Broken(located) => Read::Broken(*located),
        }
    }
}

impl ModuleFiles for DiskModules {
    fn find(&self, module: &str) -> Lookup {
        once(&self.found, (module.to_owned(), false), || self.search(&self.roots, module))
    }

    fn find_before_standard(&self, module: &str) -> Lookup {
        let first = self.roots.get(..1).unwrap_or_default();
        once(&self.found, (module.to_owned(), true), || self.search(first, module))
    }
}

fn once<K: Ord, V: Clone>(cells: &Cells<K, V>, key: K, make: impl FnOnce() -> V) -> V {
    let cell = {
        let mut cells = cells.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(cells.entry(key).or_default())
    };
    cell.get_or_init(make).clone()
}

/// A source as Python reads it: without byte order mark, every line ending a `\n`.
pub fn python_text(raw: &Source) -> Source {
    let text = raw.text().strip_prefix('\u{feff}').unwrap_or(raw.text());
    Source::new(raw.name(), text.replace("\r\n", "\n").replace('\r', "\n"))
}

/// What `name` is in `directory`: a package, a file, a compiled extension, or just a directory.
fn here(directory: &Path, name: &str) -> Option<Here> {
    let inside = directory.join(name);
    let init = inside.join("__init__.py");
    if init.is_file() {
        return Some(Here::Package(init));
    }
    let file = directory.join(format!("{name}.py"));
    if file.is_file() {
        return Some(Here::File(file));
    }
    let is_extension = |(file, _): &(String, PathBuf)| !file.ends_with(".py") && module_of(file) == Some(name);
    if entries(directory).iter().any(is_extension) {
        return Some(Here::Extension);
    }
    inside.is_dir().then_some(Here::Directory(inside))
}

enum Decoded {
    Text(Source),
    OtherEncoding,
    Broken(Box<SourceDiagnostics>),
}

/// Bytes as text, in the encoding that a comment on the first two lines declares.
fn decoded(bytes: Vec<u8>, name: &str) -> Decoded {
    let declared = bytes.split(|byte| *byte == b'\n').take(2).find_map(declared_encoding);
    match declared.as_deref() {
        None | Some("utf-8" | "utf8" | "u8" | "utf-8-sig" | "ascii" | "us-ascii") => match utf8(bytes, name) {
            Ok(source) => Decoded::Text(source),
            Err(located) => Decoded::Broken(located),
        },
        Some("latin-1" | "latin1" | "l1" | "iso-8859-1" | "iso8859-1") => {
            Decoded::Text(Source::new(name, bytes.iter().map(|byte| char::from(*byte)).collect::<String>()))
        }
        Some(_) => Decoded::OtherEncoding,
    }
}

/// The encoding of `# -*- coding: latin-1 -*-`, in lower case with `-`.
fn declared_encoding(line: &[u8]) -> Option<String> {
    let line = String::from_utf8_lossy(line);
    let comment = line.trim_start_matches('\u{feff}').trim_start().strip_prefix('#')?;
    let (_, behind) = comment.split_once("coding")?;
    let value = behind.strip_prefix([':', '='])?.trim_start_matches([' ', '\t']);
    let end = value.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')));
    let name = value[..end.unwrap_or(value.len())].to_ascii_lowercase().replace('_', "-");
    (!name.is_empty()).then_some(name)
}
