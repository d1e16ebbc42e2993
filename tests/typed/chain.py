"""Calls that need no router between them."""

from shapes import State
from work import same, whole


async def chain(state: State) -> State:
    state = await whole(state)
    state = await whole(state)
    state = await same(state)
    return state
