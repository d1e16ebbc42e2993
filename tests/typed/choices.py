"""Conditions, enums, comparisons."""

from shapes import Color, Level, State, Turn
from work import maybe, same


async def choices(state: State) -> State:
    if state.settings.color == Color.RED:
        state.settings.color = Color.BLUE
    elif state.settings.color in (Color.BLUE,):
        state.meta["color"] = state.settings.color.value
    if state.settings.level != Level.LOW:
        state.meta["level"] = state.settings.level.value + 1
    user = await maybe(state.user.name)
    if user is None:
        user = await maybe("other")
    state.meta["user"] = user.name if user else "none"
    if state.settings.color is Color.BLUE and state.settings.level >= Level.LOW:
        state.meta["is"] = [state.settings.color is not (Color.RED), Level.LOW < state.settings.level <= 2]
    color = Color(await same("blue"))
    try:
        Color(await same("green"))
    except ValueError as error:
        state.meta["error"] = str(error)
    for one in Color:
        if one is color:
            state.meta["one"] = await same(one.value)
    state.meta["all"] = [each.value for each in Color] + [Level(2).value]
    match state.settings.color:
        case Color.RED | Color.BLUE as found if await same(True):
            state.meta["found"] = found.value
        case _:
            state.meta["found"] = await same(1)
    match state.settings.level:
        case 1:
            state.meta["number"] = "one"
        case Level.HIGH:
            state.meta["number"] = await same("high")
    turn = Turn.RIGHT
    match turn:
        case Turn.LEFT | None:
            pass
        case Turn.RIGHT:
            state.meta["turn"] = [turn.value, await same(Turn.LEFT.value), Turn(2).value]
    match state.settings.mode:
        case "fast":
            state.count = 100
        case mode if len(mode) > state.count:
            state.meta["mode"] = mode
        case _:
            pass
    again = await same(state.settings.limit)
    state.meta["equal"] = [state.user == user, state.user != state.user.friend, again < state.settings.limit <= 3]
    if not state.user.friend:
        state.user.friend = user
    assert state.user.friend is not state.user, f"{state.user.name} is alone"
    return state
