"""Summaries of the parts, then a summary of the summaries."""

import asyncio

from ai import flow
from ai.documents import chunks, merge, summarise_chunk


@flow
async def map_reduce(state: dict) -> dict:
    parts = [part for part in state["text"].split("\n\n") if part.strip()]
    summaries = await asyncio.gather(*[summarise_chunk(part) for part in parts])
    state["summary"] = await merge(summaries, style=state.get("style", "plain"))
    state["parts"] = len(parts)
    state["longest"] = max((len(chunks(part)) for part in parts), default=0)
    return state
