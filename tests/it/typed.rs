//! Flows over objects (`tests/typed`): each one runs as plain Python, on objects built from the
//! payload, and compiled, on the mesh, and must do the same.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;

use asya::kustomize::Object;
use asya::local::{Interpreter, LocalSettings, Mesh, Phase, RawJson};
use serde_json::{Value, json};

use crate::sandbox::Sandbox;

/// What one run did: calls with their arguments, and the payload or the error at the end.
#[derive(Debug, PartialEq)]
struct Run {
    calls: Vec<(String, Value)>,
    end: Result<Value, (String, String)>,
}

/// A Python process that runs flows directly.
struct Reference {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    has_pydantic: bool,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/typed")
}

impl Reference {
    fn start() -> Self {
        let mut child = Command::new(crate::local_bench::settings().python)
            .args(["-B", "reference.py"])
            .current_dir(root())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut reference = Self { child, stdin, stdout, has_pydantic: false };
        reference.has_pydantic = reference.answer() == json!(true);
        reference
    }

    fn answer(&mut self) -> Value {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    fn run(&mut self, flow: &str, payload: &Value) -> Run {
        let job = json!({"flow": flow, "payload": payload.to_string()});
        writeln!(self.stdin.as_mut().unwrap(), "{job}").unwrap();
        let answer = self.answer();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let parsed = |value: &Value| serde_json::from_str(value.as_str().unwrap()).unwrap();
        let calls = answer["calls"].as_array().unwrap().iter();
        Run {
            calls: calls.map(|call| (text(&call[0]), parsed(&call[1]))).collect(),
            end: match answer.get("payload") {
                Some(payload) => Ok(parsed(payload)),
                None => Err((text(&answer["error"][0]), text(&answer["error"][1]))),
            },
        }
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}

/// The flows, by name, with their payloads.
fn flows() -> Vec<(String, Vec<Value>)> {
    let entries = std::fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<(String, Vec<Value>)> = entries
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap())
        })
        .collect();
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    for entry in std::fs::read_dir(root()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "py") {
            let name = path.file_name().unwrap().to_string_lossy();
            sandbox.write(&name, &std::fs::read_to_string(&path).unwrap());
        }
    }
    sandbox.ok(&["init", "--yes", "--registry", "ghcr.io/example"]);
    sandbox
}

/// A compiled flow on a mesh.
struct Compiled {
    entry: String,
    handlers: Vec<(String, String)>,
    mesh: Mesh,
}

fn compile(sandbox: &Sandbox, flow: &str) -> Compiled {
    let name = flow.replace('_', "-");
    let outcome = sandbox.run(&["compile", &name, "-f", &format!("{flow}.py:{flow}"), "-o", "json"]);
    assert_eq!(outcome.code, 0, "{flow}: {}", outcome.show());
    let document: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let actors = document["actors"].as_array().unwrap().iter().filter(|actor| actor["generated"] != true);
    let handlers = actors.map(|actor| (text(&actor["name"]), text(&actor["handler"]))).collect();
    let rendered: Value = serde_json::from_str(&sandbox.ok(&["render", &name, "-o", "json"]).stdout).unwrap();
    let objects = rendered["objects"].as_array().unwrap().iter();
    let objects: Vec<Object> = objects.map(|object| Object::new(object.clone()).unwrap()).collect();
    let settings = LocalSettings {
        python: crate::local_bench::settings().python,
        python_path: vec![sandbox.project()],
        working_directory: sandbox.project(),
    };
    let mesh = Mesh::new(&objects, &Arc::new(Interpreter::new(settings)), &|_| None).unwrap();
    Compiled { entry: text(&document["entry"]), handlers, mesh }
}

impl Compiled {
    fn run(&mut self, payload: &Value) -> Run {
        let payload = RawJson::parse(&payload.to_string()).unwrap();
        let outcome = self.mesh.send(&self.entry, &[], None, payload, &mut |_| {}).unwrap();
        let parsed = |payload: &RawJson| serde_json::from_str(payload.as_str()).unwrap();
        let [finished] = outcome.results.as_slice() else { panic!("{} results", outcome.results.len()) };
        let calls = outcome.hops.iter().filter_map(|hop| {
            let (_, handler) = self.handlers.iter().find(|(name, _)| *name == hop.actor)?;
            Some((handler.clone(), parsed(&hop.payload_in)))
        });
        Run {
            calls: calls.collect(),
            end: match (&finished.phase, &finished.error) {
                (Phase::Failed, Some(error)) => {
                    Err((error.type_name.rsplit('.').next().unwrap_or_default().to_owned(), error.message.clone()))
                }
                _ => Ok(parsed(&finished.payload)),
            },
        }
    }
}

#[test]
fn typed_flows_do_what_the_python_does() {
    let mut reference = Reference::start();
    let sandbox = project();
    let wanted = std::env::var("ASYA_TYPED").unwrap_or_default();
    let mut report = String::new();
    for (flow, payloads) in flows() {
        if (flow.starts_with("model_") && !reference.has_pydantic) || !flow.contains(&wanted) {
            continue;
        }
        let mut compiled = compile(&sandbox, &flow);
        for payload in payloads {
            let (mut direct, mut mesh) = (reference.run(&flow, &payload), compiled.run(&payload));
            // Calls at the same time have no order.
            if flow == "groups" {
                direct.calls.sort_by_key(|call| format!("{call:?}"));
                mesh.calls.sort_by_key(|call| format!("{call:?}"));
            }
            if direct != mesh {
                report += &format!("{flow} with {payload}\n  Python: {direct:#?}\n  mesh: {mesh:#?}\n");
            }
        }
    }
    assert!(report.is_empty(), "{report}");
}

const CLASSES: &str = r#"
import copy, json
import dataclasses
from dataclasses import asdict, astuple, dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Optional
from uuid import uuid4
from handlers import f, g
from library import Message
from pydantic import BaseModel, Field, field_validator


class Color(Enum):
    RED = "red"


@dataclass
class Item:
    name: str
    price: float = 1.0


@dataclass(frozen=True)
class Fixed:
    name: str


@dataclass
class Clean:
    name: str

    def __post_init__(self):
        self.name = self.name.strip()


class Checked(BaseModel):
    name: str

    @field_validator("name")
    def strip(cls, value):
        return value.strip()


class Model(BaseModel):
    name: str
    item: Optional[Item] = None


@dataclass
class State:
    query: str
    items: list[Item] = field(default_factory=list)
    by_name: dict[str, Item] = field(default_factory=dict)
    when: datetime | None = None
    id: str = field(default_factory=lambda: str(uuid4()))
    color: Color = Color.RED
    fixed: Fixed | None = None
    clean: Clean | None = None
    checked: Checked | None = None
    model: Model | None = None
    messages: list[Message] = field(default_factory=list)
    meta: dict = field(default_factory=dict)

    def total(self):
        return sum(item.price for item in self.items)

    @property
    def first(self):
        return self.items[0]


def unsaid(item):
    return item.name


def gives(items: list[Item]):
    return items[0]

"#;

/// What is wrong with these lines of a flow over `state: State`, a problem a line.
fn problems(body: &str) -> String {
    let body: String = body.trim().lines().map(|line| format!("    {line}\n")).collect();
    let text = format!("{CLASSES}\nasync def demo(state: State) -> State:  # asya: flow\n{body}    return state\n");
    match crate::compiler::compile_text(&text) {
        Ok(_) => "compiles".to_owned(),
        Err(diagnostics) => {
            let errors = diagnostics.iter().filter(|one| one.severity == asya::diagnostic::Severity::Error);
            errors.map(|one| format!("{} {}\n", one.code.unwrap_or("-"), one.message)).collect()
        }
    }
}

/// The problems of several flows, each with its lines.
fn all_problems(bodies: &[&str]) -> String {
    bodies.iter().map(|body| format!("{}\n  {}\n", body.trim(), problems(body).trim().replace('\n', "\n  "))).collect()
}

#[test]
fn what_only_objects_can_do_is_refused() {
    insta::assert_snapshot!(all_problems(&[
        "match state.color:\n        case 'red': pass",
        "match state.meta['x']:\n        case Color.RED: pass",
        "state.total()",
        "state.meta['n'] = state.first.name",
        "state.meta['n'] = state.querry",
        "state.other = 1",
        "del state.query",
        "state.meta['x'] = state['query']",
        "state.meta['x'] = 'query' in state",
        "state.meta['x'] = [*state]",
        "state.meta['x'] = {**state}",
        "state.meta['x'] = f'{state.items[0]}'",
        "state.meta['x'] = str(state.items)",
        "print(state)",
        "state.meta['x'] = json.dumps(state.items)",
        "state.meta['x'] = len(state)",
        "state.meta['x'] = vars(state)",
        "state.meta['x'] = getattr(state, 'query')",
        "state.meta['x'] = isinstance(state.items[0], Item)",
        "state.meta['x'] = isinstance(state.items[0], dict)",
        "state.meta['x'] = dataclasses.astuple(state.items[0])",
        "state.meta['x'] = state.items[0] < state.items[1]",
        "state.meta['x'] = state.items[0] == {'name': 'x'}",
        "state.meta['x'] = state.items[0] + 1",
        "state.meta['x'] = {state.items[0]: 1}",
        "name, price = state.items[0]",
        "for part in state.items[0]:\n    pass",
        "match state.items[0]:\n    case Item(name=n):\n        pass",
        "state.meta['x'] = Item",
        "state.meta['x'] = list(map(unsaid, state.items))",
        "state.meta['x'] = f'{state.query=}'",
        "state.fixed.name = 'x'",
        "state.meta['x'] = state.model.model_dump_json()",
        "state.meta['x'] = state.model.model_dump(exclude_none=True)",
        "state.model = state.model.model_copy(update={'other': 1})",
        "state.items[0] = replace(state.items[0], nam='x')",
    ]), @r#"
match state.color:
        case 'red': pass
  ASYA038 this matches an object: `state.color` is a member of an enum
match state.meta['x']:
        case Color.RED: pass
  ASYA038 this compares a member of an enum with plain JSON
state.total()
  ASYA038 `total` is a method of `State`, which only its objects have
state.meta['n'] = state.first.name
  ASYA038 `first` is a property of `State`, which only its objects have
state.meta['n'] = state.querry
  ASYA037 `State` has no field `querry`
state.other = 1
  ASYA037 `State` has no field `other`
del state.query
  ASYA038 the field `query` cannot be deleted
state.meta['x'] = state['query']
  ASYA038 `state` is an object of `State` and has no keys in Python
state.meta['x'] = 'query' in state
  ASYA038 this compares plain JSON with `State`
state.meta['x'] = [*state]
  ASYA038 this goes over an object: `state` is one of `State`
state.meta['x'] = {**state}
  ASYA038 this unpacks an object: `state` is one of `State`
state.meta['x'] = f'{state.items[0]}'
  ASYA038 the text of `Item` is another one in the router
state.meta['x'] = str(state.items)
  ASYA038 the text of a list of `Item` is another one in the router
print(state)
  ASYA038 the text of `State` is another one in the router
state.meta['x'] = json.dumps(state.items)
  ASYA038 `json.dumps` is handed a list of `Item`
state.meta['x'] = len(state)
  ASYA038 this hands an object to `len`: `state` is one of `State`
state.meta['x'] = vars(state)
  ASYA038 `vars` is handed `State`
  ASYA025 `vars` cannot be used in a flow
state.meta['x'] = getattr(state, 'query')
  ASYA038 `getattr` is handed `State`
state.meta['x'] = isinstance(state.items[0], Item)
  ASYA038 whether a value is one of `Item` cannot be seen in a message
state.meta['x'] = isinstance(state.items[0], dict)
  ASYA038 this asks for the class of an object: `state.items[0]` is one of `Item`
state.meta['x'] = dataclasses.astuple(state.items[0])
  ASYA038 `dataclasses.astuple` is handed `Item`
state.meta['x'] = state.items[0] < state.items[1]
  ASYA038 this compares `Item` with `Item`
state.meta['x'] = state.items[0] == {'name': 'x'}
  ASYA038 this compares `Item` with a dict of plain JSON
state.meta['x'] = state.items[0] + 1
  ASYA038 this calculates with an object: `state.items[0]` is one of `Item`
state.meta['x'] = {state.items[0]: 1}
  ASYA038 this uses an object as a key: `state.items[0]` is one of `Item`
name, price = state.items[0]
  ASYA038 this takes an object apart: `name, price` is one of `Item`
for part in state.items[0]:
    pass
  ASYA038 this goes over an object: `state.items[0]` is one of `Item`
match state.items[0]:
    case Item(name=n):
        pass
  ASYA038 this matches an object: `state.items[0]` is one of `Item`
  ASYA038 the class `Item` itself is used here
state.meta['x'] = Item
  ASYA038 the class `Item` itself is used here
state.meta['x'] = list(map(unsaid, state.items))
  compiles
state.meta['x'] = f'{state.query=}'
  ASYA037 a field that shows its own text
state.fixed.name = 'x'
  ASYA038 `Fixed` is frozen: Python raises here
state.meta['x'] = state.model.model_dump_json()
  ASYA038 `model_dump_json` writes JSON in pydantic's own way
state.meta['x'] = state.model.model_dump(exclude_none=True)
  ASYA038 this way to make a dict of an object is not followed
state.model = state.model.model_copy(update={'other': 1})
  ASYA037 `Model` has no field `other`
state.items[0] = replace(state.items[0], nam='x')
  ASYA037 `Item` has no field `nam`
"#);
}

#[test]
fn values_whose_class_is_not_certain_are_refused() {
    insta::assert_snapshot!(all_problems(&[
        "answer = await f(state.query)\nstate.meta['x'] = answer.text",
        "item = state.items[0]\nif state.query:\n    item = state.model\nstate.meta['x'] = item.name",
        "state.meta['item'] = state.items[0]\nstate.meta['x'] = state.meta['item'].name",
        "state.items = [json.loads(state.query)]",
        "item: Item = json.loads(state.query)\nstate.meta['x'] = item.name",
        "state.items.append({'name': 'x'})",
        "state.by_name['x'] = 3",
        "state.meta['x'] = unsaid(state.items[0]) + '!'",
        "state.meta['x'] = gives(state.items).name",
        "state.meta['x'] = state.messages[0].content",
        "message = state.messages[0]\nstate.meta['x'] = message.content",
        "state.meta['x'] = state.when.year",
        "state.meta['x'] = state.when",
        "state.meta['x'] = state.id",
        "state.meta['x'] = state.clean.name",
        "state.meta['x'] = state.checked.name",
        "state.meta['x'] = state.color == 'red'",
        "state.meta['x'] = f'{state.color}'",
        "state.meta['x'] = state.color.name",
        "state.items.append(Item())",
        "state.items.append(Item('x', cost=1))",
        "state.items.append(Item('x', 1.0, 2))",
        "state.model = Model('x')",
        "state.model = Model(name='x', item=3, color=1)",
        "state.clean = Clean('x')",
        "state = State(query='x')",
        "state.meta['x'] = f\"{f'{state.query}'}\"",
    ]), @r#"
answer = await f(state.query)
state.meta['x'] = answer.text
  ASYA037 `answer` is plain JSON here and has no attribute `text`
item = state.items[0]
if state.query:
    item = state.model
state.meta['x'] = item.name
  ASYA037 the class of `item` is not certain here
state.meta['item'] = state.items[0]
state.meta['x'] = state.meta['item'].name
  ASYA037 the class of `state.meta['item']` is not certain here
state.items = [json.loads(state.query)]
  ASYA037 `items` is declared as a list of `Item`, and this is a list of something else
item: Item = json.loads(state.query)
state.meta['x'] = item.name
  ASYA037 this is declared as `Item`, and this is something else
state.items.append({'name': 'x'})
  ASYA037 what this holds is declared as `Item`, and this is a dict of plain JSON
state.by_name['x'] = 3
  ASYA037 what this holds is declared as `Item`, and this is plain JSON
state.meta['x'] = unsaid(state.items[0]) + '!'
  ASYA037 `unsaid` is handed `Item` and does not say that it takes that
state.meta['x'] = gives(state.items).name
  ASYA037 this answers `Item`, and the function does not say so
state.meta['x'] = state.messages[0].content
  ASYA037 the fields of `Message` are not known here
message = state.messages[0]
state.meta['x'] = message.content
  ASYA037 the fields of `Message` are not known here
state.meta['x'] = state.when.year
  ASYA039 `when` is a `datetime` in Python and something else in a message
state.meta['x'] = state.when
  ASYA039 `when` is a `datetime` in Python and something else in a message
state.meta['x'] = state.id
  ASYA037 `id` may be missing in the message
state.meta['x'] = state.clean.name
  ASYA037 what a `Clean` looks like in a message is not certain
state.meta['x'] = state.checked.name
  ASYA037 what a `Checked` looks like in a message is not certain
state.meta['x'] = state.color == 'red'
  ASYA038 this compares a member of an enum with plain JSON
state.meta['x'] = f'{state.color}'
  ASYA038 the text of a member of an enum is another one in the router
state.meta['x'] = state.color.name
  ASYA038 `.name` of a member of an enum
state.items.append(Item())
  ASYA037 `Item` needs `name`
state.items.append(Item('x', cost=1))
  ASYA037 `Item` takes no `cost`
state.items.append(Item('x', 1.0, 2))
  ASYA037 `Item` takes no argument 3
state.model = Model('x')
  ASYA037 `Model` takes no argument 1
  ASYA037 `Model` needs `name`
state.model = Model(name='x', item=3, color=1)
  ASYA037 `Model` takes no `color`
state.clean = Clean('x')
  ASYA037 what a `Clean` looks like in a message is not certain
state = State(query='x')
  ASYA037 `id` may be missing in the message
state.meta['x'] = f"{f'{state.query}'}"
  ASYA037 a field in an f-string that stands in an f-string
"#);
}

#[test]
fn values_whose_class_is_certain_compile() {
    for body in [
        "state.meta['x'] = state.query.upper()",
        "state.color = Color.RED\nstate.meta['x'] = state.color == Color.RED",
        "state.meta['x'] = asdict(state.items[0])['name']",
        "items = copy.deepcopy(state.items)\nstate.meta['x'] = items[0].name",
        "items = []\nitems.append(state.items[0])\nstate.meta['x'] = items[-1].name",
        "found = {}\nfound['x'] = state.items[0]\nstate.meta['x'] = found['x'].name",
        "message = state.messages[0]\nstate.meta['x'] = message['content']",
        "state.when = await f(state.query)",
        "await g(state.items[0], item=state.model)",
        "state = await f(state)\nstate.query += '!'",
        "state.items = await f(state.items)\nstate.meta['x'] = state.items[0].name",
    ] {
        assert_eq!(problems(body), "compiles", "{body}");
    }
}

#[test]
fn the_page_about_typed_payloads_is_true() {
    let page = include_str!("../../docs/typed.md");
    let block = |start: &str| page.split_once(start).unwrap().1.split_once("```").unwrap().0.to_owned();
    let (program, _) = crate::compiler::compile_text(&block("```python\n")).unwrap();
    let router = program.router.unwrap().code;
    for line in block("```python router\n").lines() {
        assert!(router.contains(line), "{line}\n{router}");
    }
}
