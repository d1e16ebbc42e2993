"""Errors around fields."""

from shapes import State
from work import fails, find


async def trying(state: State) -> State:
    for name in ["a", "b"]:
        try:
            state.count += 1
            item = await fails(name) if name == "b" else await find(name)
            state.items.append(item)
        except ValueError as error:
            state.meta["error"] = f"{error}, {state.count}"
        finally:
            state.user.age += 1
    if state.meta.get("raise"):
        raise RuntimeError(f"{state.user.name} of {state.query!r}")
    del state.meta["error"]
    return state
