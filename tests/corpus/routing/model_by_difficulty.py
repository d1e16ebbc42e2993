"""Cheap questions to the cheap model; what it does not know goes to a better one."""

from ai import flow
from ai.llm import complete, count_tokens, price


def choose(tokens):
    if tokens < 4:
        return "small"
    return "medium" if tokens < 8 else "large"


@flow
async def model_by_difficulty(state: dict) -> dict:
    total = 0
    answers = {}
    for question in dict.fromkeys(state["questions"]):
        model = choose(count_tokens(question))  # asya: inline
        answer = await complete(question, model=model)
        if model == "small" and answer.endswith("?"):
            model = "medium"
            answer = await complete(question, model=model)
        total += price(count_tokens(question + answer), model) + 1
        answers[question] = {"by": model, "answer": answer}
    state["answers"] = answers
    state["cost"] = total
    return state
