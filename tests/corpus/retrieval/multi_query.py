"""Several ways to ask, asked at once; the hits are merged without repetition."""

import asyncio
from itertools import chain

from ai import flow
from ai.search import answer_from, search


@flow
async def multi_query(state: dict) -> dict:
    variants = [state["question"], state["question"].upper(), *state.get("more", [])]
    found = await asyncio.gather(*[search(variant, top_k=2) for variant in variants])
    merged = {document["id"]: document for document in chain.from_iterable(found)}
    documents = sorted(merged.values(), key=lambda document: document["year"], reverse=True)
    state["sources"] = list(merged)
    state["answer"] = await answer_from(state["question"], documents[:3]) if documents else "unknown"
    return state
