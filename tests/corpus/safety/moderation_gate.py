"""What goes in and what comes out is looked at; what is flagged is not answered."""

from ai import complete, flow
from ai.moderation import moderate


@flow
async def moderation_gate(state: dict) -> dict:
    verdict = await moderate(state["prompt"])
    if verdict["flagged"]:
        state["blocked"] = {"at": "input", **verdict}
        return state
    answer = await complete(state["prompt"])
    verdict = await moderate(answer + state.get("suffix", ""))
    if verdict["flagged"]:
        state["blocked"] = {"at": "output", **verdict}
        return state
    state["answer"] = answer
    return state
