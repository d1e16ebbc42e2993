"""Makes a plan, carries it out step by step, and plans anew when a step fails."""

from ai import flow
from ai.errors import ToolError
from ai.llm import complete
from ai.tools import run_tool

MAX_PLANS = 2


async def make_plan(goal, failed=None):
    steps = [step.strip() for step in goal.split(",")]
    return [step for step in steps if step != failed]


@flow
async def plan_and_execute(state: dict) -> dict:
    done = []
    plan = await make_plan(state["goal"])
    plans = 1
    while plan:
        step = plan.pop(0)
        tool, *arguments = step.split()
        try:
            result = await run_tool(tool, arguments)
        except ToolError as problem:
            if plans == MAX_PLANS:
                state["error"] = str(problem)
                break
            plans += 1
            finished = [entry["step"] for entry in done]
            plan = await make_plan(state["goal"], failed=step)
            plan = [step for step in plan if step not in finished]
            continue
        done.append({"step": step, "result": result})
    state["plans"] = plans
    state["done"] = done
    state["report"] = await complete("Report: " + "; ".join(f"{d['step']} = {d['result']}" for d in done))
    return state
