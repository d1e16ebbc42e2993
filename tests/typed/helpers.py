"""Functions of the flow's file that take and give objects."""

from shapes import Answer, Item, State
from work import ask, find, score, tagged


def inline(function):
    return function


def unfold(function):
    return function


def worth(items: list[Item], limit: float = 1.0) -> float:
    return sum(item.price for item in items if item.price >= limit)


def best(items: list[Item]) -> Item | None:
    if not items:
        return None
    first = items[0]
    for item in items:
        if item.price > first.price:
            first = item
    return first


def described(answer: Answer) -> str:
    names = ", ".join(source.name for source in answer.sources)
    return f"{answer.text} ({names})"


@unfold
async def priced(item: Item) -> Item:
    found = await find(item.name)
    if found.price < item.price:
        return item
    item.price = found.price
    return found


@unfold
async def add(state: State) -> State:
    state.items.append(await priced(Item("added")))
    return state


async def helpers(state: State) -> State:
    state.meta["worth"] = "%.1f" % worth(state.items)
    state = await add(state)
    top = best(state.items) or None
    if top is not None and worth([top]) > 0:
        state.meta["top"] = top.name
        state.meta["score"] = score(top)
        copy = tagged(top)
        state.items.append(copy)
    answer = await ask("q")
    state.meta["described"] = "> " + described(answer)
    return state
