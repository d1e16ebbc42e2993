"""Guards before and after; the audit is written in any case."""

from ai.errors import AIError, Refused
from ai.llm import complete
from ai.marks import flow
from ai.moderation import audit, check_input, check_output


@flow
async def guardrails(state: dict) -> dict:
    event = {"question": state["question"], "outcome": "error"}
    try:
        state = await check_input(state)
        answer = await complete(state["question"], model=state.get("model", "small"))
        state["answer"] = await check_output(answer)
        event["outcome"] = "answered"
    except Refused as refusal:
        event["outcome"] = "refused"
        state["answer"] = f"Sorry: {refusal}."
    except AIError:
        event["outcome"] = "failed"
        raise
    finally:
        await audit(event)
        state["audited"] = event["outcome"]
    return state
