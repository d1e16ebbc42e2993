"""The usual loop: ask the model, run the tools it wants, until it wants none."""

from ai import chat, flow
from ai.tools import run_tool

TOOLS = ["add", "weather"]
MAX_ROUNDS = 4


@flow
async def tool_loop(state: dict) -> dict:
    messages = [{"role": "user", "content": state["question"]}]
    rounds = 0
    while rounds < MAX_ROUNDS:
        rounds += 1
        reply = await chat(messages, tools=TOOLS)
        messages.append(reply)
        if not reply["tool_calls"]:
            state["answer"] = reply["content"]
            break
        for call in reply["tool_calls"]:
            result = await run_tool(call["name"], call["arguments"])
            messages.append({"role": "tool", "id": call["id"], "content": result})
    else:
        state["answer"] = "I could not finish."
    state["rounds"] = rounds
    state["messages"] = messages
    return state
