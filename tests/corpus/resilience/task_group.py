# needs Python 3.11
"""All or nothing: one failure ends the group."""

import asyncio

from ai import flow
from ai.data import find_company, geocode
from ai.moderation import moderate


@flow
async def task_group(state: dict) -> dict:
    async with asyncio.TaskGroup() as group:
        company = group.create_task(find_company(state["name"]))
        place = group.create_task(geocode(state["address"]))
        checks = [group.create_task(moderate(text)) for text in state.get("texts", [])]
    state["company"] = company.result()
    state["place"] = place.result()
    state["flagged"] = sum(check.result()["flagged"] for check in checks)
    return state
