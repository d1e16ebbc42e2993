"""Drafts in parallel, the best one is taken; drafts that fail do not count."""

import asyncio

from ai import flow
from ai.llm import complete, grade


@flow
async def best_of_n(state: dict) -> dict:
    tasks = []
    for model in state["models"]:
        tasks.append(complete(state["prompt"], model=model))
    drafts = await asyncio.gather(*tasks, return_exceptions=True)
    usable = [draft for draft in drafts if not isinstance(draft, BaseException)]
    if not usable:
        raise drafts[0]
    graded = [(await grade(draft), draft) for draft in usable]
    score, best = max(graded)
    state.update(best=best, score=score, failed=len(drafts) - len(usable))
    return state
