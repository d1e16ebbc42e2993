"""Runs random flows with random payloads: says which runs raise, and what.

A job a line comes in, {"source", "payloads"}; a list of error names (or null) goes out.
"""

import asyncio
import contextlib
import json
import sys
import types


def copy(value):
    return json.loads(json.dumps(value))


async def f(value):
    value = copy(value)
    return value if isinstance(value, dict) else {"j": value}


def s(value):
    return copy(value)


handlers = types.ModuleType("handlers")
handlers.f, handlers.s = f, s
sys.modules["handlers"] = handlers

for line in sys.stdin:
    job = json.loads(line)
    space = {}
    exec(compile(job["source"], "flow.py", "exec"), space)
    ends = []
    for payload in job["payloads"]:
        try:
            result = asyncio.run(space["demo"](copy(payload)))
            ends.append(None if isinstance(result, dict) else "no payload")
        except Exception as error:
            ends.append(type(error).__name__)
    print(json.dumps(ends), flush=True)
