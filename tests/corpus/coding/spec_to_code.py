"""Parts of the work are helpers of this file; they are part of the flow."""

from ai import flow
from ai.coding import fix_code, review, run_tests, write_code
from ai.llm import grade
from ai.marks import unfold


@unfold
async def implement(task, tries):
    code = await write_code(task)
    for _ in range(tries):
        report = await run_tests(code, task["expected"])
        if not report["failures"]:
            return code
        code = await fix_code(code, report["failures"])
    return None


async def approve(code, focus):  # asya: unfold
    comments = (await review(code, focus=focus))["comments"]
    return not comments or await grade(code) > 8


@flow
async def spec_to_code(state: dict) -> dict:
    modules = {}
    for task in state["tasks"]:
        code = await implement(task, tries=state["tries"])
        if code is None:
            state["failed"] = task["name"]
            return state
        if await approve(code, "bugs") and await approve(code, focus="style"):
            modules[task["name"]] = code
    state["modules"] = modules
    return state
