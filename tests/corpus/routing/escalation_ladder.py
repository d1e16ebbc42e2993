"""Every level may solve it; those that cannot pass it on with a note."""

from ai import flow
from ai.llm import complete, grade
from ai.people import assign, notify

LADDER = [("bot", 0), ("junior", 3), ("senior", 6)]


@flow
async def escalation_ladder(state: dict) -> dict:
    difficulty = await grade(state["problem"])
    notes = []
    for level, (name, skill) in enumerate(LADDER):
        if difficulty > skill + 2:
            notes.append(f"{name} gave up")
            await notify(LADDER[min(level + 1, len(LADDER) - 1)][0], notes[-1])
            continue
        if name == "bot":
            state["solution"] = await complete(state["problem"])
        else:
            state["ticket"] = await assign({"problem": state["problem"], "notes": notes}, name)
        break
    else:
        state["solution"] = None
    state["notes"] = notes
    return state
