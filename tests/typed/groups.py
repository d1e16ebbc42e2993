"""Parallel calls that answer objects."""

import asyncio

from shapes import Answer, State
from work import ask, find, pair, partly, raw, search


async def groups(state: State) -> State:
    one, other = await asyncio.gather(find("one"), partly("other"))
    state.items += [one]
    state.meta["other"] = other.sources[0].price
    answers = await asyncio.gather(*[partly(item.name) for item in state.items])
    state.meta["answers"] = [f"{answer.text} {answer.score}" for answer in answers]
    declared: list[Answer] = await asyncio.gather(*(raw(item.name) for item in state.items))
    state.meta["declared"] = sum(answer.score for answer in declared)
    found = [await ask(item.name) for item in state.items if item.price < 1]
    state.meta["found"] = [answer.text for answer in found]
    user, answer = await pair(state.query)
    state.user = user
    state.answer = answer
    state.items.extend(await search(state.query, state.settings.limit))
    async with asyncio.TaskGroup() as group:
        task = group.create_task(find("task"))
    state.meta["task"] = task.result().name
    return state
