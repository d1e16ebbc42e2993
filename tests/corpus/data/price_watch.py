"""Compares prices with those of last time; says what became cheaper."""

import math
from datetime import date, timedelta

from ai import flow
from ai.shop import price_of, send_mail


@flow
async def price_watch(state: dict) -> dict:
    today = date.fromisoformat(state["today"])
    changes = {}
    for sku, (old, day) in state["known"].items():
        if today - date.fromisoformat(day) < timedelta(days=state.get("every", 7)):
            continue
        price = await price_of(sku)
        if not math.isclose(price, old, rel_tol=0.01):
            changes[sku] = {"from": old, "to": price, "percent": round(100 * (price - old) / old)}
        state["known"][sku] = [price, today.isoformat()]
    cheaper = [sku for sku, change in changes.items() if change["to"] < change["from"]]
    if cheaper:
        await send_mail("me", f"{len(cheaper)} became cheaper", body=", ".join(cheaper))
    state["changes"] = changes
    return state
