"""Runs a suite of prompts and compares with what was expected; the first wrong one may end it."""

from ai import flow
from ai.llm import complete


@flow
async def regression_suite(state: dict) -> dict:
    wrong = []
    for group, cases in state["suite"].items():
        stop = False
        for number, case in enumerate(cases):
            got = await complete(case["prompt"], model=case.get("model", "small"))
            if got == case["expected"]:
                continue
            wrong.append({"case": f"{group}[{number}]", "got": got})
            if state.get("fail_fast"):
                stop = True
                break
        if stop:
            break
    assert len(wrong) <= state.get("allowed", 1), f"{len(wrong)} wrong answers: {wrong[0]['case']}"
    state["wrong"] = wrong
    return state
