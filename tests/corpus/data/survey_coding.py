"""Gives codes to open answers, counts them, and asks a model about the most frequent ones."""

from collections import defaultdict

from ai import flow
from ai.data import code_answer
from ai.llm import complete

CODES = ["price", "speed", "help"]


@flow
async def survey_coding(state: dict) -> dict:
    by_code = defaultdict(list)
    uncoded = 0
    for index, answer in enumerate(state["answers"]):
        codes = await code_answer(answer, CODES)
        for code in codes or ["other"]:
            by_code[code].append(index)
        uncoded += not codes
    top = sorted(by_code, key=lambda code: (-len(by_code[code]), code))[:2]
    state["themes"] = {
        code: await complete(f"Theme {code}\n{state['answers'][by_code[code][0]]}") for code in top if code != "other"
    }
    state["counts"] = {code: len(indexes) for code, indexes in sorted(by_code.items())}
    state["uncoded"] = uncoded
    return state
