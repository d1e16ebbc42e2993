"""Uses flows of other files, and one of its own that ends early."""

from ai import classify, flow
from ai.people import notify
from agents.sub_agents import writer
from retrieval.rag_linear import rag_linear


@flow
async def opening_hours(state: dict) -> dict:
    if state.get("holiday"):
        state["answer"] = "We are on holiday."
        return state
    if state["hour"] < 8:
        await notify("night shift", state["question"])
        state["answer"] = "Please wait."
        return state
    state["open"] = True
    return state


@flow
async def help_desk(state: dict) -> dict:
    state = await opening_hours(state)
    if "answer" in state:
        return state
    topic = await classify(state["question"], ["letter", "docs"])
    if topic["label"] == "letter":
        state["answer"] = await writer([state["question"], "Yours"])
    else:
        state = await rag_linear(state)
    await notify("day shift", state["answer"])
    return state
