"""The same question to two models, and a judge who does not know which is which."""

import asyncio

from ai import flow
from ai.llm import Judge, complete


@flow
async def ab_comparison(state: dict) -> dict:
    results = []
    for question in state["questions"]:
        a, b = await asyncio.gather(complete(question, model=state["a"]), complete(question, model=state["b"]))
        verdict = await Judge().compare(a, b)
        if verdict == "tie":
            results.append({"question": question, "winner": None})
            continue
        winner = state["a"] if verdict == "first" else state["b"]
        results.append({"question": question, "winner": winner})
    wins = {name: sum(r["winner"] == name for r in results) for name in (state["a"], state["b"])}
    state["results"], state["wins"] = results, wins
    return state
