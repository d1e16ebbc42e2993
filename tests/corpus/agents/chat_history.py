"""The history belongs to the state and grows in place."""

from ai import flow
from ai.llm import chat
from ai.tools import run_tool


@flow
async def chat_history(state: dict) -> dict:
    history = state["history"]
    history.append({"role": "user", "content": state.pop("question")})
    while True:
        reply = await chat(history, tools=["add", "weather"])
        history.append(reply)
        if not (calls := reply["tool_calls"]):
            return state
        for call in calls:
            call["result"] = await run_tool(call["name"], call["arguments"])
            history.append({"role": "tool", "content": call["result"]})
