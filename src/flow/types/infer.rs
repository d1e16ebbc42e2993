//! One walk over a function: what its variables hold, statement by statement. A variable has one
//! type wherever it stands: what all its assignments have in common.

use std::collections::{BTreeMap, BTreeSet};

use super::annotation::Reader;
use super::kind::Type;
use super::{Place, Typed, Typing, refuse};
use crate::diagnostic::Diagnostic;
use crate::flow::callee::Surroundings;
use crate::flow::codes;
use crate::flow::effects::target_names;
use crate::source::{Source, Span};
use crate::syntax::blocks;
use crate::syntax::tree::{Expr, ExprKind, Function, Parameters, Stmt, StmtKind};

/// Types grow with every round until nothing changes.
const MAX_ROUNDS: usize = 24;

/// Finds the types of a function's values.
pub(super) fn function<'a>(
    typing: &Typing<'a>,
    function: &'a Function,
    place: Place,
    payload: &str,
    around: &Surroundings<'a, '_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Typed {
    let mut walker = Walker {
        typing,
        around,
        source: around.home.source(),
        place,
        declared: BTreeMap::new(),
        known: BTreeMap::new(),
        local: Vec::new(),
        holding: BTreeSet::new(),
        returns: function.returns.as_ref().map(|annotation| walker_reader(typing, around).read(annotation)),
        whole: Vec::new(),
        quotes: Vec::new(),
        handlers: handler_objects(&function.body),
        here: function.name.span,
        blurred: BTreeMap::new(),
        changed: false,
        writes: false,
        diagnostics: Vec::new(),
        typed: Typed::default(),
    };
    walker.parameters(&function.parameters, payload);
    for _ in 0..MAX_ROUNDS {
        walker.changed = false;
        walker.block(&function.body);
        if !walker.changed {
            break;
        }
    }
    walker.writes = true;
    walker.block(&function.body);
    if place == Place::Flow
        && let Some(ty) = walker.declared.get(payload)
        && typing.is_completed(ty)
    {
        walker.typed.entry = Some(ty.clone());
    }
    let mut seen = BTreeSet::new();
    walker.diagnostics.retain(|diagnostic| seen.insert((diagnostic.span, diagnostic.message.clone())));
    diagnostics.append(&mut walker.diagnostics);
    walker.typed
}

fn walker_reader<'t, 'a>(typing: &'t Typing<'a>, around: &Surroundings<'a, '_>) -> Reader<'t, 'a> {
    Reader { typing, module: around.home, in_field: false }
}

/// Walks a function.
pub(super) struct Walker<'w, 'a, 's> {
    pub(super) typing: &'w Typing<'a>,
    pub(super) around: &'w Surroundings<'a, 's>,
    pub(super) source: &'a Source,
    pub(super) place: Place,
    /// What annotations say of variables.
    pub(super) declared: BTreeMap<String, Type>,
    /// What is known so far.
    pub(super) known: BTreeMap<String, Type>,
    /// Variables of comprehensions and lambdas, innermost last.
    pub(super) local: Vec<(String, Type)>,
    /// Variables of plain JSON into which an object was put somewhere.
    pub(super) holding: BTreeSet<String>,
    pub(super) returns: Option<Type>,
    /// Calls that are a whole right-hand side or an element of one: of actors even without `await`.
    pub(super) whole: Vec<Span>,
    /// Calls that make objects of which only methods are called.
    pub(super) handlers: BTreeMap<Span, BTreeSet<String>>,
    /// The quotes of the f-strings around.
    pub(super) quotes: Vec<char>,
    /// The statement.
    pub(super) here: Span,
    /// Where variables get values of another class than they have elsewhere.
    pub(super) blurred: BTreeMap<String, Span>,
    pub(super) changed: bool,
    /// The last round: says what is wrong and what stands in the place of what.
    pub(super) writes: bool,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) typed: Typed,
}

impl<'a> Walker<'_, 'a, '_> {
    pub(super) fn reader(&self) -> Reader<'_, 'a> {
        walker_reader(self.typing, self.around)
    }

    /// Notes a problem, in the last round.
    pub(super) fn refuse(&mut self, diagnostic: Diagnostic) {
        if self.writes {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Notes a problem of a class, once however often it is met.
    pub(super) fn refuse_once(&mut self, diagnostic: Diagnostic) {
        if !self.diagnostics.iter().any(|known| known.message == diagnostic.message) {
            self.refuse(diagnostic);
        }
    }

    /// Puts text in the place of a part of the source, in the last round.
    pub(super) fn edit(&mut self, span: Span, text: impl Into<String>) {
        if self.writes {
            self.typing.edits.borrow_mut().add(self.source, span, text.into());
        }
    }

    pub(super) fn is_bound(&self, name: &str) -> bool {
        self.around.locals.contains(name) || self.local.iter().any(|(known, _)| known == name)
    }

    fn parameters(&mut self, parameters: &Parameters, payload: &str) {
        for parameter in parameters.positional.iter().chain(&parameters.keyword_only) {
            let name = &parameter.name.name;
            let is_payload = self.place != Place::Part && name == payload;
            let read = parameter.annotation.as_ref().map(|annotation| self.reader().read(annotation));
            let ty = match read {
                Some(ty @ (Type::Foreign(_) | Type::None)) => ty,
                Some(ty) if ty.is_typed() => ty,
                _ if is_payload => Type::Json,
                Some(Type::Json) => Type::Json,
                _ => Type::Unknown,
            };
            if ty.is_typed() {
                self.declared.insert(name.clone(), ty.clone());
            }
            self.known.insert(name.clone(), ty);
        }
        for name in parameters.variadic.iter().chain(&parameters.keywords) {
            self.known.insert(name.name.clone(), Type::Unknown);
        }
    }

    /// Notes that a variable holds a value of type `ty` somewhere.
    pub(super) fn holds(&mut self, name: &str, ty: &Type) {
        if let Some(local) = self.local.iter_mut().rev().find(|(known, _)| known == name) {
            local.1 = local.1.join(ty);
            return;
        }
        let ty = match self.declared.get(name) {
            Some(declared) if declared.takes(ty) => declared,
            _ => ty,
        };
        let before = self.known.get(name).cloned().unwrap_or(Type::Never);
        let joined = before.join(ty);
        if joined != before {
            self.changed = true;
            if joined.is_blurred() {
                self.blurred.entry(name.to_owned()).or_insert(self.here);
            }
            self.known.insert(name.to_owned(), joined);
        }
    }

    pub(super) fn block(&mut self, body: &'a [Stmt]) {
        body.iter().for_each(|stmt| self.statement(stmt));
    }

    fn statement(&mut self, stmt: &'a Stmt) {
        self.whole.clear();
        self.here = stmt.span;
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                let expected = match targets.as_slice() {
                    [target] => self.expected(target),
                    _ => None,
                };
                let ty = self.assigned(value, expected.as_ref());
                targets.iter().for_each(|target| self.bind(target, &ty));
            }
            StmtKind::AnnAssign { target, annotation, value } => self.annotated(target, annotation, value.as_ref()),
            StmtKind::AugAssign { target, value } => self.augmented(target, value),
            StmtKind::Expr(value) => {
                self.assigned(value, None);
            }
            StmtKind::Return(value) => {
                if let Some(value) = value {
                    let expected = self.returns.clone();
                    let ty = self.assigned(value, expected.as_ref());
                    self.returned(value, &ty);
                }
            }
            StmtKind::For { target, iterable, .. } => {
                let ty = self.value(iterable);
                self.no_object(&ty, iterable, "goes over an object");
                self.bind(target, &ty.element());
            }
            StmtKind::Delete(targets) => targets.iter().for_each(|target| self.delete(target)),
            StmtKind::With { items, .. } => {
                for (manager, target) in items {
                    self.value(manager);
                    target.iter().for_each(|target| self.bind(target, &Type::Unknown));
                }
            }
            StmtKind::Try { handlers, .. } => {
                for handler in handlers {
                    handler.exception.iter().for_each(|exception| {
                        self.value(exception);
                    });
                    handler.name.iter().for_each(|name| self.holds(&name.name, &Type::Unknown));
                }
            }
            StmtKind::Match { subject, cases } => {
                let ty = self.value(subject);
                self.no_object(&ty, subject, "matches an object");
                let inside = if ty.is_typed() { Type::Mixed } else { Type::Unknown };
                for case in cases {
                    case.captures.iter().for_each(|name| self.holds(&name.name, &inside));
                    case.values.iter().for_each(|value| {
                        self.value(value);
                    });
                    case.guard.iter().for_each(|guard| {
                        self.value(guard);
                    });
                }
            }
            StmtKind::Function(function) => {
                self.inner(function);
                return;
            }
            StmtKind::Class(_) => return,
            _ => crate::syntax::expressions(stmt).into_iter().for_each(|part| {
                self.value(part);
            }),
        }
        blocks(stmt).into_iter().for_each(|block| self.block(block));
    }

    /// A function inside the function sees its variables.
    fn inner(&mut self, function: &'a Function) {
        let before = self.local.len();
        let parameters = &function.parameters;
        for parameter in parameters.positional.iter().chain(&parameters.keyword_only) {
            let ty = parameter.annotation.as_ref().map_or(Type::Unknown, |annotation| self.reader().read(annotation));
            self.local.push((parameter.name.name.clone(), ty));
        }
        let names = parameters.variadic.iter().chain(&parameters.keywords);
        self.local.extend(names.map(|name| (name.name.clone(), Type::Unknown)));
        let (returns, place) = (self.returns.take(), self.place);
        self.returns = function.returns.as_ref().map(|annotation| self.reader().read(annotation));
        self.place = Place::Part;
        self.block(&function.body);
        (self.returns, self.place) = (returns, place);
        self.local.truncate(before);
        self.holds(&function.name.name, &Type::Unknown);
    }

    /// The value of a statement, which may be the call of an actor even without `await`.
    pub(super) fn assigned(&mut self, value: &'a Expr, expected: Option<&Type>) -> Type {
        let (call, _) = value.awaited();
        self.whole.push(call.span);
        let elements = match &call.kind {
            ExprKind::Sequence { items, .. } => items.as_slice(),
            ExprKind::Comprehension { elements, .. } => elements.as_slice(),
            _ => &[],
        };
        self.whole.extend(elements.iter().map(|element| element.awaited().0.span));
        let ty = self.value(value);
        let is_answer = matches!(value.kind, ExprKind::Await(_))
            || matches!(call.kind, ExprKind::Call { .. })
            || !elements.is_empty();
        match expected {
            Some(expected) if is_answer && expected.is_typed() && expected.adopts(&ty) => {
                self.completes(value, expected);
                expected.clone()
            }
            _ => ty,
        }
    }

    /// The answer of the call at `value` may lack fields.
    pub(super) fn completes(&mut self, value: &Expr, ty: &Type) {
        if self.writes && self.typing.is_completed(ty) {
            for span in [value.span, value.awaited().0.span] {
                self.typed.completions.insert(span, ty.clone());
            }
        }
    }

    /// What is declared of a target.
    fn expected(&mut self, target: &'a Expr) -> Option<Type> {
        match &target.kind {
            ExprKind::Name(name) => self.declared.get(name).cloned(),
            ExprKind::Attribute { value, attribute } => {
                let writes = std::mem::replace(&mut self.writes, false);
                let id = self.value(value).record();
                self.writes = writes;
                self.typing.record(id?).field(&attribute.name).map(|field| field.ty.clone())
            }
            _ => None,
        }
    }

    fn annotated(&mut self, target: &'a Expr, annotation: &'a Expr, value: Option<&'a Expr>) {
        let ty = self.reader().read(annotation);
        if let Some(name) = target.as_name()
            && ty.is_typed()
        {
            match self.declared.get(name) {
                Some(before) if *before != ty => {
                    self.holds(name, &Type::Mixed);
                    return;
                }
                _ => self.declared.insert(name.to_owned(), ty.clone()),
            };
            // `items: list[Item] = []`
            self.holds(name, &ty);
        }
        if let Some(value) = value {
            let got = self.assigned(value, Some(&ty));
            if ty.is_typed() && !ty.takes(&got) && !is_empty(&got) {
                let diagnostic = self.typing.mismatch("this", &ty, &got, value.span);
                self.refuse(diagnostic);
            }
            self.bind(target, &if ty.is_typed() { ty } else { got });
        }
    }

    fn augmented(&mut self, target: &'a Expr, value: &'a Expr) {
        let before = self.value(target);
        let after = self.value(value);
        self.no_object(&before, target, "calculates with an object");
        self.no_object(&after, value, "calculates with an object");
        match &target.kind {
            ExprKind::Name(name) => {
                let ty = if after.is_typed() || before.is_typed() { before.join(&after) } else { Type::Unknown };
                if ty != Type::Unknown || !before.is_typed() && before != Type::Json {
                    self.holds(name, &ty);
                }
            }
            _ => self.bind(target, if after.is_typed() { &after } else { &before }),
        }
    }

    fn returned(&mut self, value: &'a Expr, ty: &Type) {
        if self.place == Place::Flow || !ty.is_typed() {
            return;
        }
        match self.returns.clone() {
            Some(returns) if returns.is_typed() && returns.takes(ty) => {}
            returns => {
                let got = self.typing.shown(ty);
                let diagnostic = Diagnostic::error(value.span, format!("this answers {got}, and the function does not say so"))
                    .code(codes::ATTRIBUTE)
                    .note("what calls the function has to know what it gets: attributes become keys only of values whose class is certain")
                    .help(match returns {
                        None => "annotate the function: `-> …`",
                        Some(_) => "make the annotation of the function say what it answers",
                    });
                self.refuse(diagnostic);
            }
        }
    }

    /// `target = value`, `for target in …`.
    pub(super) fn bind(&mut self, target: &'a Expr, ty: &Type) {
        match &target.kind {
            ExprKind::Name(name) => self.holds(name, ty),
            ExprKind::Starred(inner) => self.bind(inner, ty),
            ExprKind::Sequence { items, .. } => {
                self.no_object(ty, target, "takes an object apart");
                let has_star = items.iter().any(|item| matches!(item.kind, ExprKind::Starred(_)));
                match ty.present() {
                    Type::Tuple(parts) if parts.len() == items.len() && !has_star => {
                        items.iter().zip(parts).for_each(|(item, part)| self.bind(item, part));
                    }
                    _ => {
                        for item in items {
                            let element = ty.element();
                            let is_star = matches!(item.kind, ExprKind::Starred(_));
                            self.bind(item, &if is_star { Type::list(element) } else { element });
                        }
                    }
                }
            }
            ExprKind::Attribute { value, attribute } => self.set_attribute(target, value, attribute, ty),
            ExprKind::Subscript { value, index } => {
                let base = self.value(value);
                let key = self.value(index);
                self.no_object(&base, value, "takes a part of an object");
                self.no_object_key(&key, index);
                self.put(value, &base, ty, target.span);
            }
            _ => {
                self.value(target);
            }
        }
    }

    /// Notes that something is put into the container `place`, which is of type `base`.
    pub(super) fn put(&mut self, place: &'a Expr, base: &Type, ty: &Type, span: Span) {
        match (&place.kind, base.present()) {
            (ExprKind::Name(name), Type::List(_)) => self.holds(name, &Type::list(ty.clone())),
            (ExprKind::Name(name), Type::Dict(_)) => self.holds(name, &Type::Dict(Box::new(ty.clone()))),
            (_, Type::List(inner) | Type::Dict(inner)) if inner.is_typed() && !inner.takes(ty) => {
                let diagnostic = self.typing.mismatch("what this holds", inner, ty, span);
                self.refuse(diagnostic);
            }
            (_, Type::Json | Type::Loose | Type::Unknown | Type::List(_) | Type::Dict(_)) if ty.is_typed() => {
                if let Some(root) = place.root().as_name()
                    && self.holding.insert(root.to_owned())
                {
                    self.changed = true;
                }
            }
            _ => {}
        }
    }

    fn delete(&mut self, target: &'a Expr) {
        match &target.kind {
            ExprKind::Name(_) => {}
            ExprKind::Sequence { items, .. } => items.iter().for_each(|item| self.delete(item)),
            ExprKind::Attribute { value, attribute } => {
                let ty = self.value(value);
                if ty.record().is_some() {
                    let what = format!("the field `{}` cannot be deleted", attribute.name);
                    let diagnostic = self.typing.object_only(
                        ty.record(),
                        &what,
                        "set it to `None`, or to what it has by default",
                        target.span,
                    );
                    self.refuse(diagnostic);
                }
            }
            ExprKind::Subscript { value, index } => {
                let base = self.value(value);
                self.no_object(&base, value, "takes a part of an object");
                self.value(index);
            }
            _ => {
                self.value(target);
            }
        }
    }

    /// `value.attribute = …`.
    fn set_attribute(
        &mut self,
        target: &'a Expr,
        value: &'a Expr,
        attribute: &'a crate::syntax::tree::Identifier,
        ty: &Type,
    ) {
        let base = self.value(value);
        let Some(id) = base.record() else {
            self.attribute_of(&base, value, attribute, target, true);
            return;
        };
        self.attribute_of(&base, value, attribute, target, true);
        let record = self.typing.record(id);
        let Some(field) = record.field(&attribute.name) else { return };
        if record.is_frozen || field.is_frozen {
            let diagnostic = Diagnostic::error(target.span, format!("`{}` is frozen: Python raises here", record.name))
                .code(codes::OBJECT_ONLY)
                .related_in(&record.source, record.span, "the class")
                .help("make a changed copy: `dataclasses.replace(…)`, `.model_copy(update={…})`");
            self.refuse(diagnostic);
        } else if field.ty.is_typed() && !field.ty.takes(ty) {
            let diagnostic = self.typing.mismatch(&format!("`{}`", field.name), &field.ty, ty, target.span);
            self.refuse(diagnostic);
        } else if !field.ty.is_typed() && ty.is_typed() {
            self.put(target, &Type::Json, ty, target.span);
        }
    }

    /// Binds the names of a target for as long as a comprehension lasts.
    pub(super) fn open(&mut self, target: &'a Expr, ty: &Type) {
        let mut names = BTreeSet::new();
        target_names(target, &mut names);
        self.local.extend(names.into_iter().map(|name| (name, Type::Never)));
        self.bind(target, ty);
    }

    /// Refuses what only works on the object itself.
    pub(super) fn no_object(&mut self, ty: &Type, place: &Expr, does: &str) {
        if !ty.is_object() {
            return;
        }
        let text = short(self.source.slice(place.span));
        let diagnostic = match ty.present() {
            Type::Record(id) => self.typing.object_only(
                Some(*id),
                &format!("this {does}: `{text}` is one of `{}`", self.typing.record(*id).name),
                "use the fields one by one, or make a dict first: `asdict(…)`, `.model_dump()`",
                place.span,
            ),
            Type::Enum { .. } => self.typing.object_only(
                None,
                &format!("this {does}: `{text}` is a member of an enum"),
                &format!("write `{text}.value`"),
                place.span,
            ),
            _ => self.uncertain(place, "…", place.span),
        };
        self.refuse(diagnostic);
    }

    /// An attribute of something that may be an object.
    pub(super) fn uncertain(&self, value: &Expr, name: &str, span: Span) -> Diagnostic {
        let diagnostic = refuse::uncertain(&short(self.source.slice(value.span)), name, span);
        match value.root().as_name().and_then(|root| self.blurred.get(root)) {
            Some(place) => diagnostic.related(*place, "here it gets something of another class"),
            None => diagnostic,
        }
    }

    pub(super) fn no_object_key(&mut self, ty: &Type, place: &Expr) {
        if !matches!(ty.present(), Type::Enum { is_plain: true }) {
            self.no_object(ty, place, "uses an object as a key");
        }
    }
}

/// Calls `name = Class()` whose name is used for nothing but `name.method(…)`, with those methods.
fn handler_objects(body: &[Stmt]) -> BTreeMap<Span, BTreeSet<String>> {
    let mut made: BTreeMap<String, Vec<Span>> = BTreeMap::new();
    let mut uses: BTreeMap<String, (usize, BTreeSet<String>)> = BTreeMap::new();
    let mut other: BTreeMap<String, usize> = BTreeMap::new();
    fn look(
        body: &[Stmt],
        made: &mut BTreeMap<String, Vec<Span>>,
        uses: &mut BTreeMap<String, (usize, BTreeSet<String>)>,
        all: &mut BTreeMap<String, usize>,
    ) {
        for stmt in body {
            if let StmtKind::Assign { targets, value } = &stmt.kind
                && let ([target], ExprKind::Call { arguments, .. }) = (targets.as_slice(), &value.kind)
                && let Some(name) = target.as_name()
                && arguments.is_empty()
            {
                made.entry(name.to_owned()).or_default().push(value.span);
            }
            for expr in crate::syntax::expressions(stmt) {
                crate::syntax::walk(expr, &mut |expr| {
                    if let Some(name) = expr.as_name() {
                        *all.entry(name.to_owned()).or_default() += 1;
                    }
                    if let ExprKind::Call { callee, .. } = &expr.kind
                        && let ExprKind::Attribute { value, attribute } = &callee.kind
                        && let Some(name) = value.as_name()
                    {
                        let known = uses.entry(name.to_owned()).or_default();
                        known.0 += 1;
                        known.1.insert(attribute.name.clone());
                    }
                    true
                });
            }
            blocks(stmt).into_iter().for_each(|block| look(block, made, uses, all));
        }
    }
    look(body, &mut made, &mut uses, &mut other);
    let mut found = BTreeMap::new();
    for (name, spans) in made {
        let Some((calls, methods)) = uses.get(&name) else { continue };
        if other.get(&name) == Some(&(calls + spans.len())) {
            found.extend(spans.into_iter().map(|span| (span, methods.clone())));
        }
    }
    found
}

/// An empty container fits everywhere.
fn is_empty(ty: &Type) -> bool {
    match ty {
        Type::List(inner) | Type::Dict(inner) => **inner == Type::Never,
        Type::Never | Type::None => true,
        _ => false,
    }
}

/// Text on one line, cut where it is long.
pub(super) fn short(text: &str) -> String {
    // Its beginning is enough: every part of a long chain is shown once.
    let beginning: String = text.chars().take(400).collect();
    let text = beginning.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() > 40 { text.chars().take(39).chain(['…']).collect() } else { text }
}
