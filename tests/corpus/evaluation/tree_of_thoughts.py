"""Beam search: every thought is continued in several ways, the best ones survive."""

import asyncio

from ai import flow
from ai.llm import complete, grade


@flow
async def tree_of_thoughts(state: dict) -> dict:
    beam = [(0, state["question"])]
    for depth in range(state["depth"]):
        candidates = []
        for _, thought in beam:
            children = await asyncio.gather(*(complete(f"{thought} {idea}") for idea in state["ideas"]))
            scores = await asyncio.gather(*(grade(child, question=state["question"]) for child in children))
            candidates.extend(zip(scores, children))
        candidates.sort(key=lambda pair: (-pair[0], pair[1]))
        beam = candidates[: state.get("width", 2)]
        if beam and beam[0][0] >= 10:
            state["solved_at"] = depth + 1
            break
    state["best"] = beam[0][1] if beam else None
    return state
