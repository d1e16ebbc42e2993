"""Searches with an answer that the model made up, which is often nearer to the documents than the question."""

from ai import flow
from ai.llm import complete, embed
from ai.search import answer_from, search


def distance(first, second):
    return sum(abs(a - b) for a, b in zip(first, second))


@flow
async def hyde(state: dict) -> dict:
    imagined = await complete(f"Imagine the answer: {state['question']}")
    target = await embed(imagined)
    near = []
    for document in await search(imagined, top_k=5):
        vector = await embed(document["text"])
        if distance(vector, target) < state["near"]:
            near.append(document)
    state["answer"] = await answer_from(state["question"], near)
    state["used"] = len(near)
    return state
