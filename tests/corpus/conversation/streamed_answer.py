"""The answer is streamed word by word by its actor; the flow goes on with the whole."""

from ai.marks import flow
from ai.memory import count_words, stream_answer


@flow
async def streamed_answer(state: dict) -> dict:
    state = count_words(state)
    if state["words"] > 5:
        state["text"] = " ".join(state["text"].split()[:5])
        state["cut"] = True
    state = await stream_answer(state)
    return state
