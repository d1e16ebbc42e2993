# needs Python 3.11
"""Several sources at once; each kind of failure is dealt with in its own way."""

import asyncio

from ai import flow
from ai.errors import ToolError
from ai.search import fetch_page
from ai.tools import weather


@flow
async def exception_groups(state: dict) -> dict:
    try:
        async with asyncio.TaskGroup() as group:
            pages = [group.create_task(fetch_page(url)) for url in state["urls"]]
            sky = group.create_task(weather(state["city"]))
    except ExceptionGroup as group:
        unreachable, others = group.split(ConnectionError)
        if unreachable:
            state["unreachable"] = [str(error) for error in unreachable.exceptions]
        tools, others = others.split(ToolError) if others else (None, None)
        if tools:
            state["tools"] = [error.tool for error in tools.exceptions]
        if others:
            raise others from None
    else:
        state["pages"] = [page.result()["text"] for page in pages]
        state["sky"] = sky.result()["sky"]
    return state
