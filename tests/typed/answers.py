"""Answers that say what they are, or are declared where they are assigned."""

from shapes import Answer, State
from work import ask, fewer, partly, raw, same


async def answers(state: State) -> State:
    said = await ask(state.query)
    state.meta["said"] = [said.text, said.score, [source.name for source in said.sources]]
    half = await partly(state.query)
    state.meta["half"] = [half.text, half.score, half.sources[0].price]
    declared: Answer = await raw(state.query)
    state.meta["declared"] = [declared.text, declared.score, declared.sources]
    state.answer = await raw("field")
    state.meta["field"] = [state.answer.score, state.answer.sources]
    state.meta["inside"] = (await partly("inside")).score
    state = await same(state)
    state.count += 1
    state = await fewer(state)
    state.meta["fewer"] = state.settings.limit
    return state
