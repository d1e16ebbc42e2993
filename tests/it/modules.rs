//! Names of a flow are followed through the project's modules, and no module is executed.

use std::process::Command;

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

/// A project with these files, besides what `init` makes.
fn project(files: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::initialised();
    for (path, text) in files {
        sandbox.write(path, text);
    }
    sandbox
}

/// A flow that calls `calls` in a row.
fn flow(imports: &str, calls: &[&str]) -> String {
    let lines: String = calls.iter().map(|call| format!("    p = {call}\n")).collect();
    format!("{imports}\n\n\ndef demo(p: dict) -> dict:  # asya: flow\n{lines}    return p\n")
}

/// The handlers of a flow that compiles without a warning.
fn handlers(sandbox: &Sandbox, file: &str) -> Vec<String> {
    let outcome = sandbox.ok(&["compile", "demo", "-f", file, "--strict", "-o", "json"]);
    let document: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    let actors = document["actors"].as_array().unwrap();
    let users = actors.iter().filter(|actor| actor["generated"] == false);
    users.map(|actor| actor["handler"].as_str().unwrap().to_owned()).collect()
}

/// What is said about a flow that does not compile, or compiles with warnings.
fn said(files: &[(&str, &str)]) -> String {
    let sandbox = project(files);
    let outcome = sandbox.run(&["compile", "demo", "-f", "flow.py"]);
    outcome.stderr
}

/// `(module, qualified name)` that Python itself gives for the callees of `flow.py`.
fn python_names(sandbox: &Sandbox, expressions: &[&str]) -> Vec<String> {
    let list = expressions.join(", ");
    let program = format!(
        "import flow as _f\nfor x in eval({list:?} + ',', vars(_f)): print(x.__module__ + '.' + x.__qualname__)"
    );
    let python = std::env::var("ASYA_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = Command::new(python)
        .args(["-B", "-c", &program])
        .current_dir(sandbox.project())
        .output()
        .expect("Python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

/// Ways of importing: files, the flow's imports, what it calls.
type Layout<'a> = (&'a [(&'a str, &'a str)], &'a str, &'a [&'a str]);

const F: &str = "def f(p): return p\n";

#[rustfmt::skip]
const LAYOUTS: &[Layout<'_>] = &[
    (&[("m.py", F)], "from m import f", &["f"]),
    (&[("m.py", F)], "from m import f as g", &["g"]),
    (&[("m.py", F)], "import m", &["m.f"]),
    (&[("m.py", F)], "import m as n", &["n.f"]),
    // Packages and re-exports.
    (&[("pkg/__init__.py", ""), ("pkg/impl.py", F)], "import pkg.impl", &["pkg.impl.f"]),
    (&[("pkg/__init__.py", ""), ("pkg/impl.py", F)], "import pkg.impl as i", &["i.f"]),
    (&[("pkg/__init__.py", ""), ("pkg/impl.py", F)], "from pkg import impl", &["impl.f"]),
    (&[("pkg/__init__.py", "from .impl import f"), ("pkg/impl.py", F)], "from pkg import f", &["f"]),
    (&[("pkg/__init__.py", "from .impl import f as g"), ("pkg/impl.py", F)], "from pkg import g as h", &["h"]),
    (&[("pkg/__init__.py", "from pkg.impl import f"), ("pkg/impl.py", F)], "import pkg", &["pkg.f"]),
    (&[("pkg/__init__.py", "from . import impl"), ("pkg/impl.py", F)], "import pkg", &["pkg.impl.f"]),
    (&[("pkg/__init__.py", "from .a import f"), ("pkg/a.py", "from .sub.b import g as f"),
       ("pkg/sub/__init__.py", ""), ("pkg/sub/b.py", "from ..c import f as g"), ("pkg/c.py", F)],
     "from pkg import f", &["f"]),
    (&[("pkg/__init__.py", "from .impl import *"), ("pkg/impl.py", F)], "from pkg import f", &["f"]),
    (&[("pkg/__init__.py", "from .impl import *"), ("pkg/impl.py", "__all__ = ['f']\n__all__ += ('_g',)\ndef f(p): return p\ndef _g(p): return p\n")],
     "from pkg import f, _g", &["f", "_g"]),
    (&[("pkg/__init__.py", "from .one import *\nfrom .two import *"), ("pkg/one.py", F),
       ("pkg/two.py", "__all__ = []\ndef f(p): return p\n")], "from pkg import f", &["f"]),
    (&[("pkg/__init__.py", "from .one import *\nfrom .two import *"), ("pkg/one.py", F), ("pkg/two.py", F)],
     "from pkg import f", &["f"]),
    // A function and the submodule it comes from share a name.
    (&[("pkg/__init__.py", "from .f import f"), ("pkg/f.py", F)], "from pkg import f", &["f"]),
    // Directories without `__init__.py`.
    (&[("ns/deep/m.py", F)], "from ns.deep.m import f", &["f"]),
    (&[("ns/m.py", F)], "from ns import m", &["m.f"]),
    (&[("ns/m.py", "from .n import f"), ("ns/n.py", F)], "from ns.m import f", &["f"]),
    // A package comes before a file, and a file before a directory.
    (&[("m.py", F), ("m/__init__.py", F)], "from m import f", &["f"]),
    (&[("m.py", F), ("m/n.py", F)], "from m import f", &["f"]),
    // Imports in a circle.
    (&[("a.py", "import b\nfrom b import g\ndef f(p): return p\n"), ("b.py", "import a\ndef g(p): return p\n")],
     "import a", &["a.f", "a.g"]),
    // The last definition counts.
    (&[("m.py", "def f(): ...\ndef f(p): return p\n")], "from m import f", &["f"]),
    (&[("m.py", "from n import f\ndef f(p): return p\n"), ("n.py", F)], "from m import f", &["f"]),
    (&[("m.py", "def f(): ...\nfrom n import f\n"), ("n.py", F)], "from m import f", &["f"]),
    // Classes.
    (&[("pkg/__init__.py", "from .impl import Model"), ("pkg/impl.py", "class Model:\n    def run(self, p): return p\n")],
     "from pkg import Model", &["Model.run"]),
    (&[("m.py", "class lower:\n    def run(self, p): return p\n")], "import m", &["m.lower.run"]),
    (&[("m.py", "def Upper(p): return p\n")], "from m import Upper", &["Upper"]),
    (&[("m.py", "class A:\n    @staticmethod\n    def run(p): return p\n")], "from m import A", &["A.run"]),
    // The flow's own `*`.
    (&[("m.py", F)], "from m import *", &["f"]),
    (&[("m.py", F), ("n.py", "def g(p): return p\ndef f(p): return p\n")], "from m import *\nfrom n import *", &["f", "g"]),
    // The flow's own file, in a helper's imports.
    (&[("m.py", "import flow\ndef f(p): return p\n")], "from m import f", &["f"]),
    // Byte order mark, line endings, other encodings.
    (&[("m.py", "\u{feff}def f(p):\r\n    return p\r\n")], "from m import f", &["f"]),
];

#[test]
fn handlers_have_the_names_that_python_gives_them() {
    for (files, imports, callees) in LAYOUTS {
        let sandbox = project(files);
        let calls: Vec<String> = callees.iter().map(|callee| format!("{callee}(p)")).collect();
        let calls: Vec<&str> = calls.iter().map(String::as_str).collect();
        sandbox.write("flow.py", &flow(imports, &calls));
        assert_eq!(handlers(&sandbox, "flow.py"), python_names(&sandbox, callees), "{imports}\n{files:?}");
    }
}

#[test]
fn what_is_not_certain_keeps_the_name_it_is_reached_by() {
    #[rustfmt::skip]
    let layouts: &[(&str, &str)] = &[
        ("try:\n    from fast import f\nexcept ImportError:\n    from slow import f\n", "pkg.f"),
        ("import sys\nif sys.platform == 'linux':\n    def f(p): return p\nelse:\n    def f(p, q): return p\n", "pkg.f"),
        ("def __getattr__(name): ...\n", "pkg.f"),
        ("from elsewhere import *\n", "pkg.f"),
        ("from elsewhere import f\n", "pkg.f"),
        ("from json import loads as f\n", "pkg.f"),
        ("for n in 'fg':\n    globals()[n] = print\n", "pkg.f"),
        ("def set_up():\n    global f\n    f = print\n", "pkg.f"),
        ("f = make()\n", "pkg.f"),
        ("from functools import partial\nf = partial(print)\n", "pkg.f"),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .impl import f\n", "pkg.f"),
        ("with open('x') as f:\n    pass\n", "pkg.f"),
        ("def f(): ...\nfrom .impl import *\n", "pkg.f"),
        ("from .impl import *\n__all__ = some()\n", "pkg.impl.f"),
        ("match 1:\n    case f:\n        pass\n", "pkg.f"),
    ];
    for (init, expected) in layouts {
        let sandbox = project(&[("pkg/__init__.py", init), ("pkg/impl.py", F)]);
        sandbox.write("flow.py", &flow("from pkg import f", &["f(p)"]));
        assert_eq!(handlers(&sandbox, "flow.py"), [*expected], "{init}");
    }
}

#[test]
fn only_what_a_flow_calls_is_read() {
    let sandbox = project(&[
        ("pkg/__init__.py", "from .broken import *\n"),
        ("pkg/broken.py", "def ("),
        ("pkg/used.py", "import pkg.broken\ndef f(p): return p\n"),
        ("unused.py", "def ("),
    ]);
    sandbox.write("flow.py", &flow("import unused\nfrom unused import g\nfrom pkg.used import f", &["f(p)"]));
    assert_eq!(handlers(&sandbox, "flow.py"), ["pkg.used.f"]);
}

#[test]
fn a_name_that_is_not_there_is_an_error() {
    let calls = flow(
        "from handlers import claen, Model\nimport handlers",
        &["claen(p)", "handlers.nothing(p)", "Model().rum(p)", "Model.inherited(p)"],
    );
    let handlers = "\
class Base:
    def inherited(self, p): return p


class Model(Base):
    def run(self, p): return p


def clean(p): return p
";
    assert_snapshot!(said(&[("flow.py", &calls), ("handlers.py", handlers)]), @r#"
error[ASYA053]: the module `handlers` has no `claen`
 --> flow.py:6:9
  |
6 |     p = claen(p)
  |         ^^^^^
  |
  = help: did you mean `clean`?

error[ASYA053]: the module `handlers` has no `nothing`
 --> flow.py:7:9
  |
7 |     p = handlers.nothing(p)
  |         ^^^^^^^^^^^^^^^^
  |
  = note: `handlers.py` has `Base`, `Model` and `clean`

error[ASYA053]: the class `Model` has no method `rum`
 --> flow.py:8:9
  |
8 |     p = Model().rum(p)
  |         ^^^^^^^^^^^
  |
 ::: handlers.py:5:7
  |
5 | class Model(Base):
  |       ----- defined here
  |
  = help: did you mean `run`?

error: flow `demo` does not compile: 3 errors in flow.py
"#);
    let reexport = flow("from pkg import f", &["f(p)"]);
    assert_snapshot!(
        said(&[("flow.py", &reexport), ("pkg/__init__.py", "from .a import f\n"), ("pkg/a.py", "from .b import g as f\n"), ("pkg/b.py", "")]),
        @r#"
error[ASYA053]: the module `pkg.b` has no `g`
 --> flow.py:5:9
  |
5 |     p = f(p)
  |         ^
  |
 ::: pkg/__init__.py:1:16
  |
1 | from .a import f
  |                - by way of this import
  |
 ::: pkg/a.py:1:16
  |
1 | from .b import g as f
  |                ------ by way of this import
  |
  = note: `pkg/b.py` defines nothing

error: flow `demo` does not compile: 1 error in flow.py
"#
    );
    let circle = flow("from a import f", &["f(p)"]);
    assert_snapshot!(said(&[("flow.py", &circle), ("a.py", "from b import f\n"), ("b.py", "from a import f\n")]), @r#"
error[ASYA053]: the module `a` has no `f`
 --> flow.py:5:9
  |
5 |     p = f(p)
  |         ^
  |
 ::: a.py:1:15
  |
1 | from b import f
  |               - by way of this import
  |
 ::: b.py:1:15
  |
1 | from a import f
  |               - by way of this import
  |
  = note: `a.py` imports it, by way of other modules, from itself

error: flow `demo` does not compile: 1 error in flow.py
"#);
}

#[test]
fn what_no_actor_can_run_is_an_error() {
    let calls = flow(
        "from handlers import LIMIT, client, Outer, plain\nfrom pkg import text\nimport handlers",
        &["LIMIT(p)", "client.send(p)", "Outer.Inner().run(p)", "plain.later(p)", "text(p)"],
    );
    let handlers = "\
LIMIT = 3
client = make()


class Outer:
    class Inner:
        def run(self, p): return p


def plain(p): return p
";
    let files = [("flow.py", &*calls), ("handlers.py", handlers), ("pkg/__init__.py", ""), ("pkg/text.py", F)];
    assert_snapshot!(said(&files), @r#"
error[ASYA054]: `LIMIT` is not a function
 --> flow.py:7:9
  |
7 |     p = LIMIT(p)
  |         ^^^^^
  |
 ::: handlers.py:1:1
  |
1 | LIMIT = 3
  | ----- a value is assigned here
  |
  = note: an actor runs a function of a module, or a method of a class of a module

error[ASYA054]: `client` is an object, and no actor can run its methods
 --> flow.py:8:9
  |
8 |     p = client.send(p)
  |         ^^^^^^^^^^^
  |
 ::: handlers.py:2:1
  |
2 | client = make()
  | ------ it is made here
  |
  = note: an actor runs a function of a module, or a method of a class of a module
  = help: write a function beside it that calls the method, and call that

error[ASYA054]: `Outer.Inner` is a class inside a class
 --> flow.py:9:9
  |
9 |     p = Outer.Inner().run(p)
  |         ^^^^^^^^^^^^^^^^^
  |
 ::: handlers.py:6:11
  |
6 |     class Inner:
  |           ----- defined here
  |
  = note: an actor runs a function of a module, or a method of a class of a module
  = help: move it to the top level of its module

error[ASYA054]: `later` belongs to the function `plain`
  --> flow.py:10:9
   |
10 |     p = plain.later(p)
   |         ^^^^^^^^^^^
   |
  ::: handlers.py:10:5
   |
10 | def plain(p): return p
   |     ----- defined here
   |
   = note: an actor runs a function of a module, or a method of a class of a module

error[ASYA054]: `pkg.text` is a module, not a function
  --> flow.py:11:9
   |
11 |     p = text(p)
   |         ^^^^
   |
   = help: call one of its functions: `from pkg.text import f`

error: flow `demo` does not compile: 5 errors in flow.py
"#);
}

#[test]
fn signatures_are_checked_across_files() {
    let calls = flow("import h", &["h.two(p)", "h.none(p)", "h.named(p)", "h.Model().run(p)", "h.Model().fixed(p)"]);
    let wrong = "\
def two(p, q): return p
def none(): return {}
def named(p, *, mode): return p
class Model:
    def run(self): return {}
    @staticmethod
    def fixed(p, q): return p
";
    assert_snapshot!(said(&[("flow.py", &calls), ("h.py", wrong)]), @r#"
error[ASYA028]: `two` needs an argument for `q`
 --> flow.py:5:9
  |
5 |     p = h.two(p)
  |         ^^^^^
  |
 ::: h.py:1:12
  |
1 | def two(p, q): return p
  |            - this parameter gets nothing
  |
  = help: pass `q` with the call, or give it a default

error[ASYA028]: `none` takes no positional arguments
 --> flow.py:6:16
  |
6 |     p = h.none(p)
  |                ^
  |
 ::: h.py:2:9
  |
2 | def none(): return {}
  |         -- its parameters
  |
  = help: give it a parameter for the payload

error[ASYA028]: `named` needs an argument for `mode`
 --> flow.py:7:9
  |
7 |     p = h.named(p)
  |         ^^^^^^^
  |
 ::: h.py:3:17
  |
3 | def named(p, *, mode): return p
  |                 ---- this parameter gets nothing
  |
  = help: pass `mode` with the call, or give it a default

error[ASYA028]: `run` takes no positional arguments
 --> flow.py:8:23
  |
8 |     p = h.Model().run(p)
  |                       ^
  |
 ::: h.py:5:12
  |
5 |     def run(self): return {}
  |            ------ its parameters
  |
  = help: give it a parameter for the payload

error[ASYA028]: `fixed` needs an argument for `q`
 --> flow.py:9:9
  |
9 |     p = h.Model().fixed(p)
  |         ^^^^^^^^^^^^^^^
  |
 ::: h.py:7:18
  |
7 |     def fixed(p, q): return p
  |                  - this parameter gets nothing
  |
  = help: pass `q` with the call, or give it a default

error: flow `demo` does not compile: 5 errors in flow.py
"#);
    let fine = "\
from functools import lru_cache
import deco
def two(p, q=1, *rest, mode=None, **more): return p
def none(*all): return {}
@deco.fill
def named(p, *, mode): return p
class Model:
    def run(self, p, /): return {}
    @classmethod
    def fixed(cls, p): return p
";
    assert_eq!(said(&[("flow.py", &calls), ("h.py", fine)]), "");
}

#[test]
fn a_forgotten_await_is_seen_across_files() {
    let calls =
        flow("from h import slow, wrapped, streams, Model", &["slow(p)", "wrapped(p)", "streams(p)", "Model().run(p)"]);
    let handlers = "\
import deco
async def slow(p): return p
@deco.run_now
async def wrapped(p): return p
async def streams(p): yield p
class Base:
    async def run(self, p): return p
class Model(Base): pass
";
    assert_snapshot!(said(&[("flow.py", &calls), ("h.py", handlers)]), @r#"
error[ASYA018]: `slow` is `async` and must be awaited
 --> flow.py:5:9
  |
5 |     p = slow(p)
  |         ^^^^^^^
  |
 ::: h.py:2:11
  |
2 | async def slow(p): return p
  |           ---- defined here
  |
  = help: write `await slow(p)`

error[ASYA018]: `run` is `async` and must be awaited
 --> flow.py:8:9
  |
8 |     p = Model().run(p)
  |         ^^^^^^^^^^^^^^
  |
 ::: h.py:7:15
  |
7 |     async def run(self, p): return p
  |               --- defined here
  |
  = help: write `await run(p)`

error: flow `demo` does not compile: 2 errors in flow.py
"#);
}

#[test]
fn objects_are_made_without_arguments() {
    let calls = flow("import h", &[]).replace(
        "    return p\n",
        "    a = h.Own()\n    b = h.Inherits()\n    c = h.Data()\n    d = h.Open()\n    p = a.run(p)\n    p = b.run(p)\n    p = c.run(p)\n    p = d.run(p)\n    return p\n",
    );
    let wrong = "\
from base import Base, run_it
from dataclasses import dataclass


class Own:
    def __init__(self, path): ...
    def run(self, p): return p


class Inherits(Base):
    pass


@dataclass
class Data:
    size: int
    def run(self, p): return p


class Open:
    def __init__(self, **settings): ...
    def run(self, p): return p
";
    let base = "class Base:\n    def __init__(self, path): ...\n    def run(self, p): return p\ndef run_it(): ...\n";
    assert_snapshot!(said(&[("flow.py", &calls), ("h.py", wrong), ("base.py", base)]), @r#"
error[ASYA026]: `Own` cannot be constructed without arguments
 --> flow.py:5:9
  |
5 |     a = h.Own()
  |         ^^^^^^^
  |
 ::: h.py:6:24
  |
6 |     def __init__(self, path): ...
  |                        ---- this parameter has no default
  |
  = note: an actor makes one object when it starts, with no arguments
  = help: give every parameter of `__init__` a default, or read the settings inside `__init__`

error[ASYA026]: `Inherits` cannot be constructed without arguments
 --> flow.py:6:9
  |
6 |     b = h.Inherits()
  |         ^^^^^^^^^^^^
  |
 ::: base.py:2:24
  |
2 |     def __init__(self, path): ...
  |                        ---- this parameter has no default
  |
  = note: an actor makes one object when it starts, with no arguments
  = help: give every parameter of `__init__` a default, or read the settings inside `__init__`

error[ASYA026]: `Data` cannot be constructed without arguments
  --> flow.py:7:9
   |
 7 |     c = h.Data()
   |         ^^^^^^^^
   |
  ::: h.py:16:5
   |
16 |     size: int
   |     ---- this field has no default
   |
   = note: an actor makes one object when it starts, with no arguments
   = help: give every parameter of `__init__` a default, or read the settings inside `__init__`

error[ASYA026]: `Open` cannot be constructed without arguments
  --> flow.py:8:9
   |
 8 |     d = h.Open()
   |         ^^^^^^^^
   |
  ::: h.py:21:26
   |
21 |     def __init__(self, **settings): ...
   |                          -------- the runtime refuses `*` and `**` parameters here
   |
   = note: an actor makes one object when it starts, with no arguments
   = help: give every parameter of `__init__` a default, or read the settings inside `__init__`

error: flow `demo` does not compile: 4 errors in flow.py
"#);
    let fine = "\
from base import Base
from elsewhere import Foreign
from dataclasses import dataclass, field
from typing import ClassVar


class Own:
    def __init__(self, path='x', *, mode=None): ...
    def run(self, p): return p


class Inherits(Base):
    pass


@dataclass
class Data(Base):
    kind: ClassVar[str]
    size: int = 3
    items: list = field(default_factory=list)


class Open(Foreign):
    pass
";
    let base = "class Base:\n    def __init__(self, *args, **settings): ...\n    def run(self, p): return p\n";
    assert_eq!(said(&[("flow.py", &calls), ("h.py", fine), ("base.py", base)]), "");
}

#[test]
fn a_broken_module_is_shown_where_it_is_broken() {
    let files = [
        ("flow.py", &*flow("from lib.text import clean", &["clean(p)", "clean(p)"])),
        ("lib/text.py", "import re\n\ndef clean(p:\n"),
    ];
    assert_snapshot!(said(&files), @r#"
error[ASYA001]: `(` was never closed
 --> lib/text.py:3:10
  |
3 | def clean(p:
  |          ^

error: flow `demo` does not compile: 1 error in lib/text.py
"#);
    let sandbox = project(&files);
    let outcome = sandbox.run(&["compile", "demo", "-f", "flow.py", "-o", "json"]);
    assert_eq!(outcome.code, 1);
    let document: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    let diagnostic = &document["error"]["diagnostics"][0];
    assert_eq!((&diagnostic["file"], &diagnostic["line"]), (&"lib/text.py".into(), &3.into()));
}

#[test]
fn other_encodings_are_read_or_left_alone() {
    let calls = flow("from m import f", &["f(p)"]);
    let with = |bytes: &[u8]| {
        let sandbox = project(&[("flow.py", &calls)]);
        std::fs::write(sandbox.project().join("m.py"), bytes).unwrap();
        sandbox.run(&["compile", "demo", "-f", "flow.py", "--strict"]).stderr
    };
    assert_eq!(with(b"# -*- coding: latin-1 -*-\n# caf\xe9\ndef f(p): return p\n"), "");
    assert_eq!(with(b"#!/usr/bin/python\n# vim: set fileencoding=shift_jis :\n# \x83\ndef g(p): return p\n"), "");
    assert_snapshot!(with(b"# caf\xe9\ndef f(p): return p\n"), @r#"
error[ASYA001]: this byte (0xe9) is not UTF-8
 --> m.py:1:6
  |
1 | # caf�
  |      ^
  |
  = help: save the file as UTF-8

error: flow `demo` does not compile: 1 error in m.py
"#);
}

#[test]
fn modules_of_one_name_are_told_apart() {
    let queue = flow("from queue import push\nfrom time import sleep", &["push(p)"]);
    let files =
        [("flow.py", &*queue), ("queue.py", "def push(p): return p\n"), ("time.py", "def sleep(p): return p\n")];
    assert_snapshot!(said(&files), @r#"
warning[ASYA055]: `queue` is the name of more than one module
 --> flow.py:1:19
  |
1 | from queue import push
  |                   ^^^^
  |
  = note: `queue.py` is found first and hides Python's own module `queue`
  = help: rename one of them: which one an image finds depends on its own search path
"#);
    let sandbox = project(&[
        ("src/flow.py", &*flow("from m import f\nfrom ns.one import g", &["f(p)", "g(p)"])),
        ("src/m.py", F),
        ("m.py", "def other(p): return p\n"),
        ("src/ns/one.py", "def g(p): return p\n"),
        ("ns/two.py", ""),
    ]);
    let outcome = sandbox.run(&["compile", "demo", "-f", "src/flow.py"]);
    assert_eq!(outcome.code, 0);
    assert_snapshot!(outcome.stderr, @r#"
warning[ASYA055]: `m` is the name of more than one module
 --> src/flow.py:1:15
  |
1 | from m import f
  |               ^
  |
  = note: `src/m.py` is found first and hides `m.py`
  = help: rename one of them: which one an image finds depends on its own search path
"#);
}

#[test]
fn a_package_without_the_module_is_a_warning() {
    let files = [("flow.py", &*flow("from pkg.made_at_build import f", &["f(p)"])), ("pkg/__init__.py", "")];
    assert_snapshot!(said(&files), @r#"
warning[ASYA051]: there is no module `pkg.made_at_build` in this project
 --> flow.py:5:5
  |
5 |     p = f(p)
  |     ^^^^^^^^
  |
  = note: the actor will run `pkg.made_at_build.f`; its image must have that module
  = help: if it is in another directory, name that with `-I DIR` or `compiler.python_path`
"#);
}

#[test]
fn modules_are_found_in_named_directories() {
    let sandbox = project(&[
        ("flow.py", &flow("from pkg.m import f", &["f(p)"])),
        ("lib/pkg/m.py", "from n import g as f"),
        ("more/n.py", "def g(p): return p\n"),
    ]);
    let config = sandbox.read(".asya/config.yaml");
    sandbox.write(".asya/config.yaml", &config.replace("compiler:\n", "compiler:\n  python_path: [./more]\n"));
    let outcome = sandbox.ok(&["compile", "demo", "-f", "flow.py", "-I", "lib", "--strict", "-o", "json"]);
    assert!(outcome.stdout.contains("\"handler\": \"n.g\""), "{}", outcome.stdout);
    assert_snapshot!(sandbox.show(&["compile", "demo", "-f", "flow.py", "-I", "libb"]), @r#"
exit: 3
--- stdout
--- stderr
error: Python modules cannot be looked up in `libb`
  because there is no such directory
hint: `-I` takes directories that are on Python's path in your images
"#);
}

/// Constants and functions that a `*` import brings run in the router; one of another `*` behind it as well.
#[test]
fn what_a_star_import_brings_is_carried() {
    let sandbox = project(&[
        ("consts.py", "LOW, HIGH = 1, 2\n"),
        (
            "tools.py",
            "from consts import *\n\n\ndef pure(x):\n    return x + HIGH\n\n\nasync def add(x):\n    return x + 1\n",
        ),
        (
            "flow.py",
            "from typing import *\nfrom tools import *\n\n\nasync def demo(p: dict) -> dict:\n    p[\"n\"] = await add(1) + pure(LOW)\n    return p\n",
        ),
    ]);
    sandbox.ok(&["compile", "demo", "-f", "flow.py"]);
    let outcome = sandbox.ok(&["run", "demo", "--payload", "{}"]);
    assert_eq!(outcome.stdout.split_whitespace().collect::<String>(), r#"{"n":5}"#);
}

/// The router would take along what the module makes first, not what it is when the flow runs.
#[test]
fn a_value_that_the_module_changes_is_not_carried() {
    let flow = "async def demo(p: dict) -> dict:\n    p[\"known\"] = p[\"tool\"] in TOOLS\n    return await f(p)\n";
    let own = |changing: &str| {
        said(&[
            ("h.py", F),
            ("flow.py", &format!("import random\nfrom h import f\n\nTOOLS = {{}}\n{changing}\n\n\n{flow}")),
        ])
    };
    assert_snapshot!(own("TOOLS.update(search=1)"), @r#"
error[ASYA024]: `TOOLS` cannot be used in the flow's own code
 --> flow.py:9:31
  |
5 | TOOLS.update(search=1)
  | ----- changed here
...
9 |     p["known"] = p["tool"] in TOOLS
  |                               ^^^^^ this runs in the router
  |
  = note: the router makes a value of its own, as the module first makes it
  = help: write the whole value where it is defined, or let an actor answer it

warning[ASYA050]: `f` is not `async`
  --> flow.py:10:18
   |
10 |     return await f(p)
   |                  ^^^^
   |
  ::: h.py:1:5
   |
 1 | def f(p): return p
   |     - defined here
   |
   = note: the compiled flow works, but running the function in Python fails here

error: flow `demo` does not compile: 1 error in flow.py
"#);
    for changing in [
        "def tool(function):\n    TOOLS[function.__name__] = function\n    return function",
        "def register(table):\n    table['x'] = 1\n\n\nregister(TOOLS)",
        "random.shuffle(TOOLS)",
        "class Registry:\n    def add(self, name):\n        TOOLS.setdefault(name, 1)",
        "if F:\n    del TOOLS['x']",
    ] {
        assert!(own(changing).contains("`TOOLS` cannot be used"), "{changing}\n{}", own(changing));
    }
    for unchanged in ["def other(TOOLS):\n    TOOLS['x'] = 1", "print(TOOLS)", "def get(x):\n    return TOOLS.get(x)"] {
        assert!(!own(unchanged).contains("TOOLS"), "{unchanged}\n{}", own(unchanged));
    }
    let flow = format!("from h import f\nfrom tools import TOOLS\n\nTOOLS['a'] = 1\n\n\n{flow}");
    assert_snapshot!(said(&[("h.py", F), ("tools.py", "TOOLS = {}\n"), ("flow.py", &flow)]), @r#"
error[ASYA024]: `TOOLS` cannot be used in the flow's own code
 --> flow.py:8:31
  |
4 | TOOLS['a'] = 1
  | -------------- bound here
...
8 |     p["known"] = p["tool"] in TOOLS
  |                               ^^^^^ this runs in the router
  |
  = note: it is bound more than once or under a condition, so its value is not certain
  = help: move this statement into an actor

warning[ASYA050]: `f` is not `async`
 --> flow.py:9:18
  |
9 |     return await f(p)
  |                  ^^^^
  |
 ::: h.py:1:5
  |
1 | def f(p): return p
  |     - defined here
  |
  = note: the compiled flow works, but running the function in Python fails here

error: flow `demo` does not compile: 1 error in flow.py
"#);
    let flow = flow.replace("\nTOOLS['a'] = 1\n", "");
    let tools = "TOOLS = {}\n\n\ndef tool(f):\n    TOOLS[f.__name__] = f\n    return f\n";
    assert_snapshot!(said(&[("h.py", F), ("tools.py", tools), ("flow.py", &flow)]), @r#"
warning[ASYA050]: `f` is not `async`
 --> flow.py:7:18
  |
7 |     return await f(p)
  |                  ^^^^
  |
 ::: h.py:1:5
  |
1 | def f(p): return p
  |     - defined here
  |
  = note: the compiled flow works, but running the function in Python fails here

error[ASYA024]: `TOOLS` cannot be used in the flow's own code
 --> tools.py:1:1
  |
1 | TOOLS = {}
  | ^^^^^ this runs in the router
...
5 |     TOOLS[f.__name__] = f
  |     ----------------- changed here
  |
 ::: flow.py:6:31
  |
6 |     p["known"] = p["tool"] in TOOLS
  |                               ----- needed here
  |
  = note: the router makes a value of its own, as the module first makes it
  = help: write the whole value where it is defined, or let an actor answer it

error: flow `demo` does not compile: 1 error in tools.py
"#);
}

/// Actors that are chosen at run time: at the place in the flow, with what to write instead.
#[test]
fn an_actor_is_no_value() {
    let said = |body: &str| {
        let flow =
            format!("from h import f, g\n\n\nasync def demo(p: dict) -> dict:  # asya: flow\n{body}    return p\n");
        said(&[("h.py", "async def f(p): return p\n\n\nasync def g(p): return p\n"), ("flow.py", &flow)])
    };
    assert_snapshot!(said("    table = {\"f\": f}\n    p = await table[p[\"name\"]](p)\n"), @r#"
error[ASYA024]: `f` is an actor, and here it is used as a value
 --> flow.py:5:19
  |
5 |     table = {"f": f}
  |                   ^ this runs in the router
  |
 ::: h.py:1:11
  |
1 | async def f(p): return p
  |           - defined here
  |
  = note: the actors of a flow are deployed with it, so each has to be called by its name
  = help: choose with `if` or `match`, and call it where it is chosen: `case "f": x = await f(…)`

error[ASYA017]: only the call of an actor can be awaited
 --> flow.py:6:15
  |
6 |     p = await table[p["name"]](p)
  |               ^^^^^^^^^^^^^^^^ which actor this calls is not known before the flow runs
  |
  = note: the actors of a flow are deployed with it, so each has to be called by its name
  = help: choose with `if` or `match`, and call an actor by its name in each branch: `case "a": x = await f(…)`

error: flow `demo` does not compile: 2 errors in flow.py
"#);
    assert_snapshot!(said("    p = await (f if p else g)(p)\n    p = await getattr(p, \"f\")(p)\n"), @r#"
error[ASYA017]: only the call of an actor can be awaited
 --> flow.py:5:16
  |
5 |     p = await (f if p else g)(p)
  |                ^^^^^^^^^^^^^ which actor this calls is not known before the flow runs
  |
  = note: the actors of a flow are deployed with it, so each has to be called by its name
  = help: choose with `if` or `match`, and call an actor by its name in each branch: `case "a": x = await f(…)`

error[ASYA017]: only the call of an actor can be awaited
 --> flow.py:6:15
  |
6 |     p = await getattr(p, "f")(p)
  |               ^^^^^^^^^^^^^^^ which actor this calls is not known before the flow runs
  |
  = note: the actors of a flow are deployed with it, so each has to be called by its name
  = help: choose with `if` or `match`, and call an actor by its name in each branch: `case "a": x = await f(…)`

error: flow `demo` does not compile: 2 errors in flow.py
"#);
}

#[test]
fn a_handler_that_is_imported_under_a_condition_is_not_certain() {
    let flow = "try:\n    from h import f\nexcept ImportError:\n    f = None\n\n\nasync def demo(p: dict) -> dict:\n    return await f(p)\n";
    assert_snapshot!(said(&[("h.py", F), ("flow.py", flow)]), @r#"
error[ASYA017]: which actor `f` is, is not certain
 --> flow.py:8:18
  |
4 |     f = None
  |     -------- bound here
...
8 |     return await f(p)
  |                  ^
  |
  = note: it is bound more than once or under a condition, and nothing of the module runs when a flow is compiled
  = help: import it or define it once, outside `if` and `try`

error: flow `demo` does not compile: 1 error in flow.py
"#);
}

/// Variables that hold what JSON does not have, across a call: said when compiling.
#[test]
fn what_cannot_travel_is_named_with_what_to_keep() {
    let said = |made: &str| {
        let flow = format!(
            "import collections, datetime, itertools, logging, operator, re, uuid\nfrom h import f\n\nPoint = collections.namedtuple(\"Point\", \"x y\")\n\n\nasync def demo(p: dict) -> dict:\n    kept = {made}\n    p = await f(p)\n    p[\"kept\"] = str(kept)\n    return p\n"
        );
        let said = said(&[("h.py", "async def f(p): return p\n"), ("flow.py", &flow)]);
        let line = |start: &str| said.lines().find(|line| line.contains(start)).unwrap_or("-").trim().to_owned();
        format!("{made}: {} ({})\n", line("error["), line("help:"))
    };
    let made = [
        "uuid.UUID(p[\"id\"])",
        "collections.Counter(p[\"xs\"])",
        "collections.defaultdict(list)",
        "collections.deque()",
        "datetime.datetime.strptime(p[\"d\"], \"%Y\")",
        "operator.itemgetter(\"x\")",
        "len",
        "Point(1, 2)",
        "itertools.islice(p[\"xs\"], 2)",
        "logging.getLogger()",
        "re.compile(\"x\")",
    ];
    assert_snapshot!(made.map(said).concat(), @r#"
uuid.UUID(p["id"]): error[ASYA033]: `kept` is a UUID, and is needed after a call (= help: keep its text: `str(…)`)
collections.Counter(p["xs"]): error[ASYA033]: `kept` is a `Counter`, and is needed after a call (= help: use a plain dict: `counts[key] = counts.get(key, 0) + 1`, `groups.setdefault(key, []).append(…)`)
collections.defaultdict(list): error[ASYA033]: `kept` is a `defaultdict`, and is needed after a call (= help: use a plain dict: `counts[key] = counts.get(key, 0) + 1`, `groups.setdefault(key, []).append(…)`)
collections.deque(): error[ASYA033]: `kept` is a `deque`, and is needed after a call (= help: use a list: `queue.append(…)`, `queue.pop(0)`)
datetime.datetime.strptime(p["d"], "%Y"): error[ASYA033]: `kept` is a date with time, and is needed after a call (= help: keep its text: `….isoformat()`)
operator.itemgetter("x"): error[ASYA033]: `kept` is a function, and is needed after a call (= help: define it at the top level of the file, or make it after the call)
len: error[ASYA033]: `kept` is a function, and is needed after a call (= help: define it at the top level of the file, or make it after the call)
Point(1, 2): error[ASYA033]: `kept` is a named tuple, and is needed after a call (= help: use a dict)
itertools.islice(p["xs"], 2): error[ASYA033]: `kept` is an iterator, and is needed after a call (= help: make a list of it)
logging.getLogger(): error[ASYA033]: `kept` is a logger, and is needed after a call (= help: make it at the top level of the file)
re.compile("x"): error[ASYA033]: `kept` is a compiled pattern, and is needed after a call (= help: keep what you need of it as text, number, list or dict, or make it after the call)
"#);
}

#[test]
fn loops_over_what_cannot_travel_are_refused() {
    let said = |over: &str| {
        let flow = format!(
            "import re\nfrom itertools import groupby\nfrom h import f\n\nWORD = re.compile(\"x\")\n\n\nasync def demo(p: dict) -> dict:\n    for one in {over}:\n        p = await f(p)\n    return p\n"
        );
        said(&[("h.py", "async def f(p): return p\n"), ("flow.py", &flow)])
    };
    assert_snapshot!(said("WORD.finditer(p[\"text\"])"), @r#"
error[ASYA033]: this loop with calls goes over matches of a pattern
 --> flow.py:9:16
  |
9 |     for one in WORD.finditer(p["text"]):
  |                ^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = note: what a loop goes over travels with the message of each call, as JSON
  = help: make a list of what you need of them first: `found = [match.group() for match in …]`

error: flow `demo` does not compile: 1 error in flow.py
"#);
    assert_snapshot!(said("enumerate(groupby(p[\"rows\"]))"), @r#"
error[ASYA033]: this loop with calls goes over groups that are iterators
 --> flow.py:9:26
  |
9 |     for one in enumerate(groupby(p["rows"])):
  |                          ^^^^^^^^^^^^^^^^^^
  |
  = note: what a loop goes over travels with the message of each call, as JSON
  = help: make lists of them first: `groups = [(key, list(group)) for key, group in groupby(…)]`

error: flow `demo` does not compile: 1 error in flow.py
"#);
}

/// What sees the process or the machine is refused in what the router takes along as it is in the flow.
#[test]
fn helpers_and_constants_see_no_process() {
    let said = |helper: &str, used: &str| {
        let flow = format!(
            "from h import f\nfrom util import *\n\n\nasync def demo(p: dict) -> dict:\n    p[\"x\"] = [{used}]\n    return await f(p)\n"
        );
        let util = format!("import functools, os\nfrom os import getenv\nfrom pathlib import Path\n\n{helper}\n");
        said(&[("h.py", "async def f(p): return p\n"), ("util.py", &util), ("flow.py", &flow)])
    };
    assert_snapshot!(said("def prompt(name):\n    return open(name).read()", "1 + prompt('x')"), @r#"
error[ASYA024]: `prompt` cannot be used in the flow's own code
 --> util.py:5:5
  |
5 | def prompt(name):
  |     ^^^^^^ this runs in the router
6 |     return open(name).read()
  |            ----------------- because of this
  |
 ::: flow.py:6:19
  |
6 |     p["x"] = [1 + prompt('x')]
  |                   ------ needed here
  |
  = note: it uses `open`, which sees the process it runs in, so it can only run in an actor
  = help: move this statement into an actor

error: flow `demo` does not compile: 1 error in util.py
"#);
    assert_snapshot!(said("PROMPT = (Path(__file__).parent / 'p.md').read_text()", "PROMPT"), @r#"
error[ASYA025]: `__file__` cannot be used in a flow
 --> util.py:5:16
  |
5 | PROMPT = (Path(__file__).parent / 'p.md').read_text()
  |                ^^^^^^^^
  |
  = note: it sees the process it runs in, and a flow runs in many
  = help: move it into an actor

error[ASYA025]: `read_text` cannot be used in a flow
 --> util.py:5:43
  |
5 | PROMPT = (Path(__file__).parent / 'p.md').read_text()
  |                                           ^^^^^^^^^
  |
 ::: flow.py:6:15
  |
6 |     p["x"] = [PROMPT]
  |               ------ needed here
  |
  = note: files are those of one machine, and the router runs on another than your handlers
  = help: let an actor do it: `text = await read_prompt(…)`

error: flow `demo` does not compile: 2 errors in util.py
"#);
    for helper in [
        "def g():\n    return os.environ['HOME']",
        "def g():\n    return [getenv('HOME') for _ in 'a']",
        "def g():\n    def inner():\n        return Path('x').read_text()\n    return inner()",
        "def g():\n    return __file__",
        "def g():\n    return (lambda: globals())()",
    ] {
        assert!(said(helper, "1 + g()").contains("can only run in an actor"), "{helper}");
    }
    for helper in [
        "def g(open=len):\n    return open('x')",
        "def g(input='x'):\n    return input",
        "@functools.lru_cache(maxsize=None)\ndef g():\n    return 1",
        "@functools.cache\ndef g():\n    return 1",
    ] {
        assert_eq!(said(helper, "1 + g()"), "", "{helper}");
    }
}

/// A handler that works when Python calls it, and gets a dict on the mesh.
#[test]
fn a_handler_that_uses_its_dict_as_an_object_is_a_warning() {
    let said = |body: &str| {
        let shapes = "from dataclasses import dataclass, field\n\n\n@dataclass\nclass State:\n    query: str\n    items: list = field(default_factory=list)\n\n    def first(self):\n        return self.items[0]\n";
        let handler = format!(
            "from shapes import State\n\n\nasync def ask(state: State, more=None) -> State:\n    {body}\n    return state\n"
        );
        let flow = "from h import ask\nfrom shapes import State\n\n\nasync def demo(state: State) -> State:\n    state = await ask(state)\n    state = await ask(state, more=1)\n    return state\n";
        said(&[("shapes.py", shapes), ("h.py", &handler), ("flow.py", flow)])
    };
    assert_snapshot!(said("if more:\n        state.query += '?'"), @r#"
warning[ASYA056]: `ask` gets a dict on the mesh, and uses `state` as a `State`
 --> flow.py:6:19
  |
6 |     state = await ask(state)
  |                   ^^^^^^^^^^
  |
 ::: h.py:6:15
  |
6 |         state.query += '?'
  |               ----- a dict has no `.query`
  |
  = note: what an actor is called with is JSON, whatever its parameters say
  = help: make the object first: `state = State(**state)`
"#);
    for wants in ["print([state.query for _ in 'a'])", "state.first()"] {
        assert!(said(wants).contains("ASYA056"), "{wants}");
    }
    for fine in [
        "state = State(**state)\n    state.query = ''",
        "state['query'] += '?'",
        "for key, value in state.items():\n        print(key, state.get(key))",
        "print(more.query)",
    ] {
        assert_eq!(said(fine), "", "{fine}");
    }
}

/// `prompts.SYSTEM` in the router: beside variables of that name, in patterns, in constants and in helpers.
#[test]
fn modules_that_the_flow_names() {
    let sandbox = project(&[
        ("app/__init__.py", ""),
        (
            "app/prompts.py",
            "system, limit = \"S\", 3\n\n\ndef fmt(x):\n    return f\"{limit}{x}\"\n\n\nclass Boom(ValueError):\n    pass\n",
        ),
        ("app/names.py", "from . import prompts as inner\nfrom .prompts import fmt as shown\n"),
        (
            "app/util.py",
            "import math as m\nfrom app import prompts\n\nMORE = prompts.limit + 1\n\n\nclass Worse(prompts.Boom):\n    code = prompts.limit\n\n\ndef uses(x):\n    return [x + prompts.limit, prompts.system.lower(), m.floor(1.5), MORE]\n\n\ndef hides(prompts):\n    return prompts['x']\n",
        ),
        // Its values are needed after those of a module that is met later.
        (
            "app/alpha.py",
            "from app import prompts\n\nMUCH = prompts.limit + 4\n\n\ndef uses(x):\n    return x + MUCH\n",
        ),
        ("h.py", "async def add(x):\n    return x + 1\n"),
        (
            "flow.py",
            r#"
import app.util
from app import names, prompts
from app import alpha
from app.util import hides, uses
from h import add

DOUBLE = prompts.limit * 2


async def demo(p: dict) -> dict:
    system = prompts.system
    p["values"] = [alpha.uses(2), system, DOUBLE, app.util.MORE, names.inner.limit, names.shown("x"), 1 + hides({"x": 1}), uses(1)]
    p["functions"] = [prompts.fmt(1), list(map(prompts.fmt, "a")), sorted("ab", key=lambda fmt: prompts.fmt(fmt))]

    def more(limit):
        return limit + prompts.limit

    p["inside"] = [more(1), [prompts.limit + limit for limit in (1, 2)], f"{prompts.system!r}"]
    for limit in range(prompts.limit):
        p["last"] = await add(limit * prompts.limit)
    for n in (3, 4):
        match n:
            case prompts.limit:
                p["three"] = await add(n)
            case _:
                p["other"] = await add(n)
        match {"k": n}:
            case {"k": prompts.limit | 7}:
                p["key"] = n
    try:
        raise app.util.Worse("w")
    except prompts.Boom as Boom:
        p["error"] = [str(Boom), Boom.code, await add(prompts.limit)]
    return p
"#,
        ),
        (
            "direct.py",
            "import asyncio, json\nfrom flow import demo\n\nprint(json.dumps(asyncio.run(demo({})), sort_keys=True))\n",
        ),
    ]);
    sandbox.ok(&["compile", "demo", "-f", "flow.py"]);
    let mesh: serde_json::Value = sandbox.ok(&["run", "demo", "--payload", "{}"]).stdout.parse().unwrap();
    let python = std::env::var("ASYA_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let direct = Command::new(python).args(["-B", "direct.py"]).current_dir(sandbox.project()).output().unwrap();
    let direct: serde_json::Value = String::from_utf8(direct.stdout).unwrap().parse().unwrap();
    assert_eq!(mesh, direct);
}
