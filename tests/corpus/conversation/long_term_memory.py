"""Answers with what it knows about the person, and learns from what was said."""

from ai import flow
from ai.llm import complete
from ai.memory import extract_facts, recall


@flow
async def long_term_memory(state: dict) -> dict:
    memories = state["memories"]
    known = await recall(state["user"], memories)
    context = "; ".join(known) or "nothing"
    state["answer"] = await complete(f"You know {context}\n{state['text']}")
    new = [fact for fact in await extract_facts(state["text"]) if fact not in known]
    if new:
        memories.setdefault(state["user"], []).extend(new)
        state["learned"] = len(new)
    del state["text"]
    return state
