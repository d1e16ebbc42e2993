"""An answer must quote its sources word by word, or it is not given."""

import textwrap

from ai import flow
from ai.llm import complete
from ai.search import search

PROMPT = textwrap.dedent(
    """\
    Answer from these sources only:
    {sources}
    Q: {question}"""
)


@flow
async def quoted_sources(state: dict) -> dict:
    documents = await search(state["question"], top_k=2)
    sources = "\n".join(f"- {document['text']}" for document in documents)
    answer = await complete(PROMPT.format(sources=sources, question=state["question"]))
    quoted = [d["id"] for d in documents if any(word in answer for word in d["text"].split() if len(word) > 5)]
    if not quoted:
        answer = None
    state |= {"answer": answer, "quoted": quoted}
    return state
