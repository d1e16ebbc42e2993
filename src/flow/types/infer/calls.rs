//! Calls: what they give, and what functions of the project are handed.

use super::Walker;
use crate::diagnostic::Diagnostic;
use crate::flow::callee::Callee;
use crate::flow::codes;
use crate::flow::effects::bound_names;
use crate::flow::lower::is_asyncio;
use crate::flow::modules::Definition;
use crate::flow::python;
use crate::flow::types::annotation::Reader;
use crate::flow::types::kind::Type;
use crate::source::Span;
use crate::syntax::tree::{Argument, Expr, ExprKind, Literal, Parameter, Stmt};
use crate::syntax::{blocks, children, expressions, walk};

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
        let is_bound = self.starts_with_variable(callee);
        if is_asyncio(self.around.scope, callee, "gather") {
            return self.gather(arguments);
        }
        if !is_bound
            && let Some(ty) =
                self.class_call(expr, callee, arguments).or_else(|| self.known_function(callee, arguments))
        {
            return ty;
        }
        if let ExprKind::Attribute { value, attribute } = &callee.kind
            && is_bound
        {
            let base = self.value(value);
            // A method of an object that stands for actors is one of them.
            if base.is_typed() || !root.is_some_and(|root| self.around.instances.contains_key(root)) {
                return self.method(expr, &base, value, callee, &attribute.name, arguments);
            }
        }
        if let (Some(name), false) = (callee.as_name(), is_bound)
            && python::is_builtin(name)
            && self.around.scope.get(name).is_none()
        {
            return self.builtin(name, arguments);
        }
        self.function_call(expr, callee, arguments, is_awaited)
    }

    /// A call of something that is neither a class nor a method of a value.
    fn function_call(&mut self, expr: &'a Expr, callee: &'a Expr, arguments: &'a [Argument], is_awaited: bool) -> Type {
        match self.around.callee(callee, &self.local.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>()) {
            Callee::Handler { definition, is_method, .. } => {
                let is_actor = is_awaited
                    || self.whole.contains(&expr.span)
                    || definition.is_some_and(|definition| definition.must_be_awaited());
                self.defined(expr, definition, usize::from(is_method), arguments, is_actor, is_awaited)
            }
            Callee::Helper(definition) => self.defined(expr, Some(definition), 0, arguments, false, is_awaited),
            _ => {
                if !self.starts_with_variable(callee) {
                    self.value_of_callee(callee);
                }
                self.handed_on(callee, arguments);
                Type::Unknown
            }
        }
    }

    /// Whether a callee is or belongs to a variable or a computed value, nothing of the module.
    fn starts_with_variable(&self, callee: &Expr) -> bool {
        callee.root().as_name().is_none_or(|root| self.is_bound(root))
    }

    fn value_of_callee(&mut self, callee: &'a Expr) {
        if !matches!(callee.kind, ExprKind::Name(_)) {
            self.values(children(callee));
        }
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
            self.check_arguments(&definition, skip, arguments, &types);
        }
        let answer = match self.typing.answer(&definition) {
            Type::Loose if !is_actor => Type::Unknown,
            other => other,
        };
        if is_actor {
            self.completes(expr, &answer);
            self.wants_objects(expr, &definition, skip);
        }
        if definition.function.is_async && !is_awaited { Type::Pending(Box::new(answer)) } else { answer }
    }

    /// Warns of a handler that uses a parameter as an object, where the mesh gives it a dict.
    fn wants_objects(&mut self, call: &Expr, definition: &Definition<'a>, skip: usize) {
        let function = definition.function;
        if !self.writes || !definition.is_plain {
            return;
        }
        let positional = function.parameters.positional.iter().skip(skip);
        for parameter in positional.chain(&function.parameters.keyword_only) {
            let name = &parameter.name.name;
            let reader = Reader { typing: self.typing, module: definition.module, in_field: false };
            let Some(id) = parameter.annotation.as_ref().and_then(|annotation| reader.read(annotation).record()) else {
                continue;
            };
            let record = self.typing.record(id);
            let is_of_object = |attribute: &str| {
                !python::DICT_METHODS.contains(&attribute)
                    && (record.field(attribute).is_some() || record.methods.contains(attribute))
            };
            if let Some((span, attribute)) = attribute_of(&function.body, name, &is_of_object)
                && !bound_names(&function.body).contains(name)
            {
                let class = &record.name;
                self.refuse_once(
                    Diagnostic::warning(
                        call.span,
                        format!("`{}` gets a dict on the mesh, and uses `{name}` as a `{class}`", function.name.name),
                    )
                    .code(codes::GETS_A_DICT)
                    .related_in(definition.module.source(), span, format!("a dict has no `.{attribute}`"))
                    .note("what an actor is called with is JSON, whatever its parameters say")
                    .help(format!("make the object first: `{name} = {class}(**{name})`")),
                );
            }
        }
    }

    /// Checks what a function that runs in the router is given: it works with dicts where its
    /// annotations say so.
    fn check_arguments(&mut self, definition: &Definition<'a>, skip: usize, arguments: &'a [Argument], types: &[Type]) {
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
            self.check_argument(definition, parameter, argument, ty);
        }
    }

    fn check_argument(
        &mut self,
        definition: &Definition<'a>,
        parameter: Option<&Parameter>,
        argument: &Argument,
        ty: &Type,
    ) {
        let declared = parameter.and_then(|parameter| parameter.annotation.as_ref()).map(|annotation| {
            Reader { typing: self.typing, module: definition.module, in_field: false }.read(annotation)
        });
        let is_wrong = match &declared {
            Some(declared) if declared.is_typed() => !declared.takes(ty),
            _ => ty.is_typed(),
        };
        if !is_wrong {
            return;
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

    /// `asyncio.gather(…)`.
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
            types.iter_mut().for_each(|ty| *ty = if ty.is_typed() { Type::Mixed } else { Type::Unknown });
        }
        let all = if is_list {
            Type::list(types.iter().fold(Type::Never, |all, ty| all.join(ty)))
        } else {
            Type::Tuple(types)
        };
        Type::Pending(Box::new(all))
    }
}

/// The first `name.attribute` in a function with an attribute that `is_wanted`.
fn attribute_of<'e>(body: &'e [Stmt], name: &str, is_wanted: &dyn Fn(&str) -> bool) -> Option<(Span, &'e str)> {
    body.iter().find_map(|stmt| {
        let mut found = None;
        for expr in expressions(stmt) {
            walk(expr, &mut |expr| {
                if let ExprKind::Attribute { value, attribute } = &expr.kind
                    && value.is_name(name)
                    && is_wanted(&attribute.name)
                {
                    found = found.or(Some((attribute.span, attribute.name.as_str())));
                }
                found.is_none()
            });
        }
        found.or_else(|| blocks(stmt).into_iter().find_map(|block| attribute_of(block, name, is_wanted)))
    })
}
