"""Keeps the last messages, and a summary of what was before."""

from ai import flow
from ai.llm import chat, count_tokens
from ai.memory import compress


@flow
async def chat_memory(state: dict) -> dict:
    messages = [*state.get("messages", []), {"role": "user", "content": state["text"]}]
    forgotten = []
    while sum(count_tokens(message["content"]) for message in messages) > state["budget"]:
        if len(messages) == 1:
            raise ValueError("one message is longer than the memory")
        oldest, *messages = messages
        forgotten.append(oldest)
    if forgotten:
        state["summary"] = await compress(forgotten)
    prompt = [{"role": "system", "content": state["summary"]}] if "summary" in state else []
    reply = await chat(prompt + messages)
    messages.append(reply)
    return {**state, "messages": messages, "reply": reply["content"]}
