"""Thought, action, observation; the text of the model says what comes next."""

import re

from ai import complete
from ai.marks import flow
from ai.tools import add, lookup_order, weather

ACTION = re.compile(r"(\w+)\[(.*?)\]")


@flow
async def react_agent(state: dict) -> dict:
    scratchpad = []
    steps = state["thoughts"]
    for number, step in enumerate(steps, start=1):
        thought = await complete(f"Question: {state['question']}\n{' '.join(scratchpad)}\n{number}. {step['think']}")
        scratchpad.append(thought)
        if (found := ACTION.search(step["act"])) is None:
            continue
        tool, argument = found.groups()
        if tool == "finish":
            state["answer"] = argument
            break
        elif tool == "add":
            first, second = argument.split("+")
            observation = await add(first, second)
        elif tool == "order":
            order = await lookup_order(argument)
            observation = order["status"] if order else "no such order"
        else:
            observation = (await weather(argument))["sky"]
        scratchpad.append(f"Observation: {observation}")
    else:
        state["answer"] = f"gave up after {len(steps)} steps"
    state["scratchpad"] = scratchpad
    return state
