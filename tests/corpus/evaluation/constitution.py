"""Goes through principles; a violated one leads to a repair, and repairs are checked again."""

from ai import flow
from ai.llm import complete
from ai.writing import Critic

PRINCIPLES = ["do not say stupid", "do not say never", "do not say kill"]


@flow
async def constitution(state: dict) -> dict:
    critic = Critic()
    text = await complete(state["prompt"])
    repairs = []
    clean = False
    while not clean:
        clean = True
        for principle in PRINCIPLES:
            verdict = await critic.judge(text, principle)
            if not verdict["violated"]:
                continue
            if len(repairs) == state.get("max_repairs", 5):
                state["text"] = None
                state["repairs"] = repairs
                return state
            text = await critic.repair(text, principle)
            repairs.append(principle)
            clean = False
            break
    state["text"] = text
    state["repairs"] = repairs
    return state
