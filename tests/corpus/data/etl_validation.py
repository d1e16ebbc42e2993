"""Loads rows, sorts the bad ones out, stores the rest; too many bad rows are an error."""

from ai import flow
from ai.data import load, problems_of, store
from ai.errors import ValidationFailed


@flow
async def etl_validation(state: dict) -> dict:
    try:
        rows = await load(state["source"])
    except OSError as e:
        state["error"] = f"{e.strerror}: {e.filename}"
        return state
    rows.extend(state.get("more", []))
    good, bad = [], []
    for row in rows:
        (bad if problems_of(row) else good).append(row)
    if len(bad) > len(rows) / 2:
        raise ValidationFailed([problem for row in bad for problem in problems_of(row)])
    state["bad"] = [{"row": row, "problems": problems_of(row)} for row in bad]
    if good:
        state["stored"] = await store(good, table="clean")
    if bad and (count := await store(bad, table="bad")):
        state["put_aside"] = count
    return state
