"""Goes over objects with calls in between: what is changed in one is changed in the payload."""

from shapes import State
from work import ask, judge


async def loops(state: State) -> State:
    for item in state.items:
        item.price = await judge(item)
        answer = await ask(item.name)
        item.tags.append(f"{answer.text}: {answer.sources[0].name}")
    for at, item in enumerate(state.items):
        state.meta[str(at)] = item.tags
    for key, item in state.by_name.items():
        item.name = f"{key} {item.name}"
    for item in sorted(state.by_name.values(), key=lambda item: item.price):
        state.meta[item.name] = await judge(item)
    while state.user.friend is not None:
        state.user = state.user.friend
        state.count += state.user.age
        state.answer = await ask(state.user.name)
    return state
