"""Comprehensions, lambdas, walrus, conditional expressions."""

from functools import reduce

from shapes import Item, State
from work import search, table


async def nested(state: State) -> State:
    rows = await search(state.query, 3)
    named = {item.name: item for item in rows}
    state.by_name.update(named)
    state.meta["sum"] = sum(map(lambda item: item.price, rows))
    state.meta["many"] = [(a.name, b.price) for a in rows for b in state.items if a.price < b.price]
    if (first := next((item for item in rows if item.price > 1), None)) is not None:
        state.items.insert(0, first)
        first.tags.append("walrus")
    state.meta["zip"] = [left.name + right.name for left, right in zip(rows, state.items)]
    found = await table([item.name for item in rows])
    for name in found:
        found[name].price += named[name].price
    state.meta["found"] = {name: item.price for name, item in found.items()}
    cheap, *others = sorted(rows, key=lambda item: -item.price)
    state.meta["cheap"] = [cheap.name, [item.name for item in others]]
    cheapest = min(rows, key=lambda item: item.price, default=Item("none"))
    cheapest.name = "cheapest"
    popped = rows.pop()
    state.meta["popped"] = popped.name if len(rows) > 1 else None
    by_length: dict[str, list[Item]] = {}
    for item in rows + state.items:
        by_length.setdefault(str(len(item.name)), []).append(item)
    state.meta["lengths"] = {key: [item.name for item in items] for key, items in by_length.items()}
    return state
