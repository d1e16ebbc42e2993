"""Translates the paragraphs that need it, keeps the order, and checks that none is lost."""

import asyncio

from ai import flow
from ai.writing import detect_language, translate


@flow
async def translate_document(state: dict) -> dict:
    target = state.get("target", "en")
    languages = await asyncio.gather(*map(detect_language, state["paragraphs"]))
    foreign = [i for i, language in enumerate(languages) if language != target]
    translated = await asyncio.gather(*[translate(state["paragraphs"][i], target=target) for i in foreign])
    result = list(state["paragraphs"])
    for i, text in zip(foreign, translated):
        result[i] = text
    assert len(result) == len(languages)
    state["paragraphs"] = result
    state["translated"] = {str(i): languages[i] for i in foreign}
    return state
