"""Grades an answer by several criteria, each with a weight."""

from ai import flow
from ai.llm import grade

RUBRIC = {"clarity": 2, "depth": 1, "tone": 1}


def weighted(grades, rubric):
    return sum(grades[name] * weight for name, weight in rubric.items()) / sum(rubric.values())


@flow
async def rubric(state: dict) -> dict:
    """Grade an answer by the rubric."""
    answer = state["answer"]
    grades = {name: await grade(answer, question=f"{name} of {state['question']}") for name in RUBRIC}
    state["grades"] = grades
    state["total"] = total = round(weighted(grades, RUBRIC), 1)
    state["passed"] = "yes" if total >= state.get("threshold", 5) else "no"
    if state["passed"] == "no":
        worst = min(grades, key=grades.get)
        state["advice"] = f"work on {worst}: {await grade(worst)} points"
    return state
