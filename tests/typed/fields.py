"""Reads and writes fields of all kinds."""

from shapes import State
from work import load, same


async def fields(state: State) -> State:
    state.count += 1
    state.meta["before"] = state.query.upper()
    state = await load(state)
    if state.count > 11 and state.items[0].name:
        state.items[-1].price *= 2
    state.meta["names"] = [item.name for item in state.items if item.price]
    state.meta["k"] = state.meta.get("k", 0) + state.count
    state = await same(state)
    state.user.name, state.user.age = state.user.name + "!", state.count
    return state
