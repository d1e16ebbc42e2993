"""Spends no more than the budget, and says what it spent, whatever happens."""

from ai import flow
from ai.errors import BudgetExceeded
from ai.llm import complete, count_tokens, price

MODELS = ("large", "medium", "small")


@flow
async def budgeted_agent(state: dict) -> dict:
    spent = 0
    answers = []
    try:
        for question in state["questions"]:
            for model in MODELS:
                cost = price(count_tokens(question), model=model)
                if spent + cost <= state["budget"]:
                    break
            else:
                raise BudgetExceeded(f"{len(answers)} of {len(state['questions'])} answered")
            spent += cost
            answers.append(await complete(question, model=model))
    except BudgetExceeded as stop:
        if state.get("strict"):
            raise
        state["stopped"] = str(stop)
    finally:
        state["spent"] = spent
    state["answers"] = answers
    return state
