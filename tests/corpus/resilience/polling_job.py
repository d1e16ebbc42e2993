"""Starts a job, asks how it is until it is done, fetches what it made."""

import asyncio

from ai import flow
from ai.errors import NotReady
from ai.jobs import cancel, result_of, start, status

MAX_POLLS = 8


@flow
async def polling_job(state: dict) -> dict:
    job = await start(state["spec"])
    polls = 0
    while (now := await status(job, asked=polls)) != "done":
        if now == "failed":
            raise RuntimeError(f"{job['id']} failed")
        polls += 1
        if polls > MAX_POLLS:
            await cancel(job)
            state["status"] = "cancelled"
            return state
        await asyncio.sleep(0)
    try:
        state["result"] = await result_of(job)
    except NotReady as e:
        raise TimeoutError(f"{e} said it was done") from e
    state["status"], state["polls"] = now, polls
    return state
