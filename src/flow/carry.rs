//! Module-level definitions that router code needs: constants, standard library imports, pure
//! helper functions and exception classes travel into the router with everything they use, from
//! whichever module of the project defines them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::callee::Surroundings;
use super::codes;
use super::effects::local_names as names_bound_in;
use super::expression::{ExpressionCheck, Uses};
use super::lower::RouterNames;
use super::modules::{ClassRef, Found, ModuleRef, Modules, Target};
use super::rules::{Behaviour, Names, without};
use super::scope::{Binding, Scope, is_standard};
use super::types::{Place, Typing};
use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span};
use crate::syntax::tree::{Class, ExprKind, Function, Module, Stmt, StmtKind};
use crate::syntax::{blocks, expressions, walk};

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
    carried: BTreeMap<Span, Carried>,
    done: BTreeSet<String>,
}

impl Home<'_> {
    /// Text of the file without call-site wrappers.
    fn text(&self, span: Span) -> String {
        without(&self.source, span, self.module.rules().dropped())
    }

    /// Where code calls a function of its file that is said to be an actor or a part of flows.
    fn calls_elsewhere(&self, function: &Function) -> Option<Span> {
        let locals = names_bound_in(function);
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
    uses: UsesByModule,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Carried> {
    let mut carrier = Carrier { names, modules, typing, homes: Vec::new(), owners: BTreeMap::new(), diagnostics };
    carrier.home(own, None);
    for (module, names) in uses {
        let Some(module) = carrier.module(&module, own) else { continue };
        for (name, span) in names {
            let home = carrier.home(module, Some(own.name()));
            carrier.carry(&home, &name, span);
        }
    }
    let mut carried: Vec<Carried> = Vec::new();
    for home in carrier.homes {
        for one in home.carried.into_values() {
            if one.kind != CarriedKind::Import || !carried.iter().any(|known| known.text == one.text) {
                carried.push(one);
            }
        }
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
    /// In the order in which their definitions have to stand.
    homes: Vec<Home<'a>>,
    /// Which module a name of the router comes from.
    owners: BTreeMap<String, String>,
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

    /// Opens a module; what `user` takes from it has to stand before `user`'s own.
    fn home(&mut self, module: ModuleRef<'a>, user: Option<&str>) -> String {
        let name = module.name().to_owned();
        if !self.homes.iter().any(|home| home.name == name) {
            let home = Home {
                name: name.clone(),
                module,
                source: module.source().clone(),
                tree: module.tree(),
                scope: Scope::of(module.tree(), &name, module.is_package()),
                carried: BTreeMap::new(),
                done: BTreeSet::new(),
            };
            let at = user.and_then(|user| self.homes.iter().position(|home| home.name == user));
            self.homes.insert(at.unwrap_or(self.homes.len()), home);
        }
        name
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
        let (root, rest) = name.split_once('.').map_or((name, None), |(root, rest)| (root, Some(rest)));
        let Some((binding, span)) = self.homes[at].scope.get(root).map(|found| (Owned::of(found.binding), found.span))
        else {
            return;
        };
        match binding {
            Owned::Module(module) if is_standard(&module) => self.carry_import(home, root),
            Owned::Member(module, member) if is_standard(&module) => {
                let text = if member == root {
                    format!("from {module} import {member}")
                } else {
                    format!("from {module} import {member} as {root}")
                };
                self.take(home, root, span, text, CarriedKind::Import, used);
            }
            Owned::Module(module) => {
                let path: Vec<&str> = rest.unwrap_or_default().split('.').collect();
                self.carry_from(home, &module, &path, None, used, span);
            }
            Owned::Member(module, member) => {
                let path: Vec<&str> = std::iter::once(member.as_str())
                    .chain(rest.map(|rest| rest.split('.')).into_iter().flatten())
                    .collect();
                self.carry_from(home, &module, &path, Some(root), used, span);
            }
            Owned::Constant => self.carry_constant(home, root, span, used),
            Owned::Function => self.carry_function(home, root, span, used),
            Owned::Class => self.carry_class(home, root, span, used),
            Owned::Unclear => {
                let reason = "it is bound more than once or under a condition, so its value is not certain".to_owned();
                self.refuse(home, name, used, span, "bound here", reason);
            }
        }
    }

    /// Carries `module.path`, imported by `home` as `alias`.
    fn carry_from(&mut self, home: &str, module: &str, path: &[&str], alias: Option<&str>, used: Span, bound: Span) {
        let shown = path.last().filter(|last| !last.is_empty()).copied().unwrap_or(module).to_owned();
        let (target, name) = match self.modules.resolve_absolute(module, path) {
            Found::Function { definition, name } => (definition.module, name),
            Found::Class(ClassRef { module, path, .. }) if path.len() == 1 => (module, path[0].clone()),
            Found::Value { module, name, .. } => (module, name),
            _ => {
                let reason =
                    format!("`{module}` is not part of the standard library, and the router's image has nothing else");
                self.refuse(home, &shown, used, bound, "imported here", reason);
                return;
            }
        };
        let other = self.home(target, Some(home));
        let before = self.diagnostics.len();
        self.carry(&other, &name, used_in(target, &name));
        if self.diagnostics.len() > before {
            // What is wrong is in another file; here is why it matters.
            let at = self.at(home);
            let source = self.homes[at].source.clone();
            if let Some(last) = self.diagnostics.get_mut(before) {
                *last = last.clone().related_in(&source, used, "needed here");
            }
        }
        if let Some(alias) = alias.filter(|alias| *alias != name) {
            let text = format!("{alias} = {name}");
            self.take(home, alias, bound, text, CarriedKind::Value, used);
        }
    }

    fn carry_constant(&mut self, home: &str, name: &str, span: Span, used: Span) {
        let at = self.at(home);
        let mut uses = Uses::new();
        let mut found = Vec::new();
        {
            let home = &self.homes[at];
            let Some(value) = home.scope.constant(name) else { return };
            let around = Surroundings {
                scope: &home.scope,
                modules: self.modules,
                home: home.module,
                module: "",
                locals: &BTreeSet::new(),
                instances: &BTreeMap::new(),
                settled: &BTreeSet::new(),
                project_modules: &BTreeSet::new(),
            };
            let mut check = ExpressionCheck {
                around: &around,
                payload: "",
                methods: &BTreeMap::new(),
                names: self.names,
                flow_module: "",
                groups: &BTreeMap::new(),
                diagnostics: &mut found,
                uses: &mut uses,
                renamed: &BTreeMap::new(),
                replacements: Vec::new(),
                helpers: Vec::new(),
                actors: Vec::new(),
                decided_callee: None,
                waits: false,
                branch: None,
                in_lambda: false,
            };
            check.check(value, &[]);
        }
        self.add_problems(home, found);
        let text = self.homes[at].text(span);
        self.take(home, name, span, text, CarriedKind::Value, used);
        uses.into_iter().for_each(|(name, span)| self.carry(home, &name, span));
    }

    /// Problems found in the text of `home`.
    fn add_problems(&mut self, home: &str, found: Vec<Diagnostic>) {
        let source = self.homes[self.at(home)].source.clone();
        let is_own = self.homes.last().is_some_and(|last| last.name == home);
        for one in found {
            self.diagnostics.push(if is_own { one } else { one.in_file(&source) });
        }
    }

    fn take(&mut self, home: &str, name: &str, span: Span, text: String, kind: CarriedKind, used: Span) {
        let at = self.at(home);
        if kind != CarriedKind::Import {
            let owner = self.owners.entry(name.to_owned()).or_insert_with(|| home.to_owned()).clone();
            if owner != home {
                let reason = format!("`{owner}` has another `{name}`, and the router has one place for both");
                self.refuse(home, name, used, span, "defined here", reason);
                return;
            }
        }
        let is_own = at + 1 == self.homes.len();
        let home = &mut self.homes[at];
        let line = home.source.line_of(span.start);
        let place = if is_own { line.to_string() } else { format!("{}:{line}", home.source.name()) };
        home.carried.insert(span, Carried { text, place, kind });
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

    /// Every `import` that binds `name`: `import xml.dom` and `import xml.sax` both bind `xml`.
    fn carry_import(&mut self, home: &str, name: &str) {
        let at = self.at(home);
        let mut taken = Vec::new();
        for stmt in &self.homes[at].tree.body {
            let StmtKind::Import(aliases) = &stmt.kind else { continue };
            for alias in aliases {
                let bound = alias.alias.as_deref().or_else(|| alias.name.split('.').next());
                if bound == Some(name) {
                    taken.push((alias.span, format!("import {}", self.homes[at].source.slice(alias.span))));
                }
            }
        }
        for (span, text) in taken {
            self.take(home, name, span, text, CarriedKind::Import, span);
        }
    }

    fn carry_function(&mut self, home: &str, name: &str, span: Span, used: Span) {
        let at = self.at(home);
        let Some(function) = self.homes[at].scope.function(name) else { return };
        let rules = self.homes[at].module.rules();
        let names = Names { scope: &self.homes[at].scope, module: home, locals: BTreeSet::new() };
        let decorated = function.decorators.iter().any(|decorator| !rules.is_mark(decorator, &names));
        if function.is_async || decorated {
            let what = if function.is_async { "it is `async`" } else { "it is decorated" };
            self.refuse(home, name, used, span, "defined here", format!("{what}, so it can only run in an actor"));
            return;
        }
        if let Some((offender, what)) = impure(&function.body) {
            let reason = format!("{what}, so it can only run in an actor");
            self.refuse(home, name, used, offender, "because of this", reason);
            return;
        }
        let elsewhere = rules.inside(span).or_else(|| self.homes[at].calls_elsewhere(function));
        if let Some(offender) = elsewhere {
            let reason = "it calls something that does not run in the router".to_owned();
            self.refuse(home, name, used, offender, "because of this", reason);
            return;
        }
        let settled = self.type_function(home, function);
        let home_of = &self.homes[at];
        let whole = Span::new(definition_start(function, span, &home_of.source), span.end);
        let text = match self.typing.edits().text(&home_of.source, whole) {
            Cow::Borrowed(_) => home_of.text(whole),
            Cow::Owned(text) => text,
        };
        self.take(home, name, span, text, CarriedKind::Definition, used);
        self.carry_names_of(home, function, &settled);
    }

    /// Finds the types of a function's values; answers the names in it that nobody has to look for.
    fn type_function(&mut self, home: &str, function: &'a Function) -> BTreeSet<Span> {
        let module = match self.modules.get(home) {
            Target::Module(module) => module,
            _ => self.modules.own(),
        };
        let mut found = Vec::new();
        let around = Surroundings {
            scope: &self.homes[self.at(home)].scope,
            modules: self.modules,
            home: module,
            module: home,
            locals: &names_bound_in(function),
            instances: &BTreeMap::new(),
            settled: &BTreeSet::new(),
            project_modules: &BTreeSet::new(),
        };
        let typed = self.typing.of_function(function, Place::Part, "", &around, &mut found);
        self.typing.insert_methods(module.source(), &typed);
        self.add_problems(home, found);
        typed.settled
    }

    /// Everything a function uses of its module.
    fn carry_names_of(&mut self, home: &str, function: &Function, settled: &BTreeSet<Span>) {
        let locals = names_bound_in(function);
        let mut needed = names_used(&function.body, settled);
        for parameter in function.parameters.positional.iter().chain(&function.parameters.keyword_only) {
            if let Some(default) = &parameter.default {
                walk(default, &mut |expr| {
                    if let Some(name) = expr.as_name() {
                        self.carry(home, name, expr.span);
                    }
                    true
                });
            }
        }
        needed.retain(|name, _| !locals.contains(name));
        for (name, place) in needed {
            self.carry(home, &name, place);
        }
    }

    /// An exception class: the flow may raise it. Others stay with the handlers.
    fn carry_class(&mut self, home: &str, name: &str, span: Span, used: Span) {
        let at = self.at(home);
        let Some(class) = self.homes[at].scope.class(name) else { return };
        let module = match self.modules.get(home) {
            Target::Module(module) => module,
            _ => self.modules.own(),
        };
        let chain = self.modules.chain(&ClassRef { module, path: vec![name.to_owned()], class });
        let is_exception = self.is_exception(home, class, 0)
            || chain.is_complete
                && chain.links.iter().any(|link| {
                    link.module.is_empty() && link.name == "BaseException" || link.runtime_name() == "Exception"
                });
        let offender = class.body.iter().find_map(|stmt| match &stmt.kind {
            StmtKind::Function(function) => impure(&function.body).map(|(span, _)| span),
            _ => None,
        });
        // A class that only gives names to values is as good as these values.
        let is_names_only = class.arguments.is_empty()
            && class.body.iter().all(|stmt| {
                matches!(
                    stmt.kind,
                    StmtKind::Assign { .. } | StmtKind::AnnAssign { .. } | StmtKind::Pass | StmtKind::Expr(_)
                )
            });
        if !(is_exception || is_names_only) || !class.decorators.is_empty() || offender.is_some() {
            let reason = if is_exception { "it is more than an exception" } else { "classes stay with the handlers" };
            self.refuse(home, name, used, span, "defined here", reason.to_owned());
            return;
        }
        let text = format!("{}\n\n\n{name}.__module__ = \"{home}\"", self.homes[at].text(span));
        self.take(home, name, span, text, CarriedKind::Definition, used);
        self.carry_names_of_class(home, class);
    }

    /// Whether all bases of a class are exceptions: builtins, or classes of the same file.
    fn is_exception(&self, home: &str, class: &Class, depth: usize) -> bool {
        let scope = &self.homes[self.at(home)].scope;
        !class.arguments.is_empty()
            && depth < 20
            && class.arguments.iter().all(|argument| match argument.value.as_name() {
                Some(name) if argument.keyword.is_none() => match scope.class(name) {
                    Some(base) => self.is_exception(home, base, depth + 1),
                    None => scope.get(name).is_none() && super::python::is_builtin_exception(name),
                },
                _ => false,
            })
    }

    fn carry_names_of_class(&mut self, home: &str, class: &Class) {
        for argument in &class.arguments {
            walk(&argument.value, &mut |expr| {
                if let Some(name) = expr.as_name() {
                    self.carry(home, name, expr.span);
                }
                true
            });
        }
        for stmt in &class.body {
            match &stmt.kind {
                StmtKind::Function(function) => self.carry_names_of(home, function, &BTreeSet::new()),
                _ => {
                    for (name, place) in names_used(std::slice::from_ref(stmt), &BTreeSet::new()) {
                        self.carry(home, &name, place);
                    }
                }
            }
        }
    }
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

/// Where a definition begins without its decorators.
fn definition_start(function: &Function, span: Span, source: &Source) -> usize {
    if function.decorators.is_empty() {
        return span.start;
    }
    let text = source.slice(Span::new(function.signature.start, function.signature.end));
    function.signature.start + (text.len() - text.trim_start().len())
}

/// The place of a definition in its own file.
fn used_in(module: ModuleRef<'_>, name: &str) -> Span {
    let found = module.tree().body.iter().find_map(|stmt| match &stmt.kind {
        StmtKind::Function(function) if function.name.name == name => Some(function.name.span),
        StmtKind::Class(class) if class.name.name == name => Some(class.name.span),
        StmtKind::Assign { targets, .. } => {
            targets.iter().find(|target| target.is_name(name)).map(|target| target.span)
        }
        _ => None,
    });
    found.unwrap_or(Span::new(0, 0))
}

/// A statement or expression that ties a helper to its process.
fn impure(body: &[Stmt]) -> Option<(Span, &'static str)> {
    for stmt in body {
        match stmt.kind {
            StmtKind::Global(_) | StmtKind::Nonlocal(_) => return Some((stmt.span, "it keeps state")),
            StmtKind::Import(_) | StmtKind::ImportFrom { .. } => {
                return Some((stmt.span, "it imports a module inside"));
            }
            _ => {}
        }
        let mut found = None;
        for expr in expressions(stmt) {
            walk(expr, &mut |expr| {
                if matches!(expr.kind, ExprKind::Await(_)) {
                    found.get_or_insert((expr.span, "it waits"));
                }
                true
            });
        }
        let nested = blocks(stmt).into_iter().find_map(impure);
        if let Some(found) = found.or(nested) {
            return Some(found);
        }
    }
    None
}

/// Every name in `body` with its first place, except what stands in `settled`.
pub(super) fn names_used(body: &[Stmt], settled: &BTreeSet<Span>) -> BTreeMap<String, Span> {
    let mut names = BTreeMap::new();
    for stmt in body {
        for expr in expressions(stmt) {
            walk(expr, &mut |expr| {
                if settled.contains(&expr.span) {
                    return false;
                }
                if let Some(name) = expr.as_name() {
                    names.entry(name.to_owned()).or_insert(expr.span);
                }
                true
            });
        }
        for block in blocks(stmt) {
            for (name, span) in names_used(block, settled) {
                names.entry(name).or_insert(span);
            }
        }
    }
    names
}
