"""Search, then answer."""

from ai.marks import flow
from ai.search import respond, retrieve


@flow
async def rag_linear(state: dict) -> dict:
    """Answer a question from the documents."""
    state = await retrieve(state)
    state = await respond(state)
    return state
