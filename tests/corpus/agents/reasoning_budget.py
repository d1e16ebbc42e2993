"""Thinks until it is sure, or until it has thought long enough."""

from ai import flow
from ai.llm import complete, grade


@flow
async def reasoning_budget(state: dict) -> dict:
    thoughts: list[str] = []
    while (sure := await grade(" ".join(thoughts), question=state["question"])) < state["sure"]:
        thoughts.append(await complete(f"Think about: {state['question']}"))
        if len(thoughts) == 3:
            break
    state["sure"], state["thoughts"] = sure, len(thoughts)
    state["answer"] = await complete(f"Given {thoughts}\n{state['question']}", model="large" if sure > 5 else "small")
    return state
