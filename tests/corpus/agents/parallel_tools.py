"""All tool calls of one turn at once; those that fail are told to the model."""

import asyncio

from ai import chat, flow
from ai.errors import AIError
from ai.tools import run_tool


@flow
async def parallel_tools(state: dict) -> dict:
    messages = list(state["messages"])
    for _ in range(3):
        reply = await chat(messages, tools=state["tools"])
        messages.append(reply)
        if not reply["tool_calls"]:
            break
        results = await asyncio.gather(
            *(run_tool(call["name"], call["arguments"]) for call in reply["tool_calls"]),
            return_exceptions=True,
        )
        for call, result in zip(reply["tool_calls"], results):
            if isinstance(result, AIError):
                content = f"error: {result}"
            elif isinstance(result, Exception):
                raise result
            else:
                content = result
            messages.append({"role": "tool", "id": call["id"], "content": content})
    state["answer"] = messages[-1]["content"]
    return state
