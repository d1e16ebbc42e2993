"""A `TypedDict` is a dict in Python too; what actors answer are objects."""

from typing import NotRequired, TypedDict

from work import ask, find, same


class Job(TypedDict):
    query: str
    notes: NotRequired[list[str]]


async def a_dict(job: Job) -> Job:
    answer = await ask(job["query"])
    notes = job.setdefault("notes", [])
    notes.append(answer.text)
    other = Job(query=job["query"] + "?", notes=[*notes])
    again: Job = Job(other, query=await same(other["query"]))
    job["both"] = [again == other, Job(**again)]
    items = []
    for source in answer.sources:
        item = await find(source.name)
        items.append(item)
        source.price += item.price
    job["prices"] = [item.price for item in items]
    job["best"] = max(answer.sources, key=lambda source: source.price)
    return job
