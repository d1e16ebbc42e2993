"""Extracts fields, checks them, and asks again with the problems as hints."""

from ai import flow
from ai.documents import extract_invoice
from ai.errors import ValidationFailed

REQUIRED = {"number", "total"}


def check(fields):
    problems = [f"{name} is missing" for name in sorted(REQUIRED - fields.keys())]
    if "total" in fields and not fields["total"].replace(".", "", 1).isdigit():
        problems.append(f"total is {fields['total']}")
    if problems:
        raise ValidationFailed(problems)
    return {**fields, "total": float(fields["total"])}


@flow
async def invoice_extraction(state: dict) -> dict:
    hints = []
    for attempt in range(1, 3):
        fields = await extract_invoice(state["text"], hints=hints)
        try:
            state["invoice"] = {"attempt": attempt, **check(fields)}
            break
        except ValidationFailed as failed:
            hints = failed.problems
            state["problems"] = [*state.get("problems", []), *hints]
    else:
        raise ValueError(f"no invoice: {'; '.join(hints)}")
    return state
