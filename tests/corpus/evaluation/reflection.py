"""Writes, looks at it, writes again; `else` tells that it never became good."""

from typing import TypedDict

from ai import complete, flow, grade


class Essay(TypedDict, total=False):
    question: str
    rounds: int
    answer: str
    scores: list
    warning: str


@flow
async def reflection(state: Essay) -> Essay:
    answer = await complete(state["question"])
    scores = []
    attempt = 0
    while attempt < state.get("rounds", 3):
        score = await grade(answer, question=state["question"])
        scores.append(score)
        if score >= 8:
            break
        reflection = f"Only {score}/10. Say more than: {answer}"
        answer = await complete(reflection, model="medium")
        attempt += 1
    else:
        state["warning"] = f"best score was {max(scores, default=0)}"
    state["answer"] = answer
    state["scores"] = scores
    return state
