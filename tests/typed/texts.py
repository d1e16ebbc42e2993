"""Fields in f-strings of all kinds."""

from shapes import State
from work import same


async def texts(state: State) -> State:
    state.meta["plain"] = f"{state.query}: {state.user.name!r:>10} {state.items[0].price:.2f}"
    state.meta["single"] = f'{state.query} {state.meta["plain"]}'
    state.meta["long"] = f"""
        {state.query}
        "{state.user.age}" {', '.join(item.name for item in state.items)}
    """
    state.meta["joined"] = ("it's " f"{state.query} " f'and "{state.count}"' "" f"{state.count:{state.count}}")
    state.meta["many lines"] = (
        state.user
        .name  # the name
        + (state).query
        + (state.items[0]
           ).name
    )
    state.meta["format"] = "{} {n}".format(state.query, n=state.count)
    state = await same(state)
    return state
