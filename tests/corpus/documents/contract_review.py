"""Every clause against every rule; a forbidden clause ends the review."""

from ai import flow
from ai.documents import check_clause, find_clauses

RULES = ("unlimited", "exclusive")
FORBIDDEN = "forever"


@flow
async def contract_review(state: dict) -> dict:
    issues = []
    stopped = False
    for title, section in state["contract"].items():
        for clause in await find_clauses(section):
            for rule in RULES:
                found = await check_clause(clause, rule)
                if not found["ok"]:
                    issues.append({"section": title, **found})
                    break
            else:
                if FORBIDDEN in clause:
                    stopped = True
            if stopped:
                state["stopped_at"] = {"section": title, "clause": clause}
                break
        if stopped:
            break
    else:
        state["reviewed"] = "all"
    state["issues"] = issues
    return state
