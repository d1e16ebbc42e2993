"""Whatever happens inside, the lock is given back."""

from ai.data import load, store
from ai.marks import flow
from ai.moderation import Lock


@flow
async def lock_and_clean_up(state: dict) -> dict:
    lock = Lock()
    try:
        token = await lock.acquire(state["table"])
    except BlockingIOError:
        state["status"] = "busy"
        return state
    try:
        rows = await load(state["source"])
        if not rows:
            state["status"] = "empty"
            return state
        state["stored"] = await store(rows, table=state["table"])
        state["status"] = "stored"
    finally:
        await lock.release(token)
        state["released"] = token
    return state
