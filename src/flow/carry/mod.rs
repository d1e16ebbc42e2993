//! Module-level definitions that router code needs: constants, standard library imports, pure
//! helper functions and exception classes travel into the router with everything they use, from
//! whichever module of the project defines them.

mod changes;
mod classes;
mod constants;
mod functions;
mod imports;
mod mentions;
mod renames;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::codes;
use super::effects::local_names;
use super::expression::Uses;
use super::lower::{FreshNames, RouterNames, words};
use super::modules::{ModuleRef, Modules, Target};
use super::python;
use super::rules::Behaviour;
use super::scope::{Binding, Scope, is_standard};
use super::types::Typing;
use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span};
use crate::syntax::tree::{Function, Module};
use changes::Changes;
use functions::names_used;
use mentions::Mentions;

/// A definition that the router takes along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// The statement as Python text.
    pub text: String,
    /// Where it comes from: a line of the flow's file, or `file:line`.
    pub place: String,
    /// What it is.
    pub kind: CarriedKind,
}

/// What is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CarriedKind {
    /// An import: goes to the top, and needs no remark.
    Import,
    /// A function or class.
    Definition,
    /// Anything else.
    Value,
}

/// A module whose definitions are carried.
struct Home<'a> {
    name: String,
    module: ModuleRef<'a>,
    source: Source,
    tree: &'a Module,
    scope: Scope<'a>,
    taken: BTreeMap<Span, (Text, CarriedKind)>,
    done: BTreeSet<String>,
    /// What the module changes; looked for when it is asked.
    changes: Option<Changes>,
    /// Where it mentions what; looked for when it is asked.
    mentions: OnceCell<Mentions>,
}

/// What is carried, before it is known what everything is called.
enum Text {
    /// As it is to be.
    Made(String),
    /// `alias = name` of something in another module.
    Alias(String, Reference),
    /// A definition of the file.
    Source(Span),
    /// A class of the file, with its name.
    Class(Span, String),
}

/// A definition in a module: its name there.
#[derive(Clone)]
struct Reference {
    module: String,
    name: String,
}

impl Home<'_> {
    fn mentions(&self) -> &Mentions {
        self.mentions.get_or_init(|| Mentions::in_module(self.tree))
    }

    /// Where code calls a function of its file that is said to be an actor or a part of flows.
    fn calls_elsewhere(&self, function: &Function) -> Option<Span> {
        let locals = local_names(function);
        let used = names_used(&function.body, &BTreeSet::new()).into_iter().filter(|(name, _)| !locals.contains(name));
        used.into_iter().find_map(|(name, span)| {
            let function = self.scope.function(&name)?;
            let behaviour = self.module.rules().mark(function)?;
            (behaviour != Behaviour::Inline).then_some(span)
        })
    }
}

/// What the flow's own code and that of its helpers uses: names by module.
pub(super) type UsesByModule = BTreeMap<String, Uses>;

/// The definitions behind `uses`, those of other modules first, and problems with those that cannot
/// travel.
pub(super) fn definitions<'a>(
    own: ModuleRef<'a>,
    modules: &'a Modules<'a>,
    names: &RouterNames,
    typing: &Typing<'a>,
    mut uses: UsesByModule,
    fresh: &mut FreshNames,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Carried> {
    let (homes, owners, renamed, mentions) = (Vec::new(), BTreeMap::new(), BTreeMap::new(), Vec::new());
    let values = fresh.make("values");
    let needs = BTreeMap::new();
    let mut carrier =
        Carrier { names, modules, typing, fresh, homes, owners, needs, renamed, mentions, values, diagnostics };
    carrier.home(own, None);
    // The flow's own names stay as they are, whatever other modules call theirs.
    let first = uses.remove_entry(own.name());
    for (module, names) in first.into_iter().chain(uses) {
        let Some(module) = carrier.module(&module, own) else { continue };
        for (name, span) in names {
            let home = carrier.home(module, Some(own.name()));
            carrier.carry(&home, &name, span);
        }
    }
    carrier.sort(own.name());
    let compared = carrier.settle_names();
    let (renamed, values) = (carrier.renamed, carrier.values);
    let mut carried: Vec<Carried> = Vec::new();
    for home in &carrier.homes {
        typing.leave_out(&home.source, home.module.rules().dropped());
    }
    let edits = typing.edits();
    for home in carrier.homes {
        let is_own = home.name == own.name();
        for (span, (text, kind)) in home.taken {
            let text = match text {
                Text::Made(text) => text,
                Text::Alias(alias, Reference { module, name }) => {
                    format!("{alias} = {}", renamed.get(&(module, name.clone())).unwrap_or(&name))
                }
                Text::Source(whole) => edits.text(&home.source, whole).into_owned(),
                Text::Class(whole, name) => {
                    let text = edits.text(&home.source, whole);
                    format!("{text}\n\n\n{name}.__module__ = \"{}\"", home.name)
                }
            };
            if kind != CarriedKind::Import || !carried.iter().any(|known| known.text == text) {
                let line = home.source.line_of(span.start);
                let place = if is_own { line.to_string() } else { format!("{}:{line}", home.source.name()) };
                carried.push(Carried { text, place, kind });
            }
        }
    }
    if !compared.is_empty() {
        let each: String = compared.iter().map(|name| format!("\n    {name} = {name}")).collect();
        let text = format!("class {values}:{each}");
        carried.push(Carried { text, place: String::new(), kind: CarriedKind::Definition });
    }
    if carried.iter().any(|carried| carried.kind == CarriedKind::Definition) {
        let text = "from __future__ import annotations".to_owned();
        carried.insert(0, Carried { text, place: String::new(), kind: CarriedKind::Import });
    }
    carried
}

struct Carrier<'c, 'a> {
    names: &'c RouterNames,
    modules: &'a Modules<'a>,
    typing: &'c Typing<'a>,
    fresh: &'c mut FreshNames,
    /// In the order in which their definitions have to stand.
    homes: Vec<Home<'a>>,
    /// What the names of the router stand for.
    owners: BTreeMap<String, Meaning>,
    /// Which modules have to stand before one.
    needs: BTreeMap<String, BTreeSet<String>>,
    /// What names of modules are called in the router, where that is something else.
    renamed: BTreeMap<(String, String), String>,
    /// Where modules mention definitions of others without a name of their own for them.
    mentions: Vec<renames::Mention>,
    /// What holds the values that `case` compares with.
    values: String,
    diagnostics: &'c mut Vec<Diagnostic>,
}

impl<'a> Carrier<'_, 'a> {
    fn module(&self, name: &str, own: ModuleRef<'a>) -> Option<ModuleRef<'a>> {
        if name == own.name() {
            return Some(own);
        }
        match self.modules.get(name) {
            Target::Module(module) => Some(module),
            _ => None,
        }
    }

    /// The module of a home.
    fn module_named(&self, home: &str) -> ModuleRef<'a> {
        match self.modules.get(home) {
            Target::Module(module) => module,
            _ => self.modules.own(),
        }
    }

    /// Opens a module; what `user` takes from it has to stand before `user`'s own.
    fn home(&mut self, module: ModuleRef<'a>, user: Option<&str>) -> String {
        let name = module.name().to_owned();
        if let Some(user) = user.filter(|user| *user != name) {
            self.needs.entry(user.to_owned()).or_default().insert(name.clone());
        }
        if !self.homes.iter().any(|home| home.name == name) {
            let all = words(module.source().text());
            self.fresh.take(all.clone());
            self.typing.take(all);
            let home = Home {
                name: name.clone(),
                module,
                source: module.source().clone(),
                tree: module.tree(),
                scope: Scope::of(module.tree(), &name, module.is_package()),
                taken: BTreeMap::new(),
                done: BTreeSet::new(),
                changes: None,
                mentions: OnceCell::new(),
            };
            let at = user.and_then(|user| self.homes.iter().position(|home| home.name == user));
            self.homes.insert(at.unwrap_or(self.homes.len()), home);
        }
        name
    }

    /// Puts every module behind those that it needs; `own` comes last.
    fn sort(&mut self, own: &str) {
        fn visit(
            name: &str,
            needs: &BTreeMap<String, BTreeSet<String>>,
            order: &mut Vec<String>,
            seen: &mut BTreeSet<String>,
        ) {
            if seen.insert(name.to_owned()) {
                needs.get(name).into_iter().flatten().for_each(|needed| visit(needed, needs, order, seen));
                order.push(name.to_owned());
            }
        }
        let (mut order, mut seen) = (Vec::new(), BTreeSet::new());
        visit(own, &self.needs, &mut order, &mut seen);
        self.homes.sort_by_key(|home| order.iter().position(|name| *name == home.name));
    }

    fn at(&self, home: &str) -> usize {
        self.homes.iter().position(|one| one.name == home).unwrap_or(0)
    }

    /// Carries what `name` stands for in a module, which may be a dotted name through other modules.
    fn carry(&mut self, home: &str, name: &str, used: Span) {
        let at = self.at(home);
        if !self.homes[at].done.insert(name.to_owned()) {
            return;
        }
        if self.carry_through_modules(home, name, used) {
            return;
        }
        let root = name.split('.').next().unwrap_or(name);
        let Some((binding, span)) = self.homes[at].scope.get(root).map(|found| (Owned::of(found.binding), found.span))
        else {
            self.carry_from_star(home, root, used);
            return;
        };
        match binding {
            Owned::Module(module) if is_standard(&module) => self.carry_import(home, root),
            Owned::Member(module, member) if is_standard(&module) => {
                let meaning = Meaning::Imported(format!("{module}.{member}"));
                let Some(root) = self.claim(home, root, span, meaning, used, true) else { return };
                let text = match member == root {
                    true => format!("from {module} import {member}"),
                    false => format!("from {module} import {member} as {root}"),
                };
                self.take(home, span, Text::Made(text), CarriedKind::Import);
            }
            Owned::Module(module) => {
                let reason = match self.modules.get(&module) {
                    Target::Module(_) => format!("`{module}` is a module, and only what it defines can be taken along"),
                    _ => imports::not_there(&module),
                };
                self.refuse(home, name, used, span, "imported here", reason);
            }
            Owned::Member(module, member) => {
                self.carry_from(home, &module, &member, root, used, span);
            }
            Owned::Constant => {
                if !self.is_changed(home, root, used) {
                    self.carry_constant(home, root, span, used);
                }
            }
            Owned::Function => self.carry_function(home, root, span, used),
            Owned::Class => self.carry_class(home, root, span, used),
            Owned::Unclear => {
                let reason = "it is bound more than once or under a condition, so its value is not certain".to_owned();
                self.refuse(home, name, used, span, "bound here", reason);
            }
        }
    }

    /// What `home`'s `name` is called in the router: another name when that is taken by something else, and
    /// `may_change`. `None` after it was refused.
    fn claim(
        &mut self,
        home: &str,
        name: &str,
        span: Span,
        meaning: Meaning,
        used: Span,
        may_change: bool,
    ) -> Option<String> {
        if let Some(new) = self.renamed.get(&(home.to_owned(), name.to_owned())) {
            return Some(new.clone());
        }
        // The rest of the router means Python's own.
        if may_change
            && python::is_builtin(name)
            && let Some(new) = self.rename(home, name)
        {
            return Some(new);
        }
        match self.owners.get(name) {
            None => {
                self.owners.insert(name.to_owned(), meaning);
                Some(name.to_owned())
            }
            Some(known) if *known == meaning => Some(name.to_owned()),
            Some(known) => {
                let reason = match known {
                    Meaning::Defined(owner) => format!("`{owner}` has another `{name}`"),
                    Meaning::Imported(path) => format!("`{name}` is also `{path}`"),
                };
                let new = if may_change { self.rename(home, name) } else { None };
                if new.is_none() {
                    let reason = format!("{reason}, and the router has one place for both");
                    self.refuse(home, name, used, span, "defined here", reason);
                }
                new
            }
        }
    }

    fn take(&mut self, home: &str, span: Span, text: Text, kind: CarriedKind) {
        let at = self.at(home);
        self.homes[at].taken.insert(span, (text, kind));
    }

    /// Problems found in the text of `home`.
    fn add_problems(&mut self, home: &str, found: Vec<Diagnostic>) {
        let source = self.homes[self.at(home)].source.clone();
        let is_own = self.homes.last().is_some_and(|last| last.name == home);
        for one in found {
            self.diagnostics.push(if is_own { one } else { one.in_file(&source) });
        }
    }

    /// An `async` function that is named without being called.
    fn refuse_as_value(&mut self, home: &str, name: &str, used: Span, (module, defined): (ModuleRef<'a>, Span)) {
        let diagnostic = Diagnostic::error(used, format!("`{name}` is an actor, and here it is used as a value"))
            .code(codes::NOT_CARRIED)
            .label("this runs in the router")
            .related_in(module.source(), defined, "defined here")
            .note("the actors of a flow are deployed with it, so each has to be called by its name")
            .help(format!(
                "choose with `if` or `match`, and call it where it is chosen: `case \"{name}\": x = await {name}(…)`"
            ));
        self.add_problems(home, vec![diagnostic]);
    }

    fn refuse(&mut self, home: &str, name: &str, used: Span, bound: Span, label: &str, reason: String) {
        let source = self.homes[self.at(home)].source.clone();
        let line = Span::new(bound.start, source.line_span(source.line_of(bound.start)).end);
        let diagnostic = Diagnostic::error(used, format!("`{name}` cannot be used in the flow's own code"))
            .code(codes::NOT_CARRIED)
            .label("this runs in the router")
            .related(line, label)
            .note(reason)
            .help("move this statement into an actor");
        self.add_problems(home, vec![diagnostic]);
    }
}

/// What a name of the router stands for.
#[derive(PartialEq, Eq)]
enum Meaning {
    /// A definition of a module.
    Defined(String),
    /// Something of the standard library.
    Imported(String),
}

/// A binding without what it borrows.
enum Owned {
    Module(String),
    Member(String, String),
    Function,
    Class,
    Constant,
    Unclear,
}

impl Owned {
    fn of(binding: Binding<'_>) -> Self {
        match binding {
            Binding::Module(module) => Self::Module(module.to_owned()),
            Binding::Member { module, member } => Self::Member(module.to_owned(), member.to_owned()),
            Binding::Function(_) => Self::Function,
            Binding::Class(_) => Self::Class,
            Binding::Constant(_) => Self::Constant,
            Binding::Unclear => Self::Unclear,
        }
    }
}
