"""Goes on where an earlier run stopped."""

from ai import flow
from ai.data import load, score_lead, store

STAGES = ("load", "score", "store")


@flow
async def resumable(state: dict) -> dict:
    first = STAGES.index(state.get("stage", "load"))
    for stage in STAGES[first:]:
        state["stage"] = stage
        if stage == "load":
            state["rows"] = await load(state["source"])
        elif stage == "score":
            for index, row in enumerate(state["rows"]):
                if "score" not in row:
                    state["rows"][index] = await score_lead(row)
        else:
            state["stored"] = await store(state["rows"], table=state.get("table", "leads"))
        if stage == state.get("pause_after"):
            return state
    state["stage"] = "done"
    return state
