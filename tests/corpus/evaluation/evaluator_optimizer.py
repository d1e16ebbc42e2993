"""One model writes, another one judges, until the judge is content."""

from ai.marks import flow
from ai.writing import critique, draft, polish, revise

MAX_VERSIONS = 4


@flow
async def evaluator_optimizer(state: dict) -> dict:
    state = await draft(state)
    state = await critique(state)
    while state["critique"] != "fine" and state["version"] < MAX_VERSIONS:
        state = await revise(state)
        state = await critique(state)
    state["accepted"] = state["critique"] == "fine"
    state = polish(state)
    return state
