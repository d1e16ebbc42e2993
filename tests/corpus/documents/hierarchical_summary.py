"""Summarises groups of summaries until one is left."""

import asyncio

from ai import flow
from ai.documents import merge, summarise_chunk

GROUP = 3


@flow
async def hierarchical_summary(state: dict) -> dict:
    level = await asyncio.gather(*[summarise_chunk(chunk) for chunk in state["chunks"]])
    levels = 1
    while len(level) > 1:
        groups = [level[i : i + GROUP] for i in range(0, len(level), GROUP)]
        level = await asyncio.gather(*(merge(group) for group in groups))
        levels += 1
    state["summary"] = level[0] if level else ""
    state["levels"] = levels
    return state
