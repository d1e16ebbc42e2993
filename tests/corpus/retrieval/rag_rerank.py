"""Retrieve many, keep the best, answer with sources."""

from ai import flow
from ai.search import answer_from, rerank, search

KEEP = 2
NO_ANSWER = "I do not know."


@flow
async def rag_rerank(state: dict) -> dict:
    question = state["question"].strip()
    if not question:
        raise ValueError("the question is empty")
    documents = await search(question, top_k=state.get("top_k", 5))
    if not documents:
        return {"question": question, "answer": NO_ANSWER, "sources": []}
    best = (await rerank(question, documents))[:KEEP]
    return {
        "question": question,
        "answer": await answer_from(question, best),
        "sources": [document["id"] for document in best],
    }
