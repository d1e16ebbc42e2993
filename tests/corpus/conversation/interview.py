"""Asks prepared questions, and follows up on short answers with a helper of its own."""

import asyncio

from ai import flow
from ai.llm import complete, grade
from ai.people import ask


async def follow_up(answer):  # asya: unfold
    score = await grade(answer)
    return None if score > 3 else await complete(f"Why {answer}?")


@flow
async def interview(state: dict) -> dict:
    notes = []
    answers = {}
    for question in state["questions"]:
        answers[question] = await ask(question, state["person"]) or "-"
    follow_ups = await asyncio.gather(*map(follow_up, answers.values()))
    for question, more in zip(answers, follow_ups):
        if more is not None:
            notes.append(f"{question} {more}")
    state["answers"], state["notes"] = answers, notes
    return state
