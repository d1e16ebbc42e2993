"""Long lines and comments inside what becomes something else."""

from shapes import Item, State
from work import same


async def wrapped(state: State) -> State:
    total = (
        state.items[0].price  # of the first
        + state.items[
            -1
        ].price
    )
    state.items.append(
        Item(
            # the name
            f"total {total}",
            tags=[
                item.name
                for item in state.items
                if item.name != state.query and (
                    item.price > 1
                )
            ],
        )
    )
    if (
        state.count
        and state.user.name
    ):
        state = await same(
            state
        )
    state . count = state  .  count + 1
    (state.user).age = (
        state.user.age + 1)
    return state
