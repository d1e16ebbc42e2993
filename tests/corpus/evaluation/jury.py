"""Three judges, the median counts; judges who disagree too much are asked why."""

import statistics

from ai import flow
from ai.llm import Judge, grade


@flow
async def jury(state: dict) -> dict:
    judge = Judge()
    answer = state["answer"]
    scores = [
        (await judge.score(answer))["score"],
        await grade(answer, question=state["question"]),
        await grade(state["question"], question=answer),
    ]
    state["score"] = statistics.median(scores)
    state["spread"] = max(scores) - min(scores)
    if state["spread"] > 3:
        reasons = []
        for score in sorted(set(scores)):
            reason = judge.explain(score)
            reasons.append(f"{score}: {reason}")
        state["reasons"] = reasons
    return state
