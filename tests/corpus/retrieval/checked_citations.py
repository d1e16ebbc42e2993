"""Every citation of the answer must exist and be relevant; else the answer is written again without it."""

import re

from ai import flow
from ai.search import answer_from, is_relevant, search

CITATION = re.compile(r"\[(\w+)\]")


@flow
async def checked_citations(state: dict) -> dict:
    documents = {d["id"]: d for d in await search(state["question"], top_k=4)}
    documents.update(state.get("invented", {}))
    for _ in range(3):
        answer = await answer_from(state["question"], list(documents.values()))
        for name in CITATION.findall(answer):
            if not await is_relevant(documents[name], state["question"]):
                del documents[name]
                break
        else:
            state["answer"] = answer
            return state
    raise LookupError(f"too many useless documents, {len(documents)} left")
