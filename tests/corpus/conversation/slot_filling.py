"""Books a table: asks until it knows everything, and repeats what it heard."""

from ai import flow
from ai.llm import extract
from ai.people import ask
from ai.shop import reserve

SLOTS = ["day", "people", "name"]


@flow
async def slot_filling(state: dict) -> dict:
    known = {slot: value for slot, value in (await extract(state["text"], SLOTS)).items() if value}
    asked = []
    while missing := [slot for slot in SLOTS if slot not in known]:
        slot = missing[0]
        if asked.count(slot) == 2:
            state["gave_up_on"] = slot
            break
        asked.append(slot)
        reply = await ask(f"{slot.capitalize()}?" if asked.count(slot) == 1 else f"Sorry, {slot}?", state["replies"])
        match (reply or "").split():
            case []:
                continue
            case ["cancel", *_]:
                return {"cancelled": True, "asked": asked}
            case ["for", people] if slot == "people":
                known[slot] = people
            case words:
                known[slot] = " ".join(words)
    else:
        state["booking"] = await reserve("table", count=int(known["people"]))
    state["known"] = known
    state["asked"] = asked
    return state
