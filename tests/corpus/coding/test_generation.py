"""Writes tests for the functions that have none, and keeps those that pass."""

import re

from ai import flow
from ai.coding import run_tests, write_test

DEFINITION = re.compile(r"^def (\w+)\(", re.MULTILINE)


@flow
async def test_generation(state: dict) -> dict:
    functions = DEFINITION.findall(state["code"])
    covered = {test.removeprefix("test_") for test in functions if test.startswith("test_")}
    missing = [name for name in functions if name not in covered and not name.startswith(("test_", "_"))]
    tests = [await write_test(name) for name in missing]
    kept = []
    for name, test in zip(missing, tests):
        report = await run_tests(test, [name, *state.get("must", [])])
        if not report["failures"]:
            kept.append(test)
    state["tests"] = kept
    state["coverage"] = f"{(len(covered) + len(kept)) / max(1, len(covered) + len(missing)):.0%}"
    return state
