"""From a recording to minutes; every step takes the state and gives it back."""

from ai.documents import Minutes, transcribe
from ai.marks import flow
from ai.writing import headline


@flow
async def meeting_minutes(state: dict) -> dict:
    """Write the minutes of a meeting."""
    minutes = Minutes()
    state = await transcribe(state)
    state = minutes.collect(state)
    if not state["items"]:
        state["minutes"] = "Nothing was decided."
        return state
    state = await minutes.write(state)
    state["title"] = await headline(state["lines"][0])
    return state
