"""The same names for different things, as happens in grown code."""

from ai import flow
from ai.data import find_company, load
from ai.text import ease


@flow
async def names_again(state: dict) -> dict:
    name, names = None, []
    row = {"name": state.get("first", "nobody")}
    error = "none"
    for row in await load(state["source"]):
        try:
            company = await find_company(row["name"])
            names.append(row["name"] if company else None)
        except ConnectionError as error:
            names.append(str(error))
    if state["source"] == "acme":
        print(error, len(names))
    known = [name for name in names if name is not None]
    state["name"], state["last"], state["known"] = name, row["name"], known
    state["ease"] = max((ease(name) for name in known), default=None)
    ease_of = {name: len(name) for name in known}
    for name, length in ease_of.items():
        if length > 15:
            break
    else:
        name = "all short"
    state["result"] = name
    return state
