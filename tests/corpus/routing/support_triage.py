"""Sorts tickets, sends each to a team, escalates the angry ones."""

from ai import classify, flow
from ai.people import assign, notify

TEAMS = {"billing": "finance", "broken": "engineering"}


def is_angry(text):
    return text.isupper() or text.count("!") > 2


@flow
async def support_triage(state: dict) -> dict:
    ticket = {"text": state["text"], "angry": is_angry(state["text"])}
    topic = await classify(ticket["text"], ["billing", "broken", "question"])
    if topic["confidence"] < 0.5 and not ticket["angry"]:
        ticket["status"] = "auto-reply"
        return {"ticket": ticket}
    team = TEAMS.get(topic["label"], "support")
    ticket = await assign(ticket, team)
    if ticket["angry"]:
        await notify("manager", f"{team}: {ticket['text'][:20]}")
        ticket["priority"] = 1
    return {"ticket": ticket}
