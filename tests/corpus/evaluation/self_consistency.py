"""Asks several times and takes what was said most often."""

import asyncio
from collections import Counter

from ai import complete, flow


@flow
async def self_consistency(state: dict) -> dict:
    samples = await asyncio.gather(*[complete(state["question"], temperature=t) for t in state["temperatures"]])
    votes = Counter(samples)
    (winner, count), *others = votes.most_common()
    if others and others[0][1] == count:
        state["tie"] = sorted(answer for answer in votes if votes[answer] == count)
        winner = await complete(f"Decide between {' and '.join(state['tie'])}", model="large")
    state["answer"] = winner
    state["agreement"] = round(count / len(samples), 2)
    return state
