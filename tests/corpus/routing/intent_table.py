"""A table says which function deals with which intent."""

from ai import classify, flow
from ai.errors import ToolError
from ai.search import web_search
from ai.tools import lookup_order, weather

ACTIONS = {"order": lookup_order, "weather": weather, "search": web_search}


@flow
async def intent_table(state: dict) -> dict:
    intent = await classify(state["text"], list(ACTIONS))
    action = ACTIONS[intent["label"]]
    argument = state["text"].split()[-1]
    try:
        result = await action(argument)
    except ToolError as e:
        result = {"error": e.reason}
    state["intent"] = intent["label"]
    state["result"] = result
    return state
