"""Reads CSV, geocodes every line, and writes CSV again."""

import csv
import io

from ai import flow
from ai.data import geocode


@flow
async def csv_import(state: dict) -> dict:
    rows = list(csv.DictReader(io.StringIO(state["csv"])))
    errors = []
    for line, row in enumerate(rows, start=2):
        try:
            place = await geocode(row["address"])
        except ValueError as e:
            errors.append(f"line {line}: {e}")
            row["lat"] = ""
        else:
            row["lat"] = str(place["lat"])
    if errors and state.get("strict"):
        raise ValueError("; ".join(errors))
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=["name", "address", "lat"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return {"csv": out.getvalue(), "errors": errors}
