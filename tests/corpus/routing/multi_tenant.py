"""Tenants have different models, limits and extras."""

from ai import complete, flow
from ai.llm import count_tokens
from ai.moderation import audit, moderate

TENANTS = {
    "free": {"model": "small", "limit": 5},
    "team": {"model": "medium", "limit": 50, "moderated": True},
    "bank": {"model": "large", "limit": 500, "moderated": True, "audit": {"level": "full"}},
}


@flow
async def multi_tenant(state: dict) -> dict:
    tenant = TENANTS.get(state["tenant"], TENANTS["free"])
    match tenant:
        case {"limit": limit} if count_tokens(state["prompt"]) > limit:
            return {"error": "over the limit", "limit": limit}
        case {"moderated": True, **extras}:
            verdict = await moderate(state["prompt"])
            if verdict["flagged"]:
                return {"error": "not allowed", "categories": verdict["categories"]}
            if level := extras.get("audit", {}).get("level"):
                await audit({"tenant": state["tenant"], "level": level})
    answer = await complete(state["prompt"], model=tenant["model"])
    return {"answer": answer}
