"""Works through a batch; what fails is put aside, and too much of it is an error."""

from ai import flow
from ai.data import find_company, geocode


@flow
async def dead_letters(state: dict) -> dict:
    done, dead = [], []
    last = None
    for record in state["records"]:
        try:
            company = await find_company(record["name"])
            if company is None:
                raise LookupError(record["name"])
            place = await geocode(record.get("address"))
        except Exception as error:
            last = error
            dead.append({"record": record, "error": repr(error)})
            continue
        done.append({**record, **company, **place})
    if last is not None and len(dead) > len(done):
        raise last
    state["done"], state["dead"] = done, dead
    return state
