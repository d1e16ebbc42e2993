"""Retries what may pass, waits longer every time, and gives up with the last error."""

import asyncio
import itertools

from ai.jobs import call_service
from ai.marks import flow

RETRYABLE = (TimeoutError, ConnectionError)


@flow
async def retry_with_backoff(state: dict) -> dict:
    waited = 0.0
    for attempt in itertools.count(1):
        try:
            state["result"] = await call_service("billing", attempt, state["plan"])
            break
        except RETRYABLE as error:
            if attempt == state.get("attempts", 3):
                raise
            pause = 0.001 * 2**attempt
            waited += pause
            state.setdefault("errors", []).append(type(error).__name__)
            await asyncio.sleep(pause)
    state["waited"] = round(waited, 4)
    return state
