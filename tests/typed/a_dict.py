"""A `TypedDict` is a dict in Python too; what actors answer are objects."""

from typing import NotRequired, TypedDict

from work import ask, find


class Job(TypedDict):
    query: str
    notes: NotRequired[list[str]]


async def a_dict(job: Job) -> Job:
    answer = await ask(job["query"])
    notes = job.setdefault("notes", [])
    notes.append(answer.text)
    items = []
    for source in answer.sources:
        item = await find(source.name)
        items.append(item)
        source.price += item.price
    job["prices"] = [item.price for item in items]
    job["best"] = max(answer.sources, key=lambda source: source.price)
    return job
