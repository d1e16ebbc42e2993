"""Makes a summary denser round by round, and keeps the densest."""

from ai import flow
from ai.llm import complete, grade
from ai.writing import headline, summarise


@flow
async def chain_of_density(state: dict) -> dict:
    import re

    best = summary = await summarise(state["text"], max_words=state.get("words", 6))
    best_score: int = await grade(summary, question=state["text"])
    for round in range(2):
        missing = [word for word in re.findall(r"[A-Z]\w+", state["text"]) if word not in summary]
        if not missing:
            break
        summary = await complete(f"Add {', '.join(missing)}\n{missing[0]} {summary}")
        if best_score < (score := await grade(summary, question=state["text"])) <= 10:
            best, best_score = summary, score
        state["rounds"] = round + 1
    title, state["summary"] = await headline(best), best
    state["title"] = title or await headline(state["text"]) or "untitled"
    return state
