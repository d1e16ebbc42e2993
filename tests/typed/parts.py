"""Variables that stand for parts of the payload."""

from shapes import State
from work import same


async def parts(state: State) -> State:
    user = state.user
    items = state.items
    first = items[0] if items else None
    state.meta["same"] = await same(user.name)
    user.age += 1
    if first:
        first.tags += ["first"]
        rest = items[1:]
        state.meta["rest"] = [one.name for one in rest]
    friend = user.friend or user
    friend.name += " the friend"
    items.append(first) if first else None
    return state
