"""Stops calling a service that keeps failing; every other request goes to a stand-in."""

from ai.jobs import call_service
from ai.marks import flow

THRESHOLD = 2


@flow
async def circuit_breaker(state: dict) -> dict:
    results = []
    failures = 0
    for number, request in enumerate(state["requests"], 1):
        is_open = failures >= THRESHOLD and number % 3 != 0
        if is_open:
            results.append({"request": request, "from": "stand-in"})
            continue
        try:
            reply = await call_service(request, number, state["plan"])
        except (TimeoutError, RuntimeError) as error:
            failures += 1
            results.append({"request": request, "error": f"{error}"})
        else:
            failures = 0
            results.append({"request": request, "from": reply["value"]})
    state.update(results=results, open=failures >= THRESHOLD)
    return state
