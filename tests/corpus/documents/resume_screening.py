"""Reads résumés into objects, ranks them, and writes to the best ones."""

from dataclasses import asdict, dataclass, field
from typing import TypedDict

from ai import flow
from ai.llm import extract
from ai.people import notify


@dataclass
class Candidate:
    name: str
    years: int = 0
    skills: list = field(default_factory=list)


def points(candidate: Candidate, wanted: list) -> int:
    return candidate.years + 5 * len(set(candidate.skills) & set(wanted))


class Screening(TypedDict, total=False):
    resumes: list[str]
    wanted: list[str]
    invite: int
    ranking: list[dict]
    invited: list[str]


@flow
async def resume_screening(state: Screening) -> Screening:
    ranking = []
    for resume in state["resumes"]:
        fields = await extract(resume, ["name", "years", "skills"])
        if not fields["name"]:
            continue
        candidate = Candidate(fields["name"], int(fields["years"] or 0), (fields["skills"] or "").split())
        ranking.append({**asdict(candidate), "points": points(candidate, state["wanted"])})
    ranking.sort(key=lambda entry: entry["points"], reverse=True)
    state["ranking"] = ranking
    state["invited"] = []
    for entry in ranking[: state.get("invite", 1)]:
        await notify(entry["name"], f"We liked your {entry['points']} points")
        state["invited"].append(entry["name"])
    return state
