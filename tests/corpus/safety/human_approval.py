"""A draft goes to a person until it is approved, changed enough, or rejected."""

from ai import flow
from ai.people import ask_for_approval
from ai.writing import Editor, draft, revise


@flow
async def human_approval(state: dict) -> dict:
    editor = Editor()
    state = await draft(state)
    while True:
        state = await ask_for_approval(state)
        match state["decision"]:
            case "approve":
                state["published"] = True
                return state
            case "longer":
                state = await revise(state)
            case "shorter":
                state = editor.shorten(state)
            case "reject" | "stop":
                break
            case other:
                raise ValueError(f"{other!r} is no decision")
    state["published"] = False
    return state
