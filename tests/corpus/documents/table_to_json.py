"""Asks for JSON until it is JSON and has what is needed; a larger model may do better."""

import json

from ai import complete, flow

MODELS = ["small", "medium"]


@flow
async def table_to_json(state: dict) -> dict:
    attempts = []
    for model in MODELS:
        raw = await complete(f"Give me JSON {state.get('tags', '')}\n{state['table']}", model=model)
        try:
            data = json.loads(raw)
            rows = data[state.get("key", "answer")].split(";")
        except json.JSONDecodeError as e:
            attempts.append(f"{model}: {e.msg} at {e.pos}")
        except KeyError as e:
            attempts.append(f"{model}: no {e}")
        else:
            state["rows"] = [row.split(",") for row in rows]
            break
        finally:
            attempts.append(f"{model} done")
    state["attempts"] = attempts
    return state
