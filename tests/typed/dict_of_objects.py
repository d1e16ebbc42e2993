"""An untyped payload that objects are put into."""

from shapes import Item
from work import ask, find


async def dict_of_objects(p: dict) -> dict:
    p["answer"] = await ask(p["query"])
    item = await find("i")
    rows = {"first": item, "second": Item("made")}
    rows["third"] = await find("third")
    p["rows"] = [row.name for row in rows.values()]
    p["item"] = item
    item.price = 8.5
    got = rows.get("third")
    if got:
        p["got"] = got.tags
    return p
