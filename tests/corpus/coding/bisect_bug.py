"""Finds the first broken commit with few builds."""

from ai import flow
from ai.coding import is_broken


@flow
async def bisect_bug(state: dict) -> dict:
    low, high = 0, len(state["commits"])
    builds = 0
    while low < high:
        middle = (low + high) // 2
        builds += 1
        if await is_broken(state["commits"][middle]):
            high = middle
        else:
            low = middle + 1
    if low == len(state["commits"]):
        return {"first_broken": None, "builds": builds}
    return {"first_broken": state["commits"][low], "builds": builds}
