"""Each intent has a tool of its own; the kinds of intent are a table."""

from ai import classify, flow
from ai.errors import ToolError
from ai.search import web_search
from ai.tools import lookup_order, weather

INTENTS = {"order": "an order of the shop", "weather": "the sky above a city", "search": "anything else"}


@flow
async def intent_table(state: dict) -> dict:
    intent = await classify(state["text"], list(INTENTS))
    argument = state["text"].split()[-1]
    try:
        match intent["label"]:
            case "order":
                result = await lookup_order(argument)
            case "weather":
                result = await weather(argument)
            case _:
                result = await web_search(argument)
    except ToolError as e:
        result = {"error": e.reason}
    state["intent"] = {"label": intent["label"], "about": INTENTS[intent["label"]]}
    state["result"] = result
    return state
