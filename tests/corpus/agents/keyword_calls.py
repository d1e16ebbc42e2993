"""Calls come as data and are passed on as they are."""

import asyncio

from ai import flow
from ai.llm import complete
from ai.tools import add, run_tool

DEFAULTS = {"model": "small"}


@flow
async def keyword_calls(state: dict) -> dict:
    results = [await run_tool(**call) for call in state["calls"]]
    sums = await asyncio.gather(*(add(*pair) for pair in state["pairs"]))
    options = {**DEFAULTS, **state.get("options", {})}
    first, *rest = results or [None]
    state["text"] = await complete(f"{first} and {len(rest)} more, {sum(sums)}", **options)
    return state
