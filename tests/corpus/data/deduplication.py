"""Compares every record with those kept so far; the first of a kind is kept."""

from ai import flow
from ai.data import similar


@flow
async def deduplication(state: dict) -> dict:
    kept = []
    merged = {}
    for record in state["records"]:
        is_new = True
        for other in kept:
            if await similar(record, other):
                is_new = False
                merged.setdefault(other["name"], []).append(record["name"])
                break
        if is_new:
            kept.append(record)
    state["kept"] = kept
    state["merged"] = merged
    return state
