"""The plan, the plan B, and what is left when that fails too."""

from ai import complete, flow
from ai.errors import AIError, ModelOverloaded, Refused
from ai.search import fetch_page


@flow
async def nested_recovery(state: dict) -> dict:
    steps = []
    try:
        try:
            state["answer"] = await complete(state["prompt"], model="large")
            steps.append("large")
        except ModelOverloaded:
            steps.append("overloaded")
            try:
                page = await fetch_page(state["url"])
            except ConnectionError as cause:
                steps.append("offline")
                raise Refused(f"nothing left to try: {cause}") from cause
            else:
                state["answer"] = page["text"]
            finally:
                steps.append("fetched")
    except AIError as error:
        steps.append(type(error).__name__)
        state["error"] = str(error)
        state["cause"] = type(error.__cause__).__name__
        if state.get("strict"):
            raise
    finally:
        state["steps"] = steps
    return state
