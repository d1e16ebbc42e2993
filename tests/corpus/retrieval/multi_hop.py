"""Answers a question by asking smaller ones; what was learned goes into the next."""

from ai import flow
from ai.llm import complete
from ai.search import search


@flow
async def multi_hop(state: dict) -> dict:
    facts = []
    for hop, question in enumerate(state["questions"]):
        if facts:
            question = f"{question} {facts[-1]['id']}"
        hits = await search(question, top_k=1)
        if not hits:
            state["answer"], state["missing"] = None, question
            return state
        [hit] = hits
        facts.append({"hop": hop, **hit})
        if hit["score"] > 2:
            break
    known = "; ".join(fact["text"] for fact in facts)
    state["answer"] = await complete(f"Known: {known}\n{state['questions'][-1]}")
    state["hops"] = len(facts)
    return state
