"""Which source to ask depends on the question."""

from ai import flow
from ai.data import find_company
from ai.llm import classify
from ai.search import search, web_search
from ai.tools import lookup_order


@flow
async def routed_retrieval(state: dict) -> dict:
    question = state["question"]
    match await classify(question, ["order", "company", "news", "docs"]):
        case {"label": "order"} if (number := question.split()[-1]).isdigit():
            context = [await lookup_order(number)]
        case {"label": "company", "confidence": sure} if sure > 0.5:
            name = question.removeprefix("company ")
            context = [await find_company(name)]
        case {"label": "news"}:
            context = await web_search(question)
        case {"label": label}:
            state["label"] = label
            context = await search(question)
    state["context"] = [part for part in context if part is not None]
    return state
