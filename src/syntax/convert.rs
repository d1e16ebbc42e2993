//! The parser's tree to ours. A breaking release of the parser touches this file and `parse.rs`.

use ruff_python_ast as ast;
use ruff_text_size::{Ranged, TextRange};

use super::tree::{
    Alias, Argument, Branch, Case, Class, Clause, ComprehensionKind, Expr, ExprKind, Function, Handler, Identifier,
    Literal, Parameter, Parameters, SequenceKind, Stmt, StmtKind,
};
use crate::source::Span;

/// A text range of the parser as a span.
pub(super) fn span(range: TextRange) -> Span {
    Span::new(range.start().to_usize(), range.end().to_usize())
}

/// A block. Every statement of the parser goes away as soon as ours is there, so that a large file is
/// not held twice.
pub(super) fn statements(body: impl IntoIterator<Item = ast::Stmt>) -> Vec<Stmt> {
    let body = body.into_iter();
    let mut converted = Vec::with_capacity(body.size_hint().0);
    converted.extend(body.filter_map(statement));
    converted
}

fn statement(stmt: ast::Stmt) -> Option<Stmt> {
    let place = span(stmt.range());
    let kind = match stmt {
        ast::Stmt::FunctionDef(def) => StmtKind::Function(Box::new(function(def))),
        ast::Stmt::ClassDef(def) => StmtKind::Class(Box::new(Class {
            name: identifier(&def.name),
            decorators: decorators(&def.decorator_list),
            arguments: def.arguments.as_deref().map(arguments).unwrap_or_default(),
            body: statements(def.body),
        })),
        ast::Stmt::Return(stmt) => StmtKind::Return(optional(stmt.value.as_deref())),
        ast::Stmt::Delete(stmt) => StmtKind::Delete(expressions(&stmt.targets)),
        ast::Stmt::Assign(stmt) => {
            StmtKind::Assign { targets: expressions(&stmt.targets), value: expression(&stmt.value) }
        }
        ast::Stmt::AugAssign(stmt) => {
            StmtKind::AugAssign { target: expression(&stmt.target), value: expression(&stmt.value) }
        }
        ast::Stmt::AnnAssign(stmt) => StmtKind::AnnAssign {
            target: expression(&stmt.target),
            annotation: expression(&stmt.annotation),
            value: optional(stmt.value.as_deref()),
        },
        ast::Stmt::For(stmt) => StmtKind::For {
            is_async: stmt.is_async,
            target: expression(&stmt.target),
            iterable: expression(&stmt.iter),
            body: statements(stmt.body),
            orelse: statements(stmt.orelse),
        },
        ast::Stmt::While(stmt) => StmtKind::While {
            test: expression(&stmt.test),
            body: statements(stmt.body),
            orelse: statements(stmt.orelse),
        },
        ast::Stmt::If(stmt) => conditional(stmt),
        ast::Stmt::With(stmt) => StmtKind::With {
            is_async: stmt.is_async,
            items: stmt
                .items
                .iter()
                .map(|item| (expression(&item.context_expr), optional(item.optional_vars.as_deref())))
                .collect(),
            body: statements(stmt.body),
        },
        ast::Stmt::Match(stmt) => {
            StmtKind::Match { subject: expression(&stmt.subject), cases: stmt.cases.into_iter().map(case).collect() }
        }
        ast::Stmt::Raise(stmt) => {
            StmtKind::Raise { exception: optional(stmt.exc.as_deref()), cause: optional(stmt.cause.as_deref()) }
        }
        ast::Stmt::Try(stmt) => StmtKind::Try {
            body: statements(stmt.body),
            handlers: stmt.handlers.into_iter().map(handler).collect(),
            orelse: statements(stmt.orelse),
            finalbody: statements(stmt.finalbody),
            is_star: stmt.is_star,
        },
        ast::Stmt::Assert(stmt) => {
            StmtKind::Assert { test: expression(&stmt.test), message: optional(stmt.msg.as_deref()) }
        }
        ast::Stmt::Import(stmt) => StmtKind::Import(stmt.names.iter().map(alias).collect()),
        ast::Stmt::ImportFrom(stmt) => StmtKind::ImportFrom {
            module: stmt.module.as_ref().map(|module| module.id.to_string()),
            level: stmt.level,
            names: stmt.names.iter().map(alias).collect(),
        },
        ast::Stmt::Global(stmt) => StmtKind::Global(stmt.names.iter().map(identifier).collect()),
        ast::Stmt::Nonlocal(stmt) => StmtKind::Nonlocal(stmt.names.iter().map(identifier).collect()),
        ast::Stmt::Expr(stmt) => StmtKind::Expr(expression(&stmt.value)),
        ast::Stmt::TypeAlias(stmt) => StmtKind::TypeAlias(expression(&stmt.name)),
        ast::Stmt::Pass(_) => StmtKind::Pass,
        ast::Stmt::Break(_) => StmtKind::Break,
        ast::Stmt::Continue(_) => StmtKind::Continue,
        // Only notebooks have these; the parser reports them as errors in a module.
        ast::Stmt::IpyEscapeCommand(_) => return None,
    };
    Some(Stmt { span: place, kind })
}

fn case(case: ast::MatchCase) -> Case {
    let (mut captures, mut values) = (Vec::new(), Vec::new());
    pattern(&case.pattern, &mut captures, &mut values);
    Case {
        pattern: span(case.pattern.range()),
        captures,
        values,
        guard: optional(case.guard.as_deref()),
        body: statements(case.body),
    }
}

/// Collects the names a pattern binds and the expressions it compares with.
fn pattern(node: &ast::Pattern, captures: &mut Vec<Identifier>, values: &mut Vec<Expr>) {
    let mut capture = |name: &Option<ast::Identifier>| captures.extend(name.as_ref().map(identifier));
    match node {
        ast::Pattern::MatchValue(node) => values.push(expression(&node.value)),
        ast::Pattern::MatchSingleton(_) => {}
        ast::Pattern::MatchStar(node) => capture(&node.name),
        ast::Pattern::MatchSequence(node) => {
            node.patterns.iter().for_each(|inner| pattern(inner, captures, values));
        }
        ast::Pattern::MatchMapping(node) => {
            capture(&node.rest);
            values.extend(node.keys.iter().map(expression));
            node.patterns.iter().for_each(|inner| pattern(inner, captures, values));
        }
        ast::Pattern::MatchClass(node) => {
            values.push(expression(&node.cls));
            let keywords = node.arguments.keywords.iter().map(|keyword| &keyword.pattern);
            node.arguments.patterns.iter().chain(keywords).for_each(|inner| pattern(inner, captures, values));
        }
        ast::Pattern::MatchAs(node) => {
            capture(&node.name);
            node.pattern.iter().for_each(|inner| pattern(inner, captures, values));
        }
        // Every alternative binds the same names.
        ast::Pattern::MatchOr(node) => {
            for (at, inner) in node.patterns.iter().enumerate() {
                let known = captures.len();
                pattern(inner, captures, values);
                if at > 0 {
                    captures.truncate(known);
                }
            }
        }
    }
}

fn function(def: ast::StmtFunctionDef) -> Function {
    let start = def.decorator_list.last().map_or(def.range.start(), |decorator| decorator.range.end());
    let end = def.returns.as_deref().map_or(def.parameters.range.end(), Ranged::end);
    Function {
        name: identifier(&def.name),
        is_async: def.is_async,
        decorators: decorators(&def.decorator_list),
        parameters: parameters(&def.parameters),
        returns: optional(def.returns.as_deref()),
        body: statements(def.body),
        signature: span(TextRange::new(start, end)),
    }
}

fn decorators(list: &[ast::Decorator]) -> Vec<Expr> {
    list.iter().map(|decorator| expression(&decorator.expression)).collect()
}

fn conditional(stmt: ast::StmtIf) -> StmtKind {
    let mut branches = vec![Branch { test: expression(&stmt.test), body: statements(stmt.body) }];
    let mut orelse = Vec::new();
    for clause in stmt.elif_else_clauses {
        match &clause.test {
            Some(test) => branches.push(Branch { test: expression(test), body: statements(clause.body) }),
            None => orelse = statements(clause.body),
        }
    }
    StmtKind::If { branches, orelse }
}

fn handler(handler: ast::ExceptHandler) -> Handler {
    let ast::ExceptHandler::ExceptHandler(handler) = handler;
    Handler {
        span: span(handler.range),
        exception: optional(handler.type_.as_deref()),
        name: handler.name.as_ref().map(identifier),
        body: statements(handler.body),
    }
}

fn alias(alias: &ast::Alias) -> Alias {
    Alias {
        name: alias.name.id.to_string(),
        alias: alias.asname.as_ref().map(|name| name.id.to_string()),
        span: span(alias.range),
    }
}

fn identifier(identifier: &ast::Identifier) -> Identifier {
    Identifier { name: identifier.id.to_string(), span: span(identifier.range) }
}

fn parameters(list: &ast::Parameters) -> Parameters {
    let one = |parameter: &ast::ParameterWithDefault| Parameter {
        name: identifier(&parameter.parameter.name),
        annotation: optional(parameter.parameter.annotation.as_deref()),
        default: optional(parameter.default.as_deref()),
    };
    Parameters {
        span: Some(span(list.range)),
        positional: list.posonlyargs.iter().chain(&list.args).map(one).collect(),
        positional_only: list.posonlyargs.len(),
        variadic: list.vararg.as_deref().map(|parameter| identifier(&parameter.name)),
        keyword_only: list.kwonlyargs.iter().map(one).collect(),
        keywords: list.kwarg.as_deref().map(|parameter| identifier(&parameter.name)),
    }
}

/// Positional arguments first: that is the order of evaluation, whatever the order of writing.
fn arguments(list: &ast::Arguments) -> Vec<Argument> {
    let positional =
        list.args.iter().map(|value| Argument { keyword: None, is_double_starred: false, value: expression(value) });
    let named = list.keywords.iter().map(|keyword| Argument {
        keyword: keyword.arg.as_ref().map(identifier),
        is_double_starred: keyword.arg.is_none(),
        value: expression(&keyword.value),
    });
    positional.chain(named).collect()
}

fn optional(expr: Option<&ast::Expr>) -> Option<Expr> {
    expr.map(expression)
}

fn boxed(expr: &ast::Expr) -> Box<Expr> {
    Box::new(expression(expr))
}

fn expressions(list: &[ast::Expr]) -> Vec<Expr> {
    list.iter().map(expression).collect()
}

fn expression(expr: &ast::Expr) -> Expr {
    let sequence = |kind, items: &[ast::Expr]| ExprKind::Sequence { kind, items: expressions(items) };
    let kind = match expr {
        ast::Expr::Name(name) => ExprKind::Name(name.id.to_string()),
        ast::Expr::NoneLiteral(_) => ExprKind::Literal(Literal::None),
        ast::Expr::BooleanLiteral(literal) => ExprKind::Literal(Literal::Bool(literal.value)),
        ast::Expr::EllipsisLiteral(_) => ExprKind::Literal(Literal::Ellipsis),
        ast::Expr::BytesLiteral(_) => ExprKind::Literal(Literal::Bytes),
        ast::Expr::StringLiteral(literal) => ExprKind::Literal(Literal::Str(literal.value.to_str().to_owned())),
        ast::Expr::NumberLiteral(literal) => ExprKind::Literal(match &literal.value {
            ast::Number::Int(int) => Literal::Int(int.as_i64()),
            ast::Number::Float(float) => Literal::Float(*float),
            ast::Number::Complex { .. } => Literal::Complex,
        }),
        ast::Expr::Attribute(node) => {
            ExprKind::Attribute { value: boxed(&node.value), attribute: identifier(&node.attr) }
        }
        ast::Expr::Subscript(node) => ExprKind::Subscript { value: boxed(&node.value), index: boxed(&node.slice) },
        ast::Expr::Call(node) => ExprKind::Call { callee: boxed(&node.func), arguments: arguments(&node.arguments) },
        ast::Expr::Await(node) => ExprKind::Await(boxed(&node.value)),
        ast::Expr::Tuple(node) => sequence(SequenceKind::Tuple, &node.elts),
        ast::Expr::List(node) => sequence(SequenceKind::List, &node.elts),
        ast::Expr::Set(node) => sequence(SequenceKind::Set, &node.elts),
        ast::Expr::Dict(node) => ExprKind::Dict(
            node.items.iter().map(|item| (optional(item.key.as_ref()), expression(&item.value))).collect(),
        ),
        ast::Expr::Lambda(node) => ExprKind::Lambda {
            parameters: Box::new(node.parameters.as_deref().map(parameters).unwrap_or_default()),
            body: boxed(&node.body),
        },
        ast::Expr::ListComp(node) => comprehension(ComprehensionKind::List, &[&node.elt], &node.generators),
        ast::Expr::SetComp(node) => comprehension(ComprehensionKind::Set, &[&node.elt], &node.generators),
        ast::Expr::Generator(node) => comprehension(ComprehensionKind::Generator, &[&node.elt], &node.generators),
        ast::Expr::DictComp(node) => {
            let elements: Vec<&ast::Expr> = node.key.as_deref().into_iter().chain([&*node.value]).collect();
            comprehension(ComprehensionKind::Dict, &elements, &node.generators)
        }
        ast::Expr::Named(node) => ExprKind::Named { target: boxed(&node.target), value: boxed(&node.value) },
        ast::Expr::If(node) => {
            ExprKind::Conditional { test: boxed(&node.test), body: boxed(&node.body), orelse: boxed(&node.orelse) }
        }
        ast::Expr::BoolOp(node) => ExprKind::BoolOp(expressions(&node.values)),
        ast::Expr::BinOp(node) => ExprKind::Operation(vec![expression(&node.left), expression(&node.right)]),
        ast::Expr::UnaryOp(node) => unary(node),
        ast::Expr::Compare(node) => ExprKind::Comparison {
            operands: std::iter::once(&*node.left).chain(node.comparators.iter()).map(expression).collect(),
            is_membership: matches!(*node.ops, [ast::CmpOp::In | ast::CmpOp::NotIn]),
        },
        ast::Expr::Slice(node) => ExprKind::Operation(
            [&node.lower, &node.upper, &node.step].into_iter().flatten().map(|expr| expression(expr)).collect(),
        ),
        ast::Expr::Starred(node) => ExprKind::Starred(boxed(&node.value)),
        ast::Expr::Yield(node) => ExprKind::Yield(node.value.as_deref().map(boxed)),
        ast::Expr::YieldFrom(node) => ExprKind::Yield(Some(boxed(&node.value))),
        ast::Expr::FString(node) => ExprKind::Operation(interpolations(node.value.elements())),
        ast::Expr::TString(node) => ExprKind::Operation(interpolations(node.value.elements())),
        // Only notebooks have these; the parser reports them as errors in a module.
        ast::Expr::IpyEscapeCommand(_) => ExprKind::Operation(Vec::new()),
    };
    Expr { span: span(expr.range()), kind }
}

/// A number with a minus sign is one literal.
fn unary(node: &ast::ExprUnaryOp) -> ExprKind {
    let operand = expression(&node.operand);
    match (node.op, operand.kind) {
        (ast::UnaryOp::USub, ExprKind::Literal(Literal::Int(value))) => {
            ExprKind::Literal(Literal::Int(value.and_then(i64::checked_neg)))
        }
        (ast::UnaryOp::USub, ExprKind::Literal(Literal::Float(value))) => ExprKind::Literal(Literal::Float(-value)),
        (_, kind) => ExprKind::Operation(vec![Expr { span: operand.span, kind }]),
    }
}

fn comprehension(kind: ComprehensionKind, elements: &[&ast::Expr], generators: &[ast::Comprehension]) -> ExprKind {
    ExprKind::Comprehension {
        kind,
        elements: elements.iter().map(|element| expression(element)).collect(),
        clauses: generators
            .iter()
            .map(|generator| Clause {
                is_async: generator.is_async,
                target: expression(&generator.target),
                iterable: expression(&generator.iter),
                conditions: expressions(&generator.ifs),
            })
            .collect(),
    }
}

/// The expressions inside an f-string, those of nested format specifications included.
fn interpolations<'a>(elements: impl Iterator<Item = &'a ast::InterpolatedStringElement>) -> Vec<Expr> {
    let mut found = Vec::new();
    for element in elements {
        if let ast::InterpolatedStringElement::Interpolation(part) = element {
            found.push(expression(&part.expression));
            if let Some(specification) = &part.format_spec {
                found.extend(interpolations(specification.elements.iter()));
            }
        }
    }
    found
}
