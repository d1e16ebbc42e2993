"""Answers in the language of the question, whatever language the model speaks."""

from ai import complete, flow
from ai.writing import detect_language, translate


@flow
async def language_router(state: dict) -> dict:
    question = state["question"]
    if (language := await detect_language(question)) != "en":
        question = await translate(question, target="en")
    answer = await complete(question)
    state["answer"] = answer if language == "en" else await translate(answer, target=language)
    state["language"] = language
    return state
