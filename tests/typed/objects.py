"""Objects whose methods are actors beside objects that are payloads."""

from shapes import Item, State
from work import Shop


async def objects(state: State) -> State:
    shop = Shop()
    for item in state.items:
        sold = await shop.sell(item)
        state.by_name[sold.name] = sold
        item.price = sold.price
    state.items.append(await shop.sell(Item("last")))
    return state
