"""One model after the other, until one answers."""

from ai import complete, flow
from ai.errors import ContextTooLong, ModelOverloaded

MODELS = ["large", "medium", "small"]


@flow
async def fallback_models(state: dict) -> dict:
    failures = {}
    for model in MODELS:
        try:
            answer = await complete(state["prompt"], model=model)
        except ModelOverloaded as e:
            failures[model] = e.retry_after
        except ContextTooLong:
            state["prompt"] = state["prompt"][-500:]
            failures[model] = "too long"
        else:
            break
    else:
        raise RuntimeError(f"all models failed: {', '.join(failures)}")
    return {"answer": answer, "model": model, "failures": failures}
