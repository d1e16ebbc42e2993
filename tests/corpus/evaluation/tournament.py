"""Answers meet in pairs until one is left; an odd one goes through."""

from ai import flow
from ai.llm import Judge


@flow
async def tournament(state: dict) -> dict:
    judge = Judge()
    players = state["answers"]
    rounds = []
    while len(players) > 1:
        winners = []
        for first, second in zip(players[::2], players[1::2]):
            won = await judge.compare(first, second)
            winners.append(second if won == "second" else first)
        if len(players) % 2:
            winners.append(players[-1])
        rounds.append(len(players))
        players = winners
    state["winner"] = players[0]
    state["rounds"] = rounds
    return state
