//! Chains of classes and arguments of calls, which no command shows by themselves.

use std::collections::BTreeMap;

use super::super::rules::Rules;
use super::{Found, Modules};
use crate::flow::arguments::signature_problem;
use crate::source::Source;
use crate::syntax::parse;
use crate::syntax::tree::{ExprKind, StmtKind};

fn files(files: &[(&str, &str)]) -> BTreeMap<String, Source> {
    files
        .iter()
        .map(|(file, text)| {
            let module = file.trim_end_matches(".py").trim_end_matches("/__init__").replace('/', ".");
            (module, Source::new(*file, *text))
        })
        .collect()
}

/// The chain of `name` in the module `flow`, with `…` behind it when it may go on.
fn chain(all: &[(&str, &str)], name: &str) -> Option<String> {
    let files = files(all);
    let source = &files["flow"];
    let tree = parse(source).unwrap();
    let modules = Modules::new(&files, source, &tree, "flow", false, Rules::default());
    let path: Vec<&str> = name.split('.').collect();
    let chain = modules.resolve_class(modules.own(), &path)?;
    let names: Vec<String> = chain.links.iter().map(super::ClassLink::runtime_name).collect();
    Some(format!("{}{}", names.join(" "), if chain.is_complete { "" } else { " …" }))
}

#[test]
fn chains_go_up_to_the_builtins() {
    let all = [
        (
            "flow.py",
            "from errs import Boom, Late as L, Ring\nimport errs, json, asyncio, socket\nfrom requests import ConnectionError, Timeout\nclass Own(errs.Boom): pass\n",
        ),
        ("errs/__init__.py", "from .base import *\nfrom .base import Boom\n"),
        (
            "errs/base.py",
            "import abc\nclass Boom(ValueError): pass\nclass Late(Boom, TimeoutError): pass\nclass Outer:\n    class Inner(Boom): pass\nclass Ring(Ring2): pass\nRing2 = Ring\nclass A(Exception): pass\nclass B(A): pass\nclass C(A, abc.ABC): pass\nclass D(B, C): pass\nclass Bad(A, B): pass\nShort = Late\n",
        ),
    ];
    let of = |name: &str| chain(&all, name);
    let is = |name: &str, expected: &str| assert_eq!(of(name).as_deref(), Some(expected), "{name}");
    is("Boom", "errs.base.Boom ValueError Exception BaseException");
    is("errs.Boom", "errs.base.Boom ValueError Exception BaseException");
    is("Own", "flow.Own errs.base.Boom ValueError Exception BaseException");
    is("L", "errs.base.Late errs.base.Boom ValueError TimeoutError OSError Exception BaseException");
    is("errs.Short", "errs.base.Late errs.base.Boom ValueError TimeoutError OSError Exception BaseException");
    is("errs.Outer.Inner", "errs.base.Outer.Inner errs.base.Boom ValueError Exception BaseException");
    is("errs.D", "errs.base.D errs.base.B errs.base.C errs.base.A Exception BaseException");
    is("errs.Bad", "errs.base.Bad …");
    is("KeyError", "KeyError LookupError Exception BaseException");
    is("IOError", "OSError Exception BaseException");
    is("json.JSONDecodeError", "json.decoder.JSONDecodeError ValueError Exception BaseException");
    is("asyncio.TimeoutError", "TimeoutError OSError Exception BaseException");
    is("ExceptionGroup", "ExceptionGroup BaseExceptionGroup Exception BaseException");
    is("BaseException", "BaseException");
    assert!(of("Ring").unwrap().ends_with('…'));
    for name in ["ConnectionError", "Timeout", "Nothing", "len", "int", "errs", "errs.Nothing"] {
        assert_eq!(of(name), None, "{name}");
    }
}

#[test]
fn a_function_of_another_file_comes_with_its_source() {
    let files = files(&[
        ("flow.py", "import pkg\n"),
        ("pkg/__init__.py", "from .impl import help_me as helper\n"),
        ("pkg/impl.py", "\n\ndef help_me(x): return x\n"),
    ]);
    let source = &files["flow"];
    let tree = parse(source).unwrap();
    let modules = Modules::new(&files, source, &tree, "flow", false, Rules::default());
    let Found::Function { definition, .. } = modules.resolve_absolute("pkg", &["helper"]) else {
        panic!("it is a function")
    };
    assert_eq!(definition.source().name(), "pkg/impl.py");
    assert_eq!(definition.module.name(), "pkg.impl");
    assert_eq!(definition.source().slice(definition.function.name.span), "help_me");
    assert!(!matches!(modules.resolve_absolute("pkg", &["nothing"]), Found::Function { .. }));
    assert!(!matches!(modules.resolve_absolute("nothing", &["at_all"]), Found::Function { .. }));
}

/// What keeps `call` from fitting `def f(parameters)`; `None` when it fits.
fn mismatch(parameters: &str, call: &str) -> Option<String> {
    let source = Source::new("x.py", format!("def f({parameters}): ...\nf({call})\n"));
    let tree = parse(&source).unwrap();
    let (StmtKind::Function(function), StmtKind::Expr(call)) = (&tree.body[0].kind, &tree.body[1].kind) else {
        unreachable!()
    };
    let ExprKind::Call { arguments, .. } = &call.kind else { unreachable!() };
    signature_problem(function, 0, arguments).map(|problem| problem.kind.describe())
}

#[test]
fn arguments_fit_parameters_as_in_python() {
    #[rustfmt::skip]
    let table = [
        ("p", "p", None),
        ("p", "", Some("needs an argument for `p`")),
        ("p", "1, 2", Some("takes one positional argument and gets more")),
        ("", "1", Some("takes no positional arguments")),
        ("a, b", "1, 2, 3", Some("takes 2 positional arguments and gets more")),
        ("a, b=2", "1", None),
        ("a, b=2", "b=1", Some("needs an argument for `a`")),
        ("a, b", "1, a=2", Some("gets two values for `a`")),
        ("a, b", "1, c=2", Some("has no parameter `c`")),
        ("a, **more", "1, c=2", None),
        ("a, *rest", "1, 2, 3", None),
        ("a, *rest, k", "1, 2", Some("needs an argument for `k`")),
        ("a, *, k", "1, k=2", None),
        ("a, *, k", "1, 2", Some("takes one positional argument and gets more")),
        ("a, /, b", "a=1, b=2", Some("does not take `a` by name")),
        ("a, /, **more", "1, a=2", None),
        ("a, /, **more", "a=2", Some("needs an argument for `a`")),
        ("a, b, c", "*xs", None),
        ("a, b, c", "1, *xs, c=2", None),
        ("a, b", "1, 2, *xs, 3", Some("takes 2 positional arguments and gets more")),
        ("a, b, *, k", "**kw", None),
        ("a, /, b", "**kw", Some("needs an argument for `a`")),
        ("a, b", "*xs, d=1", Some("has no parameter `d`")),
        ("a, k", "1, k=2, **kw", None),
    ];
    for (parameters, call, expected) in table {
        assert_eq!(mismatch(parameters, call).as_deref(), expected, "def f({parameters}) called f({call})");
    }
}
