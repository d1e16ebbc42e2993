"""Scores leads, in the order they came, and assigns the best to people by turns."""

from itertools import cycle

from ai import flow
from ai.data import find_company, score_lead
from ai.people import assign


@flow
async def lead_scoring(state: dict) -> dict:
    scored = []
    for lead in state["leads"]:
        company = await find_company(lead["name"])
        scored.append(await score_lead({**lead, **(company or {})}))
    best = sorted((lead for lead in scored if lead["score"] >= 20), key=lambda lead: -lead["score"])
    assigned = []
    for lead, seller in zip(best, cycle(state["sellers"])):
        assigned.append(await assign(lead, seller))
    state["assigned"] = {lead["name"]: lead["agent"] for lead in assigned}
    state["rest"] = [lead["name"] for lead in scored if lead not in best]
    return state
