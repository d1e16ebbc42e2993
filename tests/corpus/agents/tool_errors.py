"""What a tool raises becomes an observation; three in a row end the run."""

from ai import flow
from ai.errors import ToolError
from ai.tools import run_tool

PATIENCE = 3


@flow
async def tool_errors(state: dict) -> dict:
    observations = []
    failures = 0
    for request in state["requests"]:
        try:
            value = await run_tool(request["tool"], request["arguments"])
        except ToolError as e:
            failures += 1
            observations.append({"tool": e.tool, "error": e.reason})
            if failures >= PATIENCE:
                raise RuntimeError(f"{failures} tools failed, last {e.tool}") from e
        except ZeroDivisionError:
            observations.append({"tool": request["tool"], "error": "cannot divide by zero"})
        else:
            failures = 0
            observations.append({"tool": request["tool"], "value": value})
    state["observations"] = observations
    return state
