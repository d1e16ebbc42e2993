"""Harmless tools run at once, the others only when a person agrees."""

from ai import flow
from ai.people import ask
from ai.tools import delete_file, run_tool

HARMLESS = frozenset({"add", "weather"})


@flow
async def dangerous_tools(state: dict) -> dict:
    log = []
    for request in state["requests"]:
        match request:
            case {"tool": str(tool), "arguments": [*arguments]} if tool in HARMLESS:
                log.append(await run_tool(tool, arguments))
            case {"tool": "delete", "arguments": [path]}:
                if await ask(f"delete {path}?", answers=state["people"]) != "yes":
                    log.append(f"kept {path}")
                    continue
                log.append(await delete_file(path))
            case {"tool": "stop", **rest}:
                state["stopped"] = rest
                return state
            case _:
                raise ValueError(f"not a request: {request}")
    state["log"] = log
    return state
