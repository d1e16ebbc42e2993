//! `asya compile --explain` through the binary.

use insta::assert_snapshot;

use crate::sandbox::{Outcome, Sandbox};

const HANDLERS: &str = "
async def clean(p): return p


async def score(p): return p


async def search(query, limit=10): return []


def store(p: dict) -> dict: return p
";

const FLOW: &str = r#"import asyncio

from handlers import clean, score, search, store

LIMIT = 3


@unfold
async def ask(question, rounds):
    answer = None
    while rounds > 0:
        answer = await search(question, limit=rounds)
        rounds -= 1
    return answer


def local(p: dict) -> dict:
    p["x"] = 1
    return p


@flow
async def demo(p: dict) -> dict:
    """Does a lot."""

    p = await clean(p)
    p = store(p)
    p["round"] = 0
    while p["round"] < LIMIT:
        # once more
        p["round"] += 1
        if p["round"] == 2:
            continue
        found = await search(p["text"])
        p["found"] = found
    names = []
    for row in p["rows"]:
        if row:
            names.append(
                row["name"]
            )
    left, right = await asyncio.gather(score(p), search(names, limit=2))
    p["scores"] = [await score(name) for name in names]
    try:
        p["answer"] = await ask(left, 2)
        p = await clean(p)
    except (ValueError, KeyError) as error:
        p["problem"] = str(error)
    finally:
        p["done"] = True
    if len(await search(right)) > 3 and (
        # all of it
        p["done"]
    ):
        return p
    return local(p)


def other():
    return 1
"#;

fn project() -> Sandbox {
    let sandbox = Sandbox::initialised();
    sandbox.write("handlers.py", HANDLERS);
    sandbox.write("flow.py", FLOW);
    sandbox
}

/// Asks about lines; nothing may be written.
fn explained(lines: &[&str]) -> String {
    let sandbox = project();
    let before = sandbox.tree();
    let shown: Vec<String> = lines
        .iter()
        .map(|line| {
            let Outcome { code, stdout, stderr } =
                sandbox.run(&["compile", "demo", "-f", "flow.py", "--explain", line]);
            if code == 0 { stdout + &stderr } else { format!("exit: {code}\n{stdout}{stderr}") }
        })
        .collect();
    assert_eq!(sandbox.tree(), before, "--explain writes nothing");
    shown.join("----\n")
}

#[test]
fn a_call_of_the_payload_in_a_run_and_at_its_end() {
    assert_snapshot!(explained(&["26", "27", "58"]), @r#"
flow.py:26 in `demo`
  26 |     p = await clean(p)

  actor     clean (handlers.clean): it is awaited
  takes     the payload as it is: `p`
  wrapper   runs in front of the handler: arguments, results and errors travel through it
  result    goes to `p`
  from      segment `start`, router.py:23
  goes on   in store, without the router in between
  messages  1: to the actor
  carries   no variables
  errors    are not caught here: they end the function
----
flow.py:27 in `demo`
  27 |     p = store(p)

  actor     store (handlers.store): a function of the project, called by a whole statement or right-hand side
  takes     the payload as it is: `p`
  wrapper   none: the handler takes the payload itself
  result    goes to `p`
  from      segment `start`, router.py:24
  goes on   in segment `after store`, router.py:26
  messages  2: to the actor and back
  carries   no variables
  errors    are not caught here: they end the function
----
exit: 1
error: line 58 of `flow.py` is no part of `demo`
hint: `demo` stands in flow.py:22-56; `ask` stands in flow.py:8-14
"#);
}

#[test]
fn a_call_on_a_value_in_a_loop() {
    assert_snapshot!(explained(&["34", "35"]), @r#"
flow.py:34 in `demo`
  34 |         found = await search(p["text"])

  actor     search (handlers.search): it is awaited
  takes     `p["text"]` in the place of the payload
  wrapper   runs in front of the handler: arguments, results and errors travel through it
  result    goes to `found`
  from      segment `while p["round"] < LIMIT`, router.py:37
  goes on   in segment `after search`, router.py:48
  messages  2: to the actor and back
  carries   `p`, the payload, read next in line 35
  errors    are not caught here: they end the function
----
flow.py:35 in `demo`
  35 |         p["found"] = found

  router    runs there, without a message
  in        segment `after search`, router.py:51
"#);
}

#[test]
fn lines_that_run_in_the_router() {
    assert_snapshot!(explained(&["28", "29", "33", "40"]), @r#"
flow.py:28 in `demo`
  28 |     p["round"] = 0

  router    runs there, without a message
  in        segment `after store`, router.py:28
----
flow.py:29 in `demo`
  29 |     while p["round"] < LIMIT:

  router    runs there, without a message
  in        segment `while p["round"] < LIMIT`, router.py:32
----
flow.py:33 in `demo`
  33 |             continue

  nothing   it only says where the router goes on, and the code around it is written so
----
flow.py:39 in `demo`
  39 |             names.append(
  40 |                 row["name"]
  41 |             )

  router    runs there, without a message
  in        segment `while p["round"] < LIMIT`, router.py:40
            copied with the whole statement of line 37, which calls nothing
"#);
}

#[test]
fn calls_in_parallel() {
    assert_snapshot!(explained(&["42", "43"]), @r#"
flow.py:42 in `demo`
  42 |     left, right = await asyncio.gather(score(p), search(names, limit=2))

  actor     score (handlers.score): it is handed to `gather`
  takes     `p` in the place of the payload
  wrapper   runs in front of the handler: arguments, results and errors travel through it
  actor     search (handlers.search): it is handed to `gather`
  takes     `names, limit=2` as `{"args": […], "kwargs": {…}}`
  wrapper   runs in front of the handler: arguments, results and errors travel through it
  parallel  2 calls, joined by join-demo
  result    goes to `left, right`
  from      segment `while p["round"] < LIMIT`, router.py:46
  goes on   in segment `after all`, router.py:54
  messages  6: to each actor, on to the join, and back
  carries   `names`, read next in line 43
            `p`, the payload, read next in line 43
  errors    are not caught here: they end the function

  router    runs there, without a message
  in        segment `after all`, router.py:57
----
flow.py:43 in `demo`
  43 |     p["scores"] = [await score(name) for name in names]

  actor     score (handlers.score): it is awaited
  takes     `name` in the place of the payload
  wrapper   runs in front of the handler: arguments, results and errors travel through it
  parallel  as many calls as there are at the time, joined by join-demo
  result    goes to `p["scores"]`
  from      segment `after all`, router.py:58
  goes on   in segment `after all #2`, router.py:60
  messages  2 for each call and 2 more: to each actor, on to the join, and back
  carries   `left`, read next in line 45
            `p`, the payload, read next in line 43
            `right`, read next in line 51
  errors    are not caught here: they end the function

  router    runs there, without a message
  in        segment `after all #2`, router.py:64
"#);
}

#[test]
fn a_part_of_the_flow_and_errors() {
    assert_snapshot!(explained(&["44", "45", "46", "47", "49"]), @r#"
flow.py:44 in `demo`
  44 |     try:

  try       an error in its body goes to `except (ValueError, KeyError) as error` (line 47) and `finally` (line 50)

  router    runs there, without a message
  in        segment `try`, router.py:87
            segment `p["done"] = True`, router.py:93-94
            segment `except`, router.py:107
            segment `except #2`, router.py:112, 118
----
flow.py:45 in `demo`
  45 |         p["answer"] = await ask(left, 2)

  part      ask: it is marked to run as a part of flows
  takes     `left, 2` as its parameters
  result    goes to `p["answer"]`
  from      segment `after all #2`, router.py:66
  goes on   in segment `after helper`, router.py:68
  messages  none for the call itself
  carries   `p`, the payload, read next in lines 45, 48 and 50
            `right`, read next in line 51
  errors    go to `except (ValueError, KeyError) as error` (line 47), then to `finally` (line 50)

  router    runs there, without a message
  in        segment `after helper`, router.py:74
----
flow.py:46 in `demo`
  46 |         p = await clean(p)

  actor     clean (handlers.clean): it is awaited
  takes     the payload as it is: `p`
  wrapper   runs in front of the handler: arguments, results and errors travel through it
  result    goes to `p`
  from      segment `after helper`, router.py:75
  goes on   in segment `after clean`, router.py:77
  messages  2: to the actor and back
  carries   `right`, read next in line 51
  errors    go to `except (ValueError, KeyError) as error` (line 47), then to `finally` (line 50)
----
flow.py:47 in `demo`
  47 |     except (ValueError, KeyError) as error:

  router    runs there, without a message
  in        segment `except #2`, router.py:113-114
----
flow.py:49 in `demo`
  49 |     finally:

  nothing   it belongs to the statement of line 44, which says what runs when
"#);
}

#[test]
fn a_line_of_a_helper() {
    assert_snapshot!(explained(&["9", "12"]), @r#"
flow.py:8 in `ask`
  8 | @unfold
  9 | async def ask(question, rounds):

  part      runs as a part of the flow, without a message of its own
  actors    search
  segments  `start` of `ask`, router.py:135
            `while rounds > 0` of `ask`, router.py:141
            `after search` of `ask`, router.py:146
  carries   its place and the variables that are read later
----
flow.py:12 in `ask`
  12 |         answer = await search(question, limit=rounds)

  actor     search (handlers.search): it is awaited
  takes     `question, limit=rounds` as `{"args": […], "kwargs": {…}}`
  wrapper   runs in front of the handler: arguments, results and errors travel through it
  result    goes to `answer`
  from      segment `while rounds > 0` of `ask`, router.py:143
  goes on   in segment `after search` of `ask`, router.py:146
  messages  2: to the actor and back
  carries   `question`, read next in line 12
            `rounds`, read next in line 13
  errors    are not caught here: they end the function
"#);
}

#[test]
fn a_head_over_several_lines() {
    assert_snapshot!(explained(&["52"]), @r#"
flow.py:51 in `demo`
  51 |     if len(await search(right)) > 3 and (
  52 |         # all of it
  53 |         p["done"]
  54 |     ):

  actor     search (handlers.search): it is awaited
  takes     `right` in the place of the payload
  wrapper   runs in front of the handler: arguments, results and errors travel through it
  result    is used where it stands
  from      segment `p["done"] = True`, router.py:95
  goes on   in segment `after search #2`, router.py:97
  messages  2: to the actor and back
  carries   `p`, the payload, read next in lines 53 and 56
  errors    are not caught here: they end the function

  router    runs there, without a message
  in        segment `after search #2`, router.py:99-100
"#);
}

#[test]
fn lines_without_code() {
    assert_snapshot!(explained(&["23", "24", "25", "30"]), @r#"
flow.py:22 in `demo`
  22 | @flow
  23 | async def demo(p: dict) -> dict:

  flow      messages come in at start-demo
  actors    clean, store, search, score, local
  segments  `start`, router.py:21
            `after store`, router.py:26
            `while p["round"] < LIMIT`, router.py:31
            `after search`, router.py:48
            `after all`, router.py:54
            `after all #2`, router.py:60
            `after helper`, router.py:68
            `after clean`, router.py:77
            `try`, router.py:86
            `p["done"] = True`, router.py:91
            `after search #2`, router.py:97
            `except`, router.py:106
            `except #2`, router.py:110
  carries   its place and the variables that are read later
----
flow.py:24 in `demo`
  24 |     """Does a lot."""

  nothing   it is the docstring: its first paragraph describes the flow
----
flow.py:26 in `demo`
  26 |     p = await clean(p)
  (line 25 is blank; this is the next statement)

  actor     clean (handlers.clean): it is awaited
  takes     the payload as it is: `p`
  wrapper   runs in front of the handler: arguments, results and errors travel through it
  result    goes to `p`
  from      segment `start`, router.py:23
  goes on   in store, without the router in between
  messages  1: to the actor
  carries   no variables
  errors    are not caught here: they end the function
----
flow.py:31 in `demo`
  31 |         p["round"] += 1
  (line 30 is a comment; this is the next statement)

  router    runs there, without a message
  in        segment `while p["round"] < LIMIT`, router.py:33
"#);
}

#[test]
fn lines_around_the_flow() {
    assert_snapshot!(explained(&["5", "18", "flow.py:61"]), @r#"
flow.py:5
  5 | LIMIT = 3

  router    the definition is copied into it
  in        router.py:6
----
flow.py:17
  17 | def local(p: dict) -> dict:
  18 |     p["x"] = 1
  19 |     return p

  actor     local runs flow.local, where this line stands
  wrapper   none: the handler takes the payload itself
----
exit: 2
error: `flow.py` has no line 61
  because it has 60 lines
"#);
}

#[test]
fn lines_that_are_not_there() {
    assert_snapshot!(explained(&["3", "100", "handlers.py:2", "0", "x"]), @r#"
exit: 1
error: line 3 of `flow.py` is no part of `demo`
hint: `demo` stands in flow.py:22-56; `ask` stands in flow.py:8-14
----
exit: 2
error: `flow.py` has no line 100
  because it has 60 lines
----
exit: 2
error: no part of `demo` stands in `handlers.py`
hint: its parts stand in flow.py
----
exit: 2
error: invalid value '0' for '--explain <[FILE:]LINE>': a line is a number from 1: `--explain 12` or `--explain flow.py:12`

For more information, try '--help'.
----
exit: 2
error: invalid value 'x' for '--explain <[FILE:]LINE>': a line is a number from 1: `--explain 12` or `--explain flow.py:12`

For more information, try '--help'.
"#);
}

#[test]
fn a_flow_that_is_a_single_call() {
    let sandbox = project();
    sandbox.write(
        "single.py",
        "from handlers import clean\n\n\nasync def single(p: dict) -> dict:\n    return await clean(p)\n",
    );
    assert_snapshot!(sandbox.show(&["compile", "single", "-f", "single.py", "--explain", "5"]), @r#"
exit: 0
--- stdout
single.py:5 in `single`
  5 |     return await clean(p)

  actor     clean (handlers.clean): it is awaited
  takes     the payload as it is: `p`
  wrapper   none: the handler takes the payload itself
  result    goes to `p`
  goes on   nowhere: the flow ends with its answer
  messages  1: to the actor
  carries   no variables
  errors    are not caught here: they end the function
--- stderr
"#);
    assert_snapshot!(sandbox.show(&["compile", "single", "-f", "single.py", "--explain", "4"]), @r#"
exit: 0
--- stdout
single.py:4 in `single`
  4 | async def single(p: dict) -> dict:

  flow      messages come in at clean
  actors    clean
  carries   its place and the payload
--- stderr
"#);
}

#[test]
fn a_line_of_another_file() {
    let sandbox = project();
    sandbox.write(
        "parts/steps.py",
        "from handlers import score\n\n\n@unfold\nasync def twice(value):\n    value = await score(value)\n    return await score(value)\n",
    );
    sandbox.write("parts/__init__.py", "");
    sandbox.write(
        "other.py",
        "from parts.steps import twice\n\n\nasync def other(p: dict) -> dict:\n    p[\"x\"] = await twice(p[\"x\"])\n    return p\n",
    );
    assert_snapshot!(sandbox.show(&["compile", "other", "-f", "other.py", "--explain", "parts/steps.py:6"]), @r#"
exit: 0
--- stdout
parts/steps.py:6 in `twice`
  6 |     value = await score(value)

  actor     score (handlers.score): it is awaited
  takes     `value` in the place of the payload
  wrapper   runs in front of the handler: arguments, results and errors travel through it
  result    goes to `value`
  from      segment `start` of `parts.steps.twice`, router.py:39
  goes on   in segment `after score` of `parts.steps.twice`, router.py:41
  messages  2: to the actor and back
  carries   no variables
  errors    are not caught here: they end the function
--- stderr
"#);
}

#[test]
fn tasks_of_a_group() {
    let sandbox = project();
    sandbox.write(
        "tasks.py",
        "import asyncio\n\nfrom handlers import score, search\n\n\nasync def tasks(p: dict) -> dict:\n    async with asyncio.TaskGroup() as group:\n        one = group.create_task(score(p))\n        group.create_task(search(\"x\", limit=1))\n    p[\"one\"] = one.result()\n    return p\n",
    );
    assert_snapshot!(sandbox.show(&["compile", "tasks", "-f", "tasks.py", "--explain", "7"]), @r#"
exit: 0
--- stdout
tasks.py:7 in `tasks`
  7 |     async with asyncio.TaskGroup() as group:

  router    runs there, without a message
  in        segment `start`, router.py:21
            segment `after all`, router.py:32
            segment `except`, router.py:36

  actor     score (handlers.score): it is a task of the group
  wrapper   runs in front of the handler: arguments, results and errors travel through it
  actor     search (handlers.search): it is a task of the group
  wrapper   runs in front of the handler: arguments, results and errors travel through it
  parallel  as many calls as there are at the time, joined by join-tasks
  result    is not used
  from      segment `start`, router.py:26
  goes on   in segment `after all`, router.py:28
  messages  2 for each call and 2 more: to each actor, on to the join, and back
  carries   `group`, read next in line 7
            `one`, read next in line 10
            `p`, the payload, read next in line 10
  errors    are not caught here: they end the function
--- stderr
"#);
    assert_snapshot!(sandbox.show(&["compile", "tasks", "-f", "tasks.py", "--explain", "8"]), @r#"
exit: 0
--- stdout
tasks.py:8 in `tasks`
  8 |         one = group.create_task(score(p))

  router    runs there, without a message
  in        segment `start`, router.py:23
  actor     score: the call waits until it is awaited
--- stderr
"#);
}

/// A call that waits: where it is written, and not only where it is awaited.
#[test]
fn calls_that_wait() {
    let sandbox = project();
    sandbox.write(
        "waiting.py",
        "import asyncio\n\nfrom handlers import score, search\n\n\nasync def waiting(p: dict) -> dict:\n    calls = []\n    for x in p[\"xs\"]:\n        if x:\n            calls.append(score(x))\n    calls += [search(\"x\"), score(1)]\n    p[\"all\"] = await asyncio.gather(*calls)\n    return p\n",
    );
    let shown =
        ["10", "11", "9"].map(|line| sandbox.ok(&["compile", "waiting", "-f", "waiting.py", "--explain", line]).stdout);
    assert_snapshot!(shown.concat(), @r#"
waiting.py:10 in `waiting`
  10 |             calls.append(score(x))

  router    runs there, without a message
  in        segment `start`, router.py:20
            copied with the whole statement of line 8, which calls nothing
  actor     score: the call waits until it is awaited
waiting.py:11 in `waiting`
  11 |     calls += [search("x"), score(1)]

  router    runs there, without a message
  in        segment `start`, router.py:24
  actor     score: the call waits until it is awaited
            search: the call waits until it is awaited
waiting.py:9 in `waiting`
  9 |         if x:

  router    runs there, without a message
  in        segment `start`, router.py:20
            copied with the whole statement of line 8, which calls nothing
"#);
}

#[test]
fn as_json() {
    let sandbox = project();
    assert_snapshot!(sandbox.show(&["compile", "demo", "-f", "flow.py", "--explain", "34", "-o", "json"]), @r#"
exit: 0
--- stdout
{
  "version": 1,
  "flow": "demo",
  "file": "flow.py",
  "line": 34,
  "first_line": 34,
  "last_line": 34,
  "text": [
    "        found = await search(p[\"text\"])"
  ],
  "function": "demo",
  "note": null,
  "parts": [
    {
      "kind": "call",
      "calls": [
        {
          "as": "actor",
          "name": "search",
          "handler": "handlers.search",
          "is_wrapped": true,
          "why": "awaited",
          "arguments": {
            "as": "value",
            "text": "p[\"text\"]"
          }
        }
      ],
      "is_parallel": false,
      "group_size": null,
      "join": null,
      "result": "found",
      "is_result_dropped": false,
      "places": [
        {
          "function": null,
          "segment": "while p[\"round\"] < LIMIT",
          "router_lines": [
            37
          ]
        }
      ],
      "goes_on": {
        "function": null,
        "segment": "after search",
        "router_lines": [
          48
        ]
      },
      "followed_by": null,
      "hops": {
        "fixed": 2,
        "per_call": 0
      },
      "carries": [
        {
          "name": "p",
          "is_payload": true,
          "is_made": false,
          "is_perhaps_unbound": false,
          "read_in": [
            35
          ]
        }
      ],
      "caught": []
    }
  ]
}
--- stderr
"#);
}

#[test]
fn a_flow_that_does_not_compile_is_not_explained() {
    let sandbox = project();
    sandbox.write(
        "broken.py",
        "from handlers import clean\n\n\nasync def broken(p: dict) -> dict:\n    clean(p)\n    return p\n",
    );
    assert_snapshot!(sandbox.show(&["compile", "broken", "-f", "broken.py", "--explain", "5"]), @r#"
exit: 1
--- stdout
--- stderr
error[ASYA018]: `clean` is `async` and must be awaited
 --> broken.py:5:5
  |
5 |     clean(p)
  |     ^^^^^^^^
  |
 ::: handlers.py:2:11
  |
2 | async def clean(p): return p
  |           ----- defined here
  |
  = help: write `await clean(p)`

error: flow `broken` does not compile: 1 error in broken.py
"#);
}
