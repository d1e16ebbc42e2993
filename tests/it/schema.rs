//! A flow's input schema, read from its source.

use asya::artifacts::schema::check;
use insta::assert_snapshot;
use serde_json::Value;

use crate::compiler::compile_text;
use crate::sandbox::{ANY_NAME, Sandbox};

/// The schema of a file.
fn schema(text: &str) -> Value {
    let (program, _) = compile_text(text).unwrap_or_else(|diagnostics| panic!("{text}\n{diagnostics:#?}"));
    check(&program.input_schema, "flow.py").unwrap();
    program.input_schema
}

/// The schema of a flow with these lines before its first actor call, a property a line; `*` marks
/// what is required.
fn reads(body: &str) -> String {
    let body: String = body.lines().map(|line| format!("    {line}\n")).collect();
    shown(&schema(&format!(
        "import json\nfrom handlers import a, b\n\nLIMIT = 3\n\ndef helper(x):\n    return x\n\n\ndef demo(p: dict) -> dict:\n{body}    p = a(p)\n    p[\"later\"] += p[\"unknown\"]\n    return p\n"
    )))
}

fn shown(schema: &Value) -> String {
    let required: Vec<&Value> = schema.get("required").and_then(Value::as_array).into_iter().flatten().collect();
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let lines = properties.map(|(name, property)| {
        let mark = if required.iter().any(|one| *one == name) { "*" } else { "" };
        format!("{name}{mark} {property}\n")
    });
    lines.collect()
}

/// The schema of a flow whose parameter is a `Payload`, as [`shown`].
fn annotated(definitions: &str) -> String {
    shown(&schema(&annotated_flow(definitions)))
}

fn annotated_flow(definitions: &str) -> String {
    format!("{definitions}\nfrom handlers import a\n\n\ndef demo(p: Payload) -> dict:\n    p = a(p)\n    return p\n")
}

#[test]
fn what_is_read_by_subscript_is_required() {
    assert_snapshot!(reads("p['sum'] = p['x'] + p['y']\nassert p['x'] < LIMIT, p['message']"), @r#"
x* {}
y* {}
message {}
"#);
}

#[test]
fn what_is_read_with_a_default_is_optional() {
    assert_snapshot!(reads(r#"
p["a"] = [p.get("n", 0), p.get("f", 0.5), p.get("s", ""), p.get("l", []), p.get("o", {}), p.get("b", False)]
p["b"] = [p.get("none"), p.get("nothing", None), p.get("minus", -1), p.get("words", ["a", 1]), p.get("c", LIMIT)]
p["c"] = [p.get("two", 1), p.get("two", 2), p.get("mixed", 1), p.get("mixed", "x"), p.get("wide", 1), p.get("wide", 2.5)]
p["d"] = [p.get("known", 7), p.get("known"), p.pop("taken", 1), p.setdefault("set", [])]
"#.trim()), @r#"
n {"type":"integer","default":0}
f {"type":"number","default":0.5}
s {"type":"string","default":""}
l {"type":"array","default":[]}
o {"type":"object","default":{}}
b {"type":"boolean","default":false}
none {}
nothing {}
minus {"type":"integer","default":-1}
words {"type":"array","default":["a",1]}
c {}
two {"type":"integer"}
mixed {}
wide {"type":"number"}
known {"type":"integer","default":7}
taken {"type":"integer","default":1}
set {"type":"array","default":[]}
"#);
}

#[test]
fn a_default_of_what_is_required_anyway_is_left_out() {
    assert_snapshot!(reads("p['x'] = p['n'] + p.get('n', 1)"), @r#"n* {"type":"integer"}"#);
}

#[test]
fn what_is_written_first_is_not_an_input() {
    assert_snapshot!(reads(r#"
p["a"] = 1
p.update({"b": 2, "c": p["in_update"]}, )
p.update(d=p["in_keyword"])
p |= {"e": 3}
p["f"] = p["g"] = p["right"]
p["h"], p["i"] = 1, 2
p["j"]: int = 1
p["sum"] = [p["a"], p["b"], p["c"], p["d"], p["e"], p["f"], p["g"], p["h"], p["i"], p["j"]]
p.setdefault("k", 1)
p["k"] += 1
"#.trim()), @r#"
in_update* {}
in_keyword* {}
right* {}
k {"type":"integer","default":1}
"#);
}

#[test]
fn augmented_assignment_and_deletion_read_first() {
    assert_snapshot!(reads("p['n'] += p['step']\ndel p['old'], p['older']\np['x'] = p.pop('popped')\np['old'] = p['n']"), @r#"
n* {}
step* {}
old* {}
older* {}
popped* {}
"#);
}

#[test]
fn a_branch_alone_requires_nothing_and_all_branches_together_do() {
    assert_snapshot!(reads(r#"
if p["kind"] == "a":
    p["x"] = p["only_a"] + p["both"]
elif p["size"]:
    p["x"] = p["both"]
else:
    p["both"] += 1
    p["written"] = 1
p["y"] = p["written"]
if p.get("fast"):
    p = b(p)
    p["never_asked"] = p["after_actor"]
p["z"] = p["when_slow"]
"#.trim()), @r#"
kind* {}
only_a {}
both* {}
size {}
written {}
fast {}
when_slow {}
"#);
}

#[test]
fn ways_that_raise_do_not_count() {
    assert_snapshot!(reads(r#"
if "text" not in p:
    raise ValueError("there is no text")
if p.get("mode", "a") not in ["a", "b"]:
    raise ValueError(p["mode"], p["reason"])
p["length"] = len(p["text"])
"#.trim()), @r#"
text* {}
mode {"type":"string","default":"a"}
reason {}
"#);
    assert_snapshot!(shown(&schema("def demo(p: dict) -> dict:\n    raise ValueError(p['x'])\n")), @r#"x {}"#);
}

#[test]
fn a_loop_may_run_never_and_may_have_run_before() {
    assert_snapshot!(reads(r#"
while p["n"] < 3:
    p["n"] += p["step"]
    p["made"] = 1
p["x"] = p["made"]
p["y"] = p["after"]
"#.trim()), @r#"
n* {}
step {}
made {}
after* {}
"#);
    assert_snapshot!(reads(r#"
while True:
    p["always"] += 1
    if p["always"] > 3:
        p["x"] = p["at_the_end"]
        break
    if p["skip"]:
        p["i"] = p["skipped"]
        continue
    p["at_the_end"] = 1
"#.trim()), @r#"
always* {}
at_the_end {}
skip {}
skipped {}
"#);
    assert_snapshot!(reads(r#"
while True:
    p["first"] += 1
    if p["stop"]:
        p["y"] = p["made_before"]
        break
    p["made_before"] = 1
    while p["inner"]:
        p["inner"] -= p["deep"]
        if p["inner"] == 7:
            return p
    if p["again"]:
        continue
    p = b(p)
"#.trim()), @r#"
first* {}
stop* {}
made_before {}
inner {}
deep {}
again {}
"#);
}

#[test]
fn what_is_not_always_evaluated_is_not_required() {
    assert_snapshot!(reads(r#"
p["a"] = p["left"] and p["right"]
p["b"] = p["yes"] if p["test"] else p["no"]
p["c"] = [p["element"] for x in p["list"] if p["condition"]]
p["d"] = p["one"] < p["two"] < p["three"]
p["e"] = (lambda x: p["body"])(p["argument"])
p["f"] = f"{p['text']} {p['other']:{p['width']}}"
p["g"] = p["first"] or p.update({"w": 1})
p["h"] = p["w"]
"#.trim()), @r#"
left* {}
right {}
test* {}
yes {}
no {}
list* {}
condition {}
element {}
one* {}
two* {}
three {}
body {}
argument* {}
text* {}
other* {}
width* {}
first* {}
w {}
"#);
    // A comprehension and a lambda may give the payload's name to something else.
    assert_snapshot!(reads("p['x'] = [p['inside'] for p in p['outside']]\np['y'] = (lambda p: p['z'])({})"), @r#"outside* {}"#);
}

#[test]
fn nested_reads_are_nested_objects() {
    assert_snapshot!(reads(r#"
p["x"] = p["a"]["b"]["c"] + p["a"]["d"]
p["a"]["made"] = 1
p["y"] = p["a"]["made"] + p["a"].get("size", 3)
p["z"] = p.get("options", {}).get("depth", 1) + p.get("options", {})["must"]
if p["deep"]:
    p["w"] = p["maybe"]["inside"]
p["kept"] = p["shared"]
p["kept"]["set"] = 1
p["v"] = p["shared"]["set"]
p["u"] = p["rows"][0]["id"]
"#.trim()), @r#"
a* {"type":"object","properties":{"b":{"type":"object","properties":{"c":{}},"required":["c"]},"d":{},"size":{"type":"integer","default":3}},"required":["b","d"]}
options {"type":"object","default":{},"properties":{"depth":{"type":"integer","default":1},"must":{}}}
deep* {}
maybe {"properties":{"inside":{}}}
shared* {"type":"object","properties":{"set":{}}}
rows* {}
"#);
}

#[test]
fn methods_of_one_type_tell_the_type() {
    assert_snapshot!(reads(r#"
p["text"] = p["text"].strip()
p["list"].append(p["item"])
p["words"] = p.get("title", "").split()
p["names"] = p["map"].keys()
if isinstance(p["either"], str):
    p["x"] = p["either"].lower()
p["n"] = p["number"] < 3
"#.trim()), @r#"
text* {"type":"string"}
list* {"type":"array"}
item* {}
title {"type":"string","default":""}
map* {"type":"object"}
either* {}
number* {}
"#);
}

#[test]
fn nothing_is_required_once_somebody_else_had_the_payload() {
    assert_snapshot!(reads("if helper(p):\n    pass\np['x'] = p['maybe_set'] + p.get('n', 1)"), @r#"
maybe_set {}
n {"type":"integer","default":1}
"#);
    assert_snapshot!(reads("p[p['key']] = p['before']\np['x'] = p['after']"), @r#"
before* {}
key* {}
after {}
"#);
    assert_snapshot!(reads("p.update(p['other'])\np['x'] = p['after']"), @r#"
other* {}
after {}
"#);
    assert_snapshot!(reads("p['me'] = p\np['me']['x'] = 1\np['y'] = p['x']"), @r#"x {}"#);
    assert_snapshot!(reads("p = {**p, 'n': p['n']}\np['x'] = p['after']"), @r#"n* {}"#);
    assert_snapshot!(reads("p['x'] = len(p) + len(json.dumps(p))\np['y'] = p['still']"), @r#"still* {}"#);
    assert_snapshot!(reads("p.clear()\np['x'] = p['gone']"), @r#"gone {}"#);
}

#[test]
fn a_flow_that_starts_with_an_actor_says_nothing() {
    assert_snapshot!(schema("from handlers import a\n\ndef demo(p: dict) -> dict:\n    p = a(p)\n    p['n'] += 1\n    return p\n"), @r#"{"type":"object"}"#);
    assert_snapshot!(schema("from handlers import a\n\ndef demo(p: dict) -> dict:\n    return a(p)\n"), @r#"{"type":"object"}"#);
}

#[test]
fn a_typed_dict() {
    assert_snapshot!(format!("{:#}", schema(&annotated_flow(r#"
from typing import Annotated, Any, List, Literal, NewType, NotRequired, Optional, Required, Sequence, TypedDict, Union
import datetime

UserId = NewType("UserId", str)
Level = Literal["low", "high"]


class Place(TypedDict):
    city: str
    near: "list[Place]"


class Base(TypedDict):
    id: UserId


class Payload(Base, total=False):
    """An order
    to look at.

    More words.
    """

    text: Required[str]
    """What it says."""
    count: int
    ratio: float
    is_new: bool
    tags: list[str]
    rows: List[List[int]]
    names: Sequence[str]
    scores: dict[str, float]
    note: Optional[str]
    other: str | None
    either: Union[int, str, None]
    level: Level
    kind: Required[Literal[1, "two"]]
    anything: Any
    day: datetime.date
    days: list[datetime.date]
    odd: int | datetime.date
    place: "Place"
    pair: tuple[int, ...]
    mixed: tuple[int, str]
    hint: Annotated[NotRequired[int], "How many."]
"#))), @r#"
{
  "type": "object",
  "description": "An order to look at.",
  "properties": {
    "id": {
      "type": "string"
    },
    "text": {
      "type": "string",
      "description": "What it says."
    },
    "count": {
      "type": "integer"
    },
    "ratio": {
      "type": "number"
    },
    "is_new": {
      "type": "boolean"
    },
    "tags": {
      "type": "array",
      "items": {
        "type": "string"
      }
    },
    "rows": {
      "type": "array",
      "items": {
        "type": "array",
        "items": {
          "type": "integer"
        }
      }
    },
    "names": {
      "type": "array",
      "items": {
        "type": "string"
      }
    },
    "scores": {
      "type": "object",
      "additionalProperties": {
        "type": "number"
      }
    },
    "note": {
      "anyOf": [
        {
          "type": "string"
        },
        {
          "type": "null"
        }
      ]
    },
    "other": {
      "anyOf": [
        {
          "type": "string"
        },
        {
          "type": "null"
        }
      ]
    },
    "either": {
      "anyOf": [
        {
          "type": "integer"
        },
        {
          "type": "string"
        },
        {
          "type": "null"
        }
      ]
    },
    "level": {
      "type": "string",
      "enum": [
        "low",
        "high"
      ]
    },
    "kind": {
      "enum": [
        1,
        "two"
      ]
    },
    "anything": {},
    "day": {},
    "days": {
      "type": "array"
    },
    "odd": {},
    "place": {
      "type": "object",
      "properties": {
        "city": {
          "type": "string"
        },
        "near": {
          "type": "array",
          "items": {
            "type": "object"
          }
        }
      },
      "required": [
        "city",
        "near"
      ]
    },
    "pair": {
      "type": "array",
      "items": {
        "type": "integer"
      }
    },
    "mixed": {
      "type": "array"
    },
    "hint": {
      "type": "integer",
      "description": "How many."
    }
  },
  "required": [
    "id",
    "text",
    "kind"
  ]
}
"#);
}

#[test]
fn total_and_not_required() {
    assert_snapshot!(annotated("import typing as t\n\nclass Payload(t.TypedDict):\n    a: int\n    b: t.NotRequired[str]\n    c: t.Annotated[str, 'See.']\n"), @r#"
a* {"type":"integer"}
b {"type":"string"}
c* {"type":"string","description":"See."}
"#);
}

#[test]
fn a_dataclass() {
    assert_snapshot!(annotated(r#"
from dataclasses import KW_ONLY, dataclass, field
from enum import Enum
from typing import ClassVar


class Color(str, Enum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Part:
    """A part."""
    name: str = ""


@dataclass(frozen=True)
class Payload:
    text: str
    color: Color
    limit: ClassVar[int] = 9
    _: KW_ONLY
    size: int = -3
    when: float = 1e999
    parts: list[Part] = field(default_factory=list)
    part: Part = field(default_factory=Part)
    hidden: int = field(init=False)
    given: int = field(repr=False)
    shade: Color = Color.RED
"#), @r#"
text* {"type":"string"}
color* {"type":"string","enum":["red","blue"]}
size {"type":"integer","default":-3}
when {"type":"number"}
parts {"type":"array","items":{"type":"object","description":"A part.","properties":{"name":{"type":"string","default":""}}},"default":[]}
part {"type":"object","description":"A part.","properties":{"name":{"type":"string","default":""}}}
given* {"type":"integer"}
shade {"type":"string","enum":["red","blue"]}
"#);
}

#[test]
fn a_pydantic_model() {
    assert_snapshot!(annotated(r#"
from typing import Annotated, Optional
import pydantic
from pydantic import BaseModel, Field


class Inner(pydantic.BaseModel):
    x: int = 1


class Payload(BaseModel):
    model_config = {"extra": "forbid"}

    text: str = Field(..., description="What to read.")
    words: int = Field(10, ge=1)
    tags: list[str] = Field(default_factory=list, description="Any.")
    name: Optional[str] = None
    must: Optional[str]
    user_id: str = Field(alias="userId")
    kind: Annotated[str, Field(description="Which.")] = "a"
    inner: Inner
    _secret: int = 3
"#), @r#"
text* {"type":"string","description":"What to read."}
words {"type":"integer","minimum":1,"default":10}
tags {"type":"array","items":{"type":"string"},"description":"Any.","default":[]}
name {"anyOf":[{"type":"string"},{"type":"null"}],"default":null}
must* {"anyOf":[{"type":"string"},{"type":"null"}]}
userId* {"type":"string"}
kind {"type":"string","description":"Which.","default":"a"}
inner* {"type":"object","properties":{"x":{"type":"integer","default":1}}}
"#);
}

#[test]
fn limits_of_fields_and_enums_that_count_by_themselves() {
    assert_snapshot!(annotated(r#"
from enum import Enum, StrEnum, auto
from typing import Annotated, Optional
from pydantic import BaseModel, Field


class Mode(StrEnum):
    FAST = auto()
    SLOW = "very slow"


class Counted(Enum):
    ONE = auto()


class Payload(BaseModel):
    text: str = Field(min_length=2, max_length=80, pattern="^[a-z]+$")
    words: int = Field(10, gt=0, le=100, multiple_of=5)
    rate: Annotated[float, Field(ge=0.5, lt=1)] = 0.5
    tags: list[str] = Field(default_factory=list, max_length=3, examples=[["a"], []])
    name: Optional[str] = Field(None, min_length=1)
    limit: int = Field(3, ge=LEAST, le=None)
    other: Elsewhere = Field(ge=1)
    mode: Mode = Mode.FAST
    counted: Counted = Field(...)
"#), @r#"
text* {"type":"string","minLength":2,"maxLength":80,"pattern":"^[a-z]+$"}
words {"type":"integer","exclusiveMinimum":0,"maximum":100,"multipleOf":5,"default":10}
rate {"type":"number","minimum":0.5,"exclusiveMaximum":1,"default":0.5}
tags {"type":"array","items":{"type":"string"},"maxItems":3,"examples":[["a"],[]],"default":[]}
name {"anyOf":[{"type":"string","minLength":1},{"type":"null"}],"default":null}
limit {"type":"integer","default":3}
other* {}
mode {"type":"string","enum":["fast","very slow"]}
counted* {}
"#);
}

#[test]
fn other_annotations_leave_it_to_what_is_read() {
    for annotation in ["dict", "dict[str, int]", "Elsewhere", "Plain", "'dict'", "list", "1 +"] {
        let text = format!(
            "from handlers import a, Elsewhere\n\nclass Plain:\n    x: int\n\ndef demo(p: {annotation}) -> dict:\n    p['y'] = p['x']\n    p = a(p)\n    return p\n"
        );
        if let Ok((program, _)) = compile_text(&text) {
            assert_eq!(shown(&program.input_schema), "x* {}\n", "{annotation}");
        } else {
            assert_eq!(annotation, "1 +");
        }
    }
    let text = annotated(
        "from typing import Annotated, TypedDict\n\nclass Order(TypedDict):\n    x: int\n\nPayload = Annotated[Order, 'An order.']\n",
    );
    assert_eq!(text, "x* {\"type\":\"integer\"}\n");
}

#[test]
fn classes_inside_classes_stay_small() {
    let mut text = "from typing import TypedDict\n\nclass C0(TypedDict):\n    x: int\n\n".to_owned();
    for number in 1..40 {
        let before = number - 1;
        text += &format!("class C{number}(TypedDict):\n    a: C{before}\n    b: list[C{before}]\n\n");
    }
    text += "Payload = C39\n";
    let schema = schema(&annotated_flow(&text));
    assert!(schema.to_string().len() < 20_000);
}

#[test]
fn a_long_flow_is_read_in_time() {
    let mut text = "from handlers import a\n\ndef demo(p: dict) -> dict:\n".to_owned();
    for number in 0..4000 {
        text += &format!("    if p[\"k{number}\"] < 3:\n        p[\"w{number}\"] = p[\"k{number}\"]\n");
    }
    for depth in 1..13 {
        text += &format!("{}while p[\"d{depth}\"]:\n", "    ".repeat(depth));
    }
    text += &format!("{}p[\"x\"] += 1\n    p = a(p)\n    return p\n", "    ".repeat(13));
    let schema = schema(&text);
    assert_eq!(schema["required"].as_array().unwrap().len(), 4001);
}

/// The schema of an `async` flow with these lines, as [`shown`].
fn reads_of(body: &str) -> String {
    let body: String = body.trim().lines().map(|line| format!("    {line}\n")).collect();
    shown(&schema(&format!(
        "import asyncio\nfrom handlers import a, b, ask\n\n\ndef part(q):  # asya: unfold\n    q[\"made\"] = q[\"in_part\"]\n    return q\n\n\ndef first(rows, n=0):  # asya: unfold\n    return rows[\"head\"]\n\n\nasync def demo(p: dict) -> dict:  # asya: flow\n{body}    return p\n"
    )))
}

#[test]
fn a_call_on_a_value_takes_nothing_away() {
    assert_snapshot!(reads_of(r#"
x = await ask(p["question"])
p["answer"] = await ask(p["context"], depth=p["depth"])
p["all"] = [await ask(row) for row in p["rows"]]
left, right = await asyncio.gather(ask(p["left"]), ask(p["right"]))
p["n"] = p["after"] + p["answer"]
p = await a(p)
p["m"] = p["made_by_actor"]
"#), @r#"
question* {}
context* {}
depth* {}
rows* {}
left* {}
right* {}
after* {}
"#);
}

#[test]
fn variables_stand_for_parts() {
    assert_snapshot!(reads_of(r#"
user = p["user"]
name = user["name"]
user["seen"] = user.get("seen", 0) + 1
address = user["address"]
if address.get("city") == "here":
    user = p["other"]
p["zip"] = address["zip"]
p["old"] = user["perhaps"]
p["later"] = await ask(name)
"#), @r#"
user* {"type":"object","properties":{"name":{},"seen":{"type":"integer","default":0},"address":{"type":"object","properties":{"city":{},"zip":{}}}},"required":["name","address"]}
other {}
"#);
}

#[test]
fn loops_errors_and_blocks() {
    assert_snapshot!(reads_of(r#"
for row in p["rows"]:
    row["n"] = await ask(p["in_loop"])
    p["made"] = 1
try:
    p["x"] = p["tried"]
    p["y"] = await ask(p["tried_too"])
except KeyError:
    p["z"] = p["in_handler"]
finally:
    p["w"] = p["in_finally"]
try:
    p["v"] = p["surely"]
except KeyError:
    raise
p["after"] = p["made"] + p["x"] + p["v"]
"#), @r#"
rows* {}
in_loop {}
made {}
tried {}
x {}
tried_too {}
in_handler {}
in_finally* {}
surely* {}
"#);
}

#[test]
fn patterns_read_what_they_name() {
    assert_snapshot!(reads_of(r#"
match p:
    case {"kind": "a", "inner": {"deep": deep}, "whole": whole}:
        p["x"] = whole["part"]
    case {"other": other} if p["guard"]:
        p["y"] = other
    case _:
        p["z"] = p["else"]
match p["mode"]:
    case "fast":
        p["q"] = p["fast_only"]
"#), @r#"
kind {}
inner {"properties":{"deep":{}}}
whole {"properties":{"part":{}}}
other {}
guard {}
else {}
mode* {}
fast_only {}
"#);
}

#[test]
fn parts_of_flows_read_like_the_flow_itself() {
    assert_snapshot!(reads_of(r#"
p["before"] = 1
p = part(p)
head = first(p["list"], n=p["number"])
p["x"] = head["name"] + p["made"] + p["before"]
if p["again"]:
    p = part(p)
p["y"] = p["end"]
"#), @r#"
in_part* {}
list* {"type":"object","properties":{"head":{"type":"object","properties":{"name":{}},"required":["name"]}},"required":["head"]}
number* {}
again* {}
end* {}
"#);
}

#[test]
fn classes_of_other_modules() {
    let sandbox = Sandbox::initialised();
    sandbox.write("handlers.py", ANY_NAME);
    sandbox.write("shapes/__init__.py", "from .orders import Order as Request\n");
    sandbox.write(
        "shapes/orders.py",
        "from dataclasses import dataclass, field\nfrom . import parts\nfrom .parts import Rows\n\n\n@dataclass\nclass Order(parts.Base):\n    \"\"\"What is wanted.\"\"\"\n    part: parts.Part\n    rows: Rows = field(default_factory=list)\n",
    );
    sandbox.write(
        "shapes/parts.py",
        "from dataclasses import dataclass\n\n\n@dataclass\nclass Part:\n    name: str\n    size: int = 1\n\n\n@dataclass\nclass Base:\n    id: str\n\n\nRows = list[Part]\n",
    );
    sandbox.write(
        "order.py",
        "from handlers import price\nimport shapes\n\n\nasync def order(state: shapes.Request) -> shapes.Request:\n    state = await price(state)\n    return state\n",
    );
    sandbox.ok(&["compile", "order", "-f", "order.py"]);
    assert_snapshot!(sandbox.read("compiled/order/artifacts/flow.yaml"), @r#"
flows:
- name: order
  entrypoint: start-order
  mcp:
    inputSchema:
      type: object
      description: What is wanted.
      properties:
        id:
          type: string
        part:
          type: object
          properties:
            name:
              type: string
            size:
              type: integer
              default: 1
          required:
          - name
        rows:
          type: array
          items:
            type: object
            properties:
              name:
                type: string
              size:
                type: integer
                default: 1
            required:
            - name
          default: []
      required:
      - id
      - part
"#);
}

const ORDER: &str = r#"from typing import TypedDict

from handlers import price, ship


class Order(TypedDict, total=False):
    """What a customer wants."""

    item: str
    "Name of the article."
    count: int


async def order_flow(order: Order) -> Order:
    """Prices and ships an order."""
    order = await price(order)
    order = await ship(order)
    return order
"#;

const TEXT: &str = r#"from handlers import clean, score


async def text_flow(p: dict) -> dict:
    """Cleans a text and scores it until it is good."""
    p["rounds"] = p.get("rounds", 3)
    p["length"] = len(p["text"].strip())
    while p["rounds"] > 0:
        p["rounds"] -= 1
        p = await clean(p)
        p = await score(p)
        if p["score"] > 2:
            break
    return p
"#;

#[test]
fn compile_writes_it_and_expose_shows_it() {
    let sandbox = Sandbox::initialised();
    sandbox.write("handlers.py", ANY_NAME);
    sandbox.write("order_flow.py", ORDER);
    sandbox.write("text_flow.py", TEXT);
    sandbox.ok(&["compile", "order-flow", "-f", "order_flow.py"]);
    sandbox.ok(&["compile", "text-flow", "-f", "text_flow.py"]);
    assert_snapshot!(sandbox.read("compiled/order-flow/artifacts/flow.yaml"), @r#"
flows:
- name: order-flow
  entrypoint: price
  route_next:
  - ship
  description: Prices and ships an order.
  mcp:
    inputSchema:
      type: object
      description: What a customer wants.
      properties:
        item:
          type: string
          description: Name of the article.
        count:
          type: integer
"#);
    assert_snapshot!(sandbox.show(&["expose", "order-flow"]), @r#"
exit: 0
--- stdout
order-flow is an MCP tool in every environment:

flows:
- name: order-flow
  entrypoint: price
  route_next:
  - ship
  description: Prices and ships an order.
  mcp:
    inputSchema:
      type: object
      description: What a customer wants.
      properties:
        item:
          type: string
          description: Name of the article.
        count:
          type: integer

next: asya k apply order-flow
--- stderr
  created   compiled/order-flow/manifests/common/flow-expose.yaml
  changed   compiled/order-flow/manifests/common/kustomization.yaml
warning: the gateway shows MCP clients only a part of the input schema
  `count` is shown as a number, not as an integer
  hint: say in the description what agents must know
"#);
    assert_snapshot!(sandbox.show(&["expose", "text-flow"]), @r#"
exit: 0
--- stdout
text-flow is an MCP tool in every environment:

flows:
- name: text-flow
  entrypoint: start-text-flow
  description: Cleans a text and scores it until it is good.
  mcp:
    inputSchema:
      type: object
      properties:
        rounds:
          type: integer
          default: 3
        text:
          type: string
      required:
      - text

next: asya k apply text-flow
--- stderr
  created   compiled/text-flow/manifests/common/flow-expose.yaml
  changed   compiled/text-flow/manifests/common/kustomization.yaml
warning: the gateway shows MCP clients only a part of the input schema
  `rounds` is shown as a number, not as an integer
  `rounds` is shown without `default`
  hint: say in the description what agents must know
"#);
    assert_snapshot!(sandbox.show(&["expose", "text-flow", "--input-schema", r#"{"type": "object"}"#]), @r#"
exit: 0
--- stdout
text-flow is an MCP tool in every environment:

flows:
- name: text-flow
  entrypoint: start-text-flow
  description: Cleans a text and scores it until it is good.
  mcp:
    inputSchema:
      type: object
      properties: {}

next: asya k apply text-flow
--- stderr
  changed   compiled/text-flow/manifests/common/flow-expose.yaml
"#);
}
