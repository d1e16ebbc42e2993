"""Agents hand a request to each other until one of them keeps it."""

from ai import flow
from ai.llm import classify, complete
from ai.people import notify


@flow
async def handoffs(state: dict) -> dict:
    agent = "reception"
    path = []
    while agent is not None:
        path.append(agent)
        match agent:
            case "reception":
                topic = await classify(state["request"], ["billing", "broken", "other"])
                agent = {"billing": "billing", "broken": "engineer"}.get(topic["label"])
                if agent is None:
                    state["answer"] = await complete(f"Answer kindly\n{state['request']}")
            case "billing" if "refund" in state["request"]:
                agent = "manager"
            case "billing":
                state["answer"] = await complete(f"About bills\n{state['request']}", model="medium")
                agent = None
            case "engineer" | "manager":
                await notify(agent, state["request"])
                state["answer"] = f"The {agent} will call you."
                agent = None
    state["path"] = path
    return state
