//! Calls: what they give, and those that stand for something else in the router.

use super::complete::Purpose;
use super::infer::{Walker, short};
use super::kind::{RecordId, Type};
use super::record::{Default, RecordKind};
use super::{MethodCall, known, refuse, text};
use crate::diagnostic::Diagnostic;
use crate::flow::callee::Callee;
use crate::flow::codes;
use crate::flow::lower::is_asyncio;
use crate::flow::modules::Definition;
use crate::flow::python;
use crate::source::Span;
use crate::syntax::tree::{Argument, Expr, ExprKind, Literal};

impl<'a> Walker<'_, 'a, '_> {
    pub(super) fn awaited(&mut self, expr: &'a Expr, value: &'a Expr) -> Type {
        let ty = match &value.kind {
            ExprKind::Call { callee, arguments } => self.call(value, callee, arguments, true),
            _ => self.value(value),
        };
        match ty {
            Type::Pending(inner) => {
                self.completes(expr, &inner);
                *inner
            }
            other => other,
        }
    }

    /// What a call gives; what an asynchronous one gives is pending.
    pub(super) fn call(
        &mut self,
        expr: &'a Expr,
        callee: &'a Expr,
        arguments: &'a [Argument],
        is_awaited: bool,
    ) -> Type {
        let root = callee.root().as_name();
        let is_bound = root.is_none_or(|root| self.is_bound(root));
        if is_asyncio(self.around.scope, callee, "gather") {
            return self.gather(arguments);
        }
        if !is_bound {
            if let Some(id) =
                self.typing.class(self.around.home, callee).and_then(|class| self.typing.record_of(&class))
            {
                if self.is_handler_object(id, expr) {
                    return Type::Unknown;
                }
                return self.construct(expr, callee, arguments, id);
            }
            if let ExprKind::Attribute { value, attribute } = &callee.kind
                && let Some(id) =
                    self.typing.class(self.around.home, value).and_then(|class| self.typing.record_of(&class))
                && matches!(attribute.name.as_str(), "model_validate" | "parse_obj" | "model_construct")
            {
                return self.validate(callee, arguments, id);
            }
            if let Some(ty) = self.known_function(callee, arguments) {
                return ty;
            }
        }
        if let ExprKind::Attribute { value, attribute } = &callee.kind
            && is_bound
        {
            let base = self.value(value);
            return self.method(expr, &base, value, callee, &attribute.name, arguments);
        }
        if let (Some(name), false) = (callee.as_name(), is_bound)
            && python::is_builtin(name)
            && self.around.scope.get(name).is_none()
        {
            return self.builtin(name, arguments);
        }
        match self.around.callee(callee, &self.local.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>()) {
            Callee::Handler { definition, is_method, .. } => {
                let is_actor = is_awaited
                    || self.whole.contains(&expr.span)
                    || definition.is_some_and(|definition| definition.must_be_awaited());
                self.defined(expr, definition, usize::from(is_method), arguments, is_actor, is_awaited)
            }
            Callee::Helper(definition) => self.defined(expr, Some(definition), 0, arguments, false, is_awaited),
            _ => {
                if !is_bound {
                    self.value_of_callee(callee);
                }
                self.handed_on(callee, arguments);
                Type::Unknown
            }
        }
    }

    fn value_of_callee(&mut self, callee: &'a Expr) {
        if !matches!(callee.kind, ExprKind::Name(_)) {
            self.parts(callee);
        }
    }

    /// A class that is made for its methods, which are actors.
    fn is_handler_object(&self, id: RecordId, expr: &Expr) -> bool {
        let record = self.typing.record(id);
        self.handlers
            .get(&expr.span)
            .is_some_and(|methods| record.obstacle.is_some() || methods.is_subset(&record.methods))
    }

    /// A function of the project.
    fn defined(
        &mut self,
        expr: &'a Expr,
        definition: Option<Definition<'a>>,
        skip: usize,
        arguments: &'a [Argument],
        is_actor: bool,
        is_awaited: bool,
    ) -> Type {
        let types: Vec<Type> = arguments.iter().map(|argument| self.value(&argument.value)).collect();
        let Some(definition) = definition else { return Type::Loose };
        if !is_actor {
            self.fits(&definition, skip, arguments, &types);
        }
        let answer = match self.typing.answer(&definition) {
            Type::Loose if !is_actor => Type::Unknown,
            other => other,
        };
        if is_actor {
            self.completes(expr, &answer);
        }
        if definition.function.is_async && !is_awaited { Type::Pending(Box::new(answer)) } else { answer }
    }

    /// Checks what a function that runs in the router is given: it works with dicts where its
    /// annotations say so.
    fn fits(&mut self, definition: &Definition<'a>, skip: usize, arguments: &'a [Argument], types: &[Type]) {
        let parameters = &definition.function.parameters;
        let mut position = skip;
        for (argument, ty) in arguments.iter().zip(types) {
            let parameter = match &argument.keyword {
                Some(keyword) => parameters
                    .positional
                    .iter()
                    .chain(&parameters.keyword_only)
                    .find(|parameter| parameter.name.name == keyword.name),
                None if argument.is_double_starred => None,
                None => {
                    position += 1;
                    parameters.positional.get(position - 1)
                }
            };
            let declared = parameter.and_then(|parameter| parameter.annotation.as_ref()).map(|annotation| {
                super::annotation::Reader { typing: self.typing, module: definition.module, in_field: false }
                    .read(annotation)
            });
            let is_wrong = match &declared {
                Some(declared) if declared.is_typed() => !declared.takes(ty),
                _ => ty.is_typed(),
            };
            if !is_wrong {
                continue;
            }
            let name = &definition.function.name.name;
            let diagnostic = match (parameter, declared) {
                (Some(parameter), Some(declared)) if declared.is_typed() => self.typing.mismatch(
                    &format!("`{}` of `{name}`", parameter.name.name),
                    &declared,
                    ty,
                    argument.value.span,
                ),
                _ => {
                    let shown = self.typing.shown(ty);
                    let place = parameter.map_or(definition.function.name.span, |parameter| parameter.name.span);
                    Diagnostic::error(
                        argument.value.span,
                        format!("`{name}` is handed {shown} and does not say that it takes that"),
                    )
                    .code(codes::ATTRIBUTE)
                    .related_in(definition.source(), place, "this has no annotation with that class")
                    .note("it runs in the router, where attributes become keys only of values whose class is certain")
                    .help("annotate the parameter")
                }
            };
            self.refuse(diagnostic);
        }
    }

    fn gather(&mut self, arguments: &'a [Argument]) -> Type {
        let mut types = Vec::new();
        let mut is_list = false;
        let mut may_fail = false;
        for argument in arguments {
            if let Some(keyword) = &argument.keyword {
                may_fail |= keyword.name == "return_exceptions"
                    && !matches!(argument.value.kind, ExprKind::Literal(Literal::Bool(false)));
                continue;
            }
            is_list |= matches!(argument.value.kind, ExprKind::Starred(_));
            let span = argument.value.awaited().0.span;
            self.whole.push(span);
            let ty = self.value(&argument.value);
            types.push(match ty {
                Type::Pending(inner) => *inner,
                other => other,
            });
        }
        if may_fail {
            // An error is neither of the class nor JSON.
            types.iter_mut().filter(|ty| ty.is_typed()).for_each(|ty| *ty = Type::Mixed);
        }
        let all = if is_list {
            Type::list(types.iter().fold(Type::Never, |all, ty| all.join(ty)))
        } else {
            Type::Tuple(types)
        };
        Type::Pending(Box::new(all))
    }

    /// `State(…)`.
    fn construct(&mut self, expr: &'a Expr, callee: &'a Expr, arguments: &'a [Argument], id: RecordId) -> Type {
        self.settle(callee.span);
        let types: Vec<Type> = arguments.iter().map(|argument| self.value(&argument.value)).collect();
        let record = self.typing.record(id);
        let is_model = record.kind == RecordKind::Model;
        if record.obstacle.is_some() {
            self.refuse(refuse::obstacle(&record, callee.span));
            return Type::Record(id);
        }
        let mut given: Vec<&str> = Vec::new();
        let mut has_stars = false;
        let init = || record.fields.iter().filter(|field| field.is_init);
        for (at, (argument, ty)) in arguments.iter().zip(&types).enumerate() {
            let field = match &argument.keyword {
                Some(keyword) => init().find(|field| {
                    let by_name =
                        field.name == keyword.name && (field.aliases.is_empty() || record.takes_names || !is_model);
                    by_name || field.aliases.contains(&keyword.name)
                }),
                None if argument.is_double_starred || matches!(argument.value.kind, ExprKind::Starred(_)) => {
                    has_stars = true;
                    self.no_object(ty, &argument.value, "unpacks an object");
                    if !argument.is_double_starred
                        || (!is_model && record.fields.iter().any(|field| field.ty.is_typed()))
                    {
                        self.refuse(self.typing.object_only(
                            Some(id),
                            &format!("which fields of `{}` this gives is not certain", record.name),
                            "give the fields one by one",
                            argument.value.span,
                        ));
                    }
                    continue;
                }
                None => init().filter(|field| !field.is_keyword_only && !is_model).nth(at),
            };
            let Some(field) = field else {
                let name = argument
                    .keyword
                    .as_ref()
                    .map_or_else(|| format!("argument {}", at + 1), |keyword| format!("`{}`", keyword.name));
                let span = argument.keyword.as_ref().map_or(argument.value.span, |keyword| keyword.span);
                self.refuse(
                    Diagnostic::error(span, format!("`{}` takes no {name}", record.name))
                        .code(codes::ATTRIBUTE)
                        .related_in(&record.source, record.span, "the class"),
                );
                continue;
            };
            given.push(&field.name);
            let is_built = is_model && !ty.is_typed();
            if field.ty.is_typed() && !field.ty.takes(ty) && !is_built {
                self.refuse(self.typing.mismatch(&format!("`{}`", field.name), &field.ty, ty, argument.value.span));
            }
            if let (Type::Other(what), true) = (&field.ty, is_model) {
                self.refuse(refuse::other_form(&record, &field.name, what, argument.value.span));
            }
        }
        for field in init().filter(|field| !has_stars && !given.contains(&field.name.as_str())) {
            match field.default {
                Default::Required => {
                    let diagnostic = Diagnostic::error(expr.span, format!("`{}` needs `{}`", record.name, field.name))
                        .code(codes::ATTRIBUTE)
                        .related_in(&field.source, field.span, "this has no default");
                    self.refuse(diagnostic);
                }
                Default::Unknown => self.refuse(refuse::unknown_default(&record, &field.name, expr.span)),
                _ => {}
            }
        }
        if self.writes {
            let function = self.typing.function(Purpose::New(id));
            self.edit(callee.span, function);
        }
        Type::Record(id)
    }

    /// `State.model_validate(value)`.
    fn validate(&mut self, callee: &'a Expr, arguments: &'a [Argument], id: RecordId) -> Type {
        let record = self.typing.record(id);
        self.settle(callee.span);
        let types: Vec<Type> = arguments.iter().map(|argument| self.value(&argument.value)).collect();
        let is_construct = callee.dotted().is_some_and(|parts| parts.last() == Some(&"model_construct"));
        let has_other = record.fields.iter().any(|field| matches!(field.ty, Type::Other(_)));
        if record.obstacle.is_some() {
            self.refuse(refuse::obstacle(&record, callee.span));
        } else if arguments.len() != 1
            || arguments[0].keyword.is_some()
            || types[0].is_typed()
            || is_construct
            || has_other
        {
            self.refuse(self.typing.object_only(
                Some(id),
                "how this makes an object is not followed",
                &format!("write `{}(**value)` or give the fields one by one", record.name),
                callee.span,
            ));
        } else if self.writes {
            // As a constructor: a copy of what is given, with the fields it lacks.
            let function = self.typing.function(Purpose::From(id));
            self.edit(callee.span, function);
        }
        Type::Record(id)
    }

    /// Functions of the standard library that know objects.
    fn known_function(&mut self, callee: &'a Expr, arguments: &'a [Argument]) -> Option<Type> {
        let full = self.typing.full_name(self.around.home, callee)?;
        let purpose = match full.as_str() {
            "dataclasses.asdict" => Purpose::Copy,
            "dataclasses.replace" | "copy.replace" => Purpose::Replace,
            "copy.copy" | "copy.deepcopy" => {
                let types: Vec<Type> = arguments.iter().map(|argument| self.value(&argument.value)).collect();
                return Some(types.into_iter().next().unwrap_or(Type::Unknown));
            }
            _ => return None,
        };
        let types: Vec<Type> = arguments.iter().map(|argument| self.value(&argument.value)).collect();
        let first = types.first().cloned().unwrap_or(Type::Unknown);
        let Some(id) = first.record() else {
            self.handed_on_types(callee, arguments, &types);
            return Some(Type::Unknown);
        };
        self.settle(callee.span);
        let record = self.typing.record(id);
        if record.obstacle.is_some() {
            self.refuse(refuse::obstacle(&record, callee.span));
            return Some(first);
        }
        if purpose == Purpose::Copy {
            if arguments.len() > 1 {
                self.options(id, arguments[1].value.span);
            }
        } else {
            for (argument, ty) in arguments.iter().zip(&types).skip(1) {
                let Some(keyword) = &argument.keyword else {
                    self.options(id, argument.value.span);
                    continue;
                };
                match record.field(&keyword.name) {
                    None => self.refuse(refuse::no_field(&record, &keyword.name, keyword.span, true)),
                    Some(field) if field.ty.is_typed() && !field.ty.takes(ty) => {
                        self.refuse(self.typing.mismatch(
                            &format!("`{}`", field.name),
                            &field.ty,
                            ty,
                            argument.value.span,
                        ));
                    }
                    Some(_) => {}
                }
            }
        }
        if self.writes {
            let function = self.typing.function(purpose);
            self.edit(callee.span, function);
        }
        Some(if purpose == Purpose::Copy { Type::Json } else { Type::Record(id) })
    }

    fn options(&mut self, id: RecordId, span: Span) {
        self.refuse(self.typing.object_only(
            Some(id),
            "this way to make a dict of an object is not followed",
            "make the whole dict, and take out of it what you need",
            span,
        ));
    }

    /// `value.name(arguments)`.
    fn method(
        &mut self,
        expr: &'a Expr,
        base: &Type,
        value: &'a Expr,
        callee: &'a Expr,
        name: &str,
        arguments: &'a [Argument],
    ) -> Type {
        if let Some(id) = base.record() {
            return self.method_of_object(expr, id, value, callee, name, arguments);
        }
        let given = base.element();
        let types: Vec<Type> = arguments
            .iter()
            .map(|argument| match (&argument.value.kind, name) {
                (ExprKind::Lambda { .. }, "sort") => self.lambda(&argument.value, &given),
                _ => self.value(&argument.value),
            })
            .collect();
        let first = || types.first().cloned().unwrap_or(Type::Never);
        let second = || types.get(1).cloned();
        match base.present() {
            Type::Pending(inner) if name == "result" => return (**inner).clone(),
            Type::Pending(_) => return Type::Unknown,
            Type::List(inner) => match name {
                "append" => self.put(value, base, &first(), expr.span),
                "insert" => self.put(value, base, &second().unwrap_or(Type::Never), expr.span),
                "extend" => self.put(value, base, &first().element(), expr.span),
                "pop" => return (**inner).clone(),
                "copy" => return base.present().clone(),
                "index" | "count" | "remove" if inner.is_typed() && !equals_element(inner, &first()) => {
                    self.handed_on_types(callee, arguments, &types);
                }
                "index" | "count" | "remove" | "sort" | "reverse" | "clear" => {}
                _ => self.handed_on_types(callee, arguments, &types),
            },
            Type::Dict(inner) => match name {
                "get" => return inner.join(&second().unwrap_or(Type::None)),
                "pop" => return second().map_or_else(|| (**inner).clone(), |default| inner.join(&default)),
                "setdefault" => {
                    let default = second().unwrap_or(Type::None);
                    self.put(value, base, &default, expr.span);
                    return inner.join(&default);
                }
                "update" => {
                    for ty in &types {
                        let inside = match ty {
                            Type::Dict(inner) => (**inner).clone(),
                            other => other.clone(),
                        };
                        self.put(value, base, &inside, expr.span);
                    }
                }
                "values" => return Type::list((**inner).clone()),
                "items" => return Type::list(Type::Tuple(vec![Type::Json, (**inner).clone()])),
                "popitem" => return Type::Tuple(vec![Type::Json, (**inner).clone()]),
                "copy" => return base.present().clone(),
                "keys" | "clear" => return Type::Json,
                _ => self.handed_on_types(callee, arguments, &types),
            },
            Type::Json | Type::Loose => {
                if !known::is_json_method(name) {
                    let ExprKind::Attribute { attribute, .. } = &callee.kind else { return Type::Unknown };
                    self.attribute_of(base, value, attribute, callee, false);
                    return Type::Unknown;
                }
                return match name {
                    "append" | "add" => self.put_into_json(value, &first(), expr.span),
                    "insert" | "setdefault" => self.put_into_json(value, &second().unwrap_or(Type::Never), expr.span),
                    "extend" => self.put_into_json(value, &first().element(), expr.span),
                    "update" => types.iter().fold(Type::Json, |all, ty| {
                        self.put_into_json(value, ty, expr.span);
                        all
                    }),
                    "get" | "pop" => {
                        second().map_or(Type::Json, |default| if default.is_typed() { Type::Mixed } else { Type::Json })
                    }
                    _ => {
                        self.handed_on_types(callee, arguments, &types);
                        Type::Json
                    }
                };
            }
            Type::Mixed => {
                if !known::is_json_method(name) {
                    let ExprKind::Attribute { attribute, .. } = &callee.kind else { return Type::Unknown };
                    self.refuse(refuse::uncertain(&short(self.source.slice(value.span)), name, attribute.span));
                }
                return Type::Mixed;
            }
            Type::Foreign(class) if !known::is_json_method(name) => {
                let ExprKind::Attribute { attribute, .. } = &callee.kind else { return Type::Unknown };
                self.refuse(refuse::foreign(class, &short(self.source.slice(value.span)), name, attribute.span));
            }
            Type::Enum { is_plain: true } if known::is_json_method(name) => return Type::Json,
            Type::Enum { .. } => {
                let ExprKind::Attribute { attribute, .. } = &callee.kind else { return Type::Unknown };
                self.attribute_of(base, value, attribute, callee, false);
            }
            _ => {
                // `group.create_task(call)` gives what the call gives.
                if let [pending @ Type::Pending(_)] = types.as_slice() {
                    return pending.clone();
                }
                self.handed_on_types(callee, arguments, &types);
            }
        }
        Type::Unknown
    }

    fn put_into_json(&mut self, place: &'a Expr, ty: &Type, span: Span) -> Type {
        self.put(place, &Type::Json, ty, span);
        Type::Json
    }

    /// A method of an object: of the user's own, or pydantic's.
    fn method_of_object(
        &mut self,
        expr: &'a Expr,
        id: RecordId,
        value: &'a Expr,
        callee: &'a Expr,
        name: &str,
        arguments: &'a [Argument],
    ) -> Type {
        let record = self.typing.record(id);
        let types: Vec<Type> = arguments.iter().map(|argument| self.value(&argument.value)).collect();
        let ExprKind::Attribute { attribute, .. } = &callee.kind else { return Type::Unknown };
        let is_own = record.methods.contains(name) || record.kind == RecordKind::Dataclass;
        let purpose = match name {
            "model_dump" | "dict" if !is_own => Purpose::Copy,
            "model_copy" | "copy" if !is_own => Purpose::Update,
            "model_dump_json" | "json" if !is_own => {
                let text = short(self.source.slice(value.span));
                self.refuse(self.typing.object_only(
                    Some(id),
                    &format!("`{name}` writes JSON in pydantic's own way"),
                    &format!("write `json.dumps({text}.model_dump())`"),
                    attribute.span,
                ));
                return Type::Json;
            }
            _ => {
                self.refuse(refuse::no_field(&record, name, attribute.span, false));
                return Type::Unknown;
            }
        };
        if record.obstacle.is_some() {
            self.refuse(refuse::obstacle(&record, attribute.span));
            return Type::Unknown;
        }
        let mut passes_on = false;
        for argument in arguments {
            let keyword = argument.keyword.as_ref().map(|keyword| keyword.name.as_str());
            match (purpose, keyword) {
                (Purpose::Copy, Some("mode")) if super::record::text(&argument.value).is_some() => {}
                (Purpose::Update, Some("update" | "deep")) => passes_on = true,
                _ => self.options(id, argument.value.span),
            }
        }
        if let Some(at) =
            arguments.iter().position(|argument| argument.keyword.as_ref().is_some_and(|one| one.name == "update"))
        {
            self.updated(id, &arguments[at].value, &types[at]);
        }
        if self.writes {
            if Self::awaits(expr) {
                self.refuse(
                    Diagnostic::error(expr.span, format!("`{name}` of an object, with an actor call inside"))
                        .code(codes::OBJECT_ONLY)
                        .help("assign the result of the call to a variable first"),
                );
                return Type::Unknown;
            }
            let open = text::parenthesis(self.source, callee, expr.span);
            let dot = text::dot(self.source, value, attribute.span);
            // `mode=…` changes nothing about plain JSON.
            let end = if passes_on { open + 1 } else { expr.span.end - 1 };
            let function = self.typing.function(purpose);
            let between = Span::new(dot, end);
            self.typed.methods.insert(expr.span, MethodCall { function, between, has_arguments: passes_on });
        }
        match purpose {
            Purpose::Copy => Type::Json,
            _ => Type::Record(id),
        }
    }

    /// What `model_copy(update=…)` changes.
    fn updated(&mut self, id: RecordId, value: &'a Expr, ty: &Type) {
        let record = self.typing.record(id);
        match &value.kind {
            ExprKind::Dict(items) => {
                for (key, value) in items {
                    let Some(name) = key.as_ref().and_then(super::record::text) else { continue };
                    let got = self.value(value);
                    match record.field(name) {
                        None => self.refuse(refuse::no_field(&record, name, value.span, true)),
                        Some(field) if field.ty.is_typed() && !field.ty.takes(&got) => {
                            self.refuse(self.typing.mismatch(&format!("`{name}`"), &field.ty, &got, value.span));
                        }
                        Some(_) => {}
                    }
                }
            }
            _ if ty.is_typed() || record.fields.iter().any(|field| field.ty.is_typed()) => self.options(id, value.span),
            _ => {}
        }
    }

    fn builtin(&mut self, name: &str, arguments: &'a [Argument]) -> Type {
        let is_about_classes = matches!(name, "isinstance" | "issubclass");
        let mut types: Vec<Type> = Vec::new();
        for (at, argument) in arguments.iter().enumerate() {
            let given = match (name, types.as_slice()) {
                ("sorted" | "min" | "max", [first, ..]) => first.element(),
                _ => Type::Unknown,
            };
            let ty = match &argument.value.kind {
                ExprKind::Lambda { .. } if matches!(name, "map" | "filter") && at == 0 => {
                    let given = arguments.get(1).map_or(Type::Unknown, |items| self.value(&items.value).element());
                    self.lambda(&argument.value, &given)
                }
                ExprKind::Lambda { .. } => self.lambda(&argument.value, &given),
                _ if is_about_classes && at == 1 => {
                    self.asked_class(&argument.value);
                    Type::Unknown
                }
                _ => self.value(&argument.value),
            };
            types.push(ty);
        }
        let first = types.first().cloned().unwrap_or(Type::Unknown);
        if is_about_classes {
            let asks_error = arguments.get(1).is_some_and(|class| {
                class.value.dotted().is_some_and(|parts| {
                    parts.last().is_some_and(|last| last.ends_with("Exception") || last.ends_with("Error"))
                })
            });
            if first.is_typed() && !asks_error {
                self.no_object(&first, &arguments[0].value, "asks for the class of an object");
            }
            return Type::Json;
        }
        let is_any_typed = types.iter().any(Type::is_typed);
        if !is_any_typed {
            return match name {
                "len" | "str" | "int" | "float" | "bool" | "round" | "abs" | "sum" | "any" | "all" | "repr"
                | "sorted" | "list" => {
                    if name == "sorted" || name == "list" {
                        Type::list(first.element())
                    } else {
                        Type::Json
                    }
                }
                "enumerate" => Type::list(Type::Tuple(vec![Type::Json, first.element()])),
                _ => Type::Unknown,
            };
        }
        if !known::CONTAINER_BUILTINS.contains(&name) {
            for (argument, ty) in arguments.iter().zip(&types) {
                if ty.is_typed() && !matches!(ty, Type::Pending(_)) {
                    match name {
                        "str" | "repr" | "print" | "format" | "ascii" => self.shown_object(ty, &argument.value),
                        _ => self.object_handed_on(name, ty, &argument.value),
                    }
                }
            }
            return Type::Unknown;
        }
        for (argument, ty) in arguments.iter().zip(&types) {
            let is_given = argument.keyword.as_ref().is_some_and(|keyword| keyword.name == "default");
            if name != "bool"
                && name != "id"
                && !is_given
                && !matches!(argument.value.kind, ExprKind::Starred(_) | ExprKind::Lambda { .. })
                && arguments.len() == 1
            {
                self.no_object(ty, &argument.value, &format!("hands an object to `{name}`"));
            }
        }
        match name {
            "list" | "sorted" | "reversed" | "iter" | "tuple" => Type::list(first.element()),
            "enumerate" => Type::list(Type::Tuple(vec![Type::Json, first.element()])),
            "zip" => Type::list(Type::Tuple(types.iter().map(Type::element).collect())),
            "map" => Type::list(first),
            "filter" => Type::list(types.get(1).map_or(Type::Unknown, Type::element)),
            "min" | "max" | "next" => {
                let default =
                    arguments.iter().zip(&types).skip(1).filter(|(argument, _)| {
                        argument.keyword.as_ref().is_none_or(|keyword| keyword.name == "default")
                    });
                let all = default.fold(first.element(), |all, (_, ty)| all.join(ty));
                // `max(a, b)` of objects.
                if first.is_object() { Type::Mixed } else { all }
            }
            "dict" => match first {
                Type::Dict(inner) => Type::Dict(inner),
                _ => Type::Mixed,
            },
            "sum" => types.iter().fold(Type::Json, |all, ty| if ty.element().is_typed() { Type::Mixed } else { all }),
            _ => Type::Json,
        }
    }

    /// The class that `isinstance` asks for.
    fn asked_class(&mut self, expr: &'a Expr) {
        let items = match &expr.kind {
            ExprKind::Sequence { items, .. } | ExprKind::Operation(items) => items.as_slice(),
            _ => std::slice::from_ref(expr),
        };
        for item in items {
            let class = item
                .dotted()
                .filter(|parts| !self.is_bound(parts[0]))
                .and_then(|_| self.typing.class(self.around.home, item));
            match class.and_then(|class| self.typing.record_of(&class)) {
                Some(id) => {
                    let name = self.typing.record(id).name.clone();
                    self.settle(item.span);
                    self.refuse(self.typing.object_only(
                        Some(id),
                        &format!("whether a value is a `{name}` cannot be seen in a message"),
                        "tell the cases apart by a field, for example `kind`",
                        item.span,
                    ));
                }
                None => {
                    self.value(item);
                }
            }
        }
    }

    /// Arguments of a call that is not followed.
    fn handed_on(&mut self, callee: &'a Expr, arguments: &'a [Argument]) {
        let types: Vec<Type> = arguments.iter().map(|argument| self.value(&argument.value)).collect();
        self.handed_on_types(callee, arguments, &types);
    }

    fn handed_on_types(&mut self, callee: &'a Expr, arguments: &'a [Argument], types: &[Type]) {
        for (argument, ty) in arguments.iter().zip(types) {
            if ty.is_typed() && !matches!(ty, Type::Pending(_)) {
                let name = short(self.source.slice(callee.span));
                self.object_handed_on(&name, ty, &argument.value);
            }
        }
    }

    fn object_handed_on(&mut self, callee: &str, ty: &Type, place: &Expr) {
        let shown = self.typing.shown(ty);
        let id = match ty.present() {
            Type::List(inner) | Type::Dict(inner) => inner.record(),
            other => other.record(),
        };
        let diagnostic = self.typing.object_only(
            id,
            &format!("`{callee}` is handed {shown}"),
            "hand over the fields it needs, or a dict: `asdict(…)`, `.model_dump()`",
            place.span,
        );
        self.refuse(diagnostic);
    }
}

fn equals_element(inner: &Type, value: &Type) -> bool {
    inner == value || *value == Type::Never
}
