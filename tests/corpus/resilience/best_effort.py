"""Adds up what can be had; what cannot be had does not matter."""

from contextlib import suppress

from ai import flow
from ai.data import find_company
from ai.errors import AIError
from ai.shop import price_of
from ai.tools import add


@flow
async def best_effort(state: dict) -> dict:
    total = 0
    for sku in state["skus"]:
        total += await price_of(sku)
    with suppress(AIError):
        total = await add(total, state.get("extra", 0))
        state["added"] = True
    with suppress(ConnectionError, KeyError):
        state["size"] = (await find_company(state["seller"]) or {"size": 1})["size"]
    state["total"] = total
    return state
