# needs Python 3.11
"""A limit for each call, and one for the whole."""

import asyncio

from ai.jobs import call_service
from ai.marks import flow


@flow
async def time_limits(state: dict) -> dict:
    try:
        async with asyncio.timeout(30):
            state["first"] = await call_service("first", 1, state["plan"])
            state["second"] = await asyncio.wait_for(call_service("second", 2, state["plan"]), timeout=10)
    except TimeoutError as error:
        state["late"] = str(error)
    return state
