"""Documents are graded first; when none is good the web is asked, which may be out of reach."""

import asyncio

from ai import flow
from ai.search import answer_from, is_relevant, search, web_search


@flow
async def corrective_rag(state: dict) -> dict:
    question = state["question"]
    documents = await search(question)
    verdicts = await asyncio.gather(*[is_relevant(document, question) for document in documents])
    good = [document for document, verdict in zip(documents, verdicts) if verdict]
    if not good:
        try:
            good = await web_search(question)
            state["from_web"] = True
        except ConnectionError as error:
            state["note"] = f"no web: {error}"
            good = documents
    state["answer"] = await answer_from(question, good)
    return state
