"""Rewrites the query until something is found."""

from ai import flow
from ai.search import answer_from, rewrite_query, search


@flow
async def query_rewriting(state: dict) -> dict:
    query, attempt = state["question"], 0
    while not (documents := await search(query)):
        attempt += 1
        if attempt > state.get("attempts", 3):
            raise LookupError(f"nothing found for {state['question']!r} or {query!r}")
        query = await rewrite_query(query, attempt)
    state["query"] = query
    state["attempts"] = attempt
    state["answer"] = await answer_from(state["question"], documents)
    return state
