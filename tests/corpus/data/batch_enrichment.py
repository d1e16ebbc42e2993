"""Enriches records a few at a time; what a record is given is written into it."""

import asyncio

from ai import flow
from ai.data import find_company, geocode

BATCH = 2


@flow
async def batch_enrichment(state: dict) -> dict:
    records = state["records"]
    failed = 0
    for start in range(0, len(records), BATCH):
        batch = records[start : start + BATCH]
        companies = await asyncio.gather(*[find_company(r["name"]) for r in batch], return_exceptions=True)
        for record, company in zip(batch, companies):
            if isinstance(company, ConnectionError):
                record["error"] = str(company)
                failed += 1
            else:
                record.update(company or {"size": 0})
    for record in records:
        if record.get("address"):
            record["place"] = await geocode(record["address"])
    state["failed"] = failed
    return state
