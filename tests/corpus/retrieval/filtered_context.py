"""Everything in few lines: the calls stand where their values are used."""

from ai import flow
from ai.llm import complete
from ai.search import answer_from, is_relevant, rerank, search


@flow
async def filtered_context(state: dict) -> dict:
    question = state["question"]
    documents = [d for d in await search(question) if await is_relevant(d, question)]
    if not documents and not (documents := await search(await complete(question))):
        return {"answer": None}
    return {
        "answer": await answer_from(question, (await rerank(question, documents))[:2]),
        "headline": f"{(await complete(question, model='large')).upper()} ({len(documents)})",
    }
