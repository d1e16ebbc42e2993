"""Makes objects."""

from dataclasses import asdict, replace

from shapes import Answer, Item, Settings, State, User
from work import find, judge


async def making(state: State) -> State:
    item = Item("new", tags=[state.query])
    state.items.append(item)
    item.price = await judge(item)
    state.by_name["other"] = Item(name="other", price=2.0)
    state.by_name["found"] = await find("f", price=state.by_name["other"].price)
    state.answer = Answer("made", sources=[item, *state.items[:1]])
    state.settings = Settings(limit=4)
    state.user = replace(state.user, name="changed", friend=User("x"))
    state.meta["dict"] = asdict(state.user)
    snapshot = asdict(state)
    state.items[0].name = "later"
    state.meta["before"] = snapshot["items"][0]["name"]
    whole = State(state.query, user=state.user, meta=state.meta)
    whole.count = len(state.items)
    state.items.clear()
    return whole
