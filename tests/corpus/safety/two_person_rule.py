"""Two different people must agree; one veto is enough."""

from ai import flow
from ai.people import ask, notify
from ai.tools import delete_file


@flow
async def two_person_rule(state: dict) -> dict:
    approvals = set()
    for person in state["people"]:
        answer = await ask(person, state["answers"])
        if answer == "veto":
            break
        if answer != "yes":
            continue
        approvals.add(person)
        if len(approvals) == 2:
            state["result"] = await delete_file(state["path"])
            break
    else:
        for person in state["people"]:
            await notify(person, f"{state['path']} still needs approval")
    state["approved_by"] = sorted(approvals)
    return state
