//! The modules of the project: found when a name leads there, parsed once, never executed.

mod class;
mod construction;
mod decorators;
mod files;
mod names;
mod resolve;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails says where")]
mod tests;
mod values;

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};

use super::codes;
use super::python;
use super::rules::Rules;
use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span};
use crate::syntax::tree::Module;
use names::Names;

pub use files::{FoundFile, Lookup, ModuleFiles, ModuleTree};

pub(super) use class::{ClassLink, ClassRef, Member};
use decorators::decorator_keeps_signature;
pub(super) use resolve::{Definition, Found, Missing};

/// Every module that was looked for so far. Resolution asks for what it needs, so that a flow with
/// three imports reads three files.
pub(super) struct Modules<'t> {
    files: &'t dyn ModuleFiles,
    own: Loaded,
    own_tree: &'t Module,
    /// What was looked for; a list, because what it lends must not move.
    first: OnceCell<Box<Entry>>,
    problems: RefCell<Problems>,
}

#[derive(Default)]
struct Problems {
    diagnostics: Vec<Diagnostic>,
    hiding: Vec<ShadowingModule>,
}

/// A module that stands in front of others of the same name.
struct ShadowingModule {
    module: String,
    file: String,
    /// Files, or Python's own module, as they stand in a sentence.
    hidden: Vec<String>,
}

struct Entry {
    module: String,
    state: State,
    next: OnceCell<Box<Entry>>,
}

enum State {
    Missing,
    Namespace,
    Opaque,
    Standard,
    /// The flow's own file, found under another name.
    Own,
    Loaded(Box<Loaded>, Tree),
}

enum Tree {
    /// As it was parsed for everybody.
    Shared(ModuleTree),
    /// Changed by the rules of this flow.
    Own(Box<Module>),
}

/// A module without its tree.
struct Loaded {
    name: String,
    source: Source,
    is_package: bool,
    names: Names,
    rules: Rules,
    /// Whether the module may have names that no statement shows, once somebody asked.
    is_dynamic: OnceCell<bool>,
}

/// A module with its text, its tree and its names.
#[derive(Clone, Copy)]
pub(super) struct ModuleRef<'a> {
    loaded: &'a Loaded,
    tree: &'a Module,
    name: &'a str,
}

impl std::fmt::Debug for ModuleRef<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ModuleRef({})", self.name)
    }
}

impl<'a> ModuleRef<'a> {
    /// The dotted name under which it was reached.
    pub(super) fn name(self) -> &'a str {
        self.name
    }

    /// Its text; the spans of its definitions are in this one.
    pub(super) fn source(self) -> &'a Source {
        &self.loaded.source
    }

    /// It is a package's `__init__.py`.
    pub(super) fn is_package(self) -> bool {
        self.loaded.is_package
    }

    /// What it says about calls and functions.
    pub(super) fn rules(self) -> &'a Rules {
        &self.loaded.rules
    }

    /// Its tree.
    pub(super) fn tree(self) -> &'a Module {
        self.tree
    }

    fn is_dynamic(self, find_out: impl FnOnce() -> bool) -> bool {
        *self.loaded.is_dynamic.get_or_init(find_out)
    }

    fn names(self) -> &'a Names {
        &self.loaded.names
    }

    fn is_same(self, other: Self) -> bool {
        std::ptr::eq(self.loaded, other.loaded)
    }
}

/// What a dotted name leads to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target<'a> {
    /// Nothing.
    Missing,
    /// A directory without `__init__.py`.
    Namespace,
    /// There, and not to be read; or read with errors, which are told already.
    Opaque,
    /// Python's own.
    Standard,
    /// A module.
    Module(ModuleRef<'a>),
}

impl<'t> Modules<'t> {
    /// An index that holds the flow's own file, `tree` of `source`, imported as `name`. `rules` are
    /// what it says; they took the call-site wrappers out of the tree.
    pub(super) fn new(
        files: &'t dyn ModuleFiles,
        source: &Source,
        tree: &'t Module,
        name: &str,
        is_package: bool,
        rules: Rules,
    ) -> Self {
        let names = Names::of(tree, name, is_package);
        let own = Loaded {
            name: name.to_owned(),
            source: source.clone(),
            is_package,
            names,
            rules,
            is_dynamic: OnceCell::new(),
        };
        Self { files, own, own_tree: tree, first: OnceCell::new(), problems: RefCell::default() }
    }

    /// The flow's own file.
    pub(super) fn own(&self) -> ModuleRef<'_> {
        ModuleRef { loaded: &self.own, tree: self.own_tree, name: &self.own.name }
    }

    /// The module of a dotted name, read now if it was not read before.
    pub(super) fn get(&self, module: &str) -> Target<'_> {
        if module == self.own.name {
            return Target::Module(self.own());
        }
        // A package comes before what is in it, also where only that is asked for.
        if top(module) != module {
            self.get(top(module));
        }
        let mut at = &self.first;
        while let Some(entry) = at.get() {
            if entry.module == module {
                return self.target(entry);
            }
            at = &entry.next;
        }
        let state = self.load(module);
        self.target(at.get_or_init(|| Box::new(Entry { module: module.to_owned(), state, next: OnceCell::new() })))
    }

    /// Whether a dotted name belongs to the standard library and no file of the project hides it.
    pub(super) fn is_standard(&self, module: &str) -> bool {
        super::scope::is_standard(module) && matches!(self.get(top(module)), Target::Standard)
    }

    /// Whether a package of the project that can be read says that it has no such module.
    pub(super) fn lacks(&self, module: &str) -> bool {
        module.contains('.')
            && matches!(self.get(module), Target::Missing)
            && matches!(self.get(top(module)), Target::Module(_))
    }

    /// The file of every module that was read, by the name it was reached under.
    pub(super) fn read_files(&self) -> Vec<(String, String)> {
        let mut files = vec![(self.own.name.clone(), self.own.source.name().to_owned())];
        let mut at = &self.first;
        while let Some(entry) = at.get() {
            if let Target::Module(module) = self.target(entry) {
                files.push((entry.module.clone(), module.source().name().to_owned()));
            }
            at = &entry.next;
        }
        files
    }

    /// What was wrong with the modules that were read. `place` is where the flow's own file
    /// mentions a top-level module.
    pub(super) fn problems(&self, place: impl Fn(&str) -> Option<Span>) -> Vec<Diagnostic> {
        let problems = self.problems.take();
        let mut diagnostics = problems.diagnostics;
        for ShadowingModule { module, file, hidden } in problems.hiding {
            let span = place(top(&module)).unwrap_or_else(|| self.own.source.line_span(1));
            diagnostics.push(
                Diagnostic::warning(span, format!("`{module}` is the name of more than one module"))
                    .code(codes::HIDDEN_MODULE)
                    .note(format!("`{file}` is found first and hides {}", hidden.join(" and ")))
                    .help("rename one of them: which one an image finds depends on its own search path"),
            );
        }
        diagnostics
    }

    fn target<'a>(&'a self, entry: &'a Entry) -> Target<'a> {
        match &entry.state {
            State::Missing => Target::Missing,
            State::Namespace => Target::Namespace,
            State::Opaque => Target::Opaque,
            State::Standard => Target::Standard,
            State::Own => Target::Module(ModuleRef { loaded: &self.own, tree: self.own_tree, name: &entry.module }),
            State::Loaded(loaded, tree) => {
                let tree = match tree {
                    Tree::Shared(tree) => tree.made(),
                    Tree::Own(tree) => Some(&**tree),
                };
                tree.map_or(Target::Opaque, |tree| Target::Module(ModuleRef { loaded, tree, name: &loaded.name }))
            }
        }
    }

    fn load(&self, module: &str) -> State {
        let mut hidden = Vec::new();
        let found = if super::scope::is_standard(module) {
            if python::CANNOT_BE_HIDDEN.contains(&top(module)) {
                return State::Standard;
            }
            let before = self.files.find_before_standard(top(module));
            if !matches!(before, Lookup::File(_) | Lookup::Broken(_)) {
                return State::Standard;
            }
            if module == top(module) {
                hidden.push(format!("Python's own module `{module}`"));
            }
            self.files.find_before_standard(module)
        } else {
            self.files.find(module)
        };
        match found {
            Lookup::Missing => State::Missing,
            Lookup::Namespace => State::Namespace,
            Lookup::Opaque => State::Opaque,
            Lookup::Broken(located) => {
                self.report(&located.source, located.diagnostics.clone());
                State::Opaque
            }
            Lookup::File(file) => {
                hidden.extend(file.hides.iter().map(|hidden| format!("`{hidden}`")));
                if !hidden.is_empty() {
                    let file = file.source.name().to_owned();
                    self.problems.borrow_mut().hiding.push(ShadowingModule { module: module.to_owned(), file, hidden });
                }
                self.parsed(module, file)
            }
        }
    }

    fn parsed(&self, module: &str, file: FoundFile) -> State {
        if file.source.name() == self.own.source.name() {
            return State::Own;
        }
        match file.tree.of(&file.source) {
            Ok(tree) => {
                let FoundFile { source, is_package, .. } = file;
                let (rules, read) = Rules::read(tree, &source, module, is_package, self.own.rules.rules());
                let names = Names::of(&read, module, is_package);
                let loaded =
                    Loaded { name: module.to_owned(), source, is_package, names, rules, is_dynamic: OnceCell::new() };
                let tree = match read {
                    Cow::Borrowed(_) => Tree::Shared(file.tree.clone()),
                    Cow::Owned(tree) => Tree::Own(Box::new(tree)),
                };
                State::Loaded(Box::new(loaded), tree)
            }
            Err(diagnostics) => {
                self.report(&file.source, diagnostics.to_vec());
                State::Opaque
            }
        }
    }

    /// Keeps the problems of another file.
    fn report(&self, source: &Source, diagnostics: Vec<Diagnostic>) {
        let located = diagnostics.into_iter().map(|diagnostic| diagnostic.in_file(source).code(codes::SYNTAX));
        let known = &mut self.problems.borrow_mut().diagnostics;
        for diagnostic in located {
            if !known.contains(&diagnostic) {
                known.push(diagnostic);
            }
        }
    }
}

fn top(module: &str) -> &str {
    module.split('.').next().unwrap_or_default()
}
