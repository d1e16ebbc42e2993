"""Several detectors look at once; any of them can stop it, a broken one is not trusted."""

import asyncio

from ai import flow
from ai.llm import complete
from ai.moderation import is_toxic, looks_like_code, looks_like_injection


@flow
async def jailbreak_screen(state: dict) -> dict:
    text = state["text"]
    injection, toxic, code = await asyncio.gather(
        looks_like_injection(text),
        is_toxic(text, threshold=state["threshold"]),
        looks_like_code(text),
        return_exceptions=True,
    )
    flags = {"injection": injection, "toxic": toxic, "code": code}
    broken = [name for name, flag in flags.items() if isinstance(flag, Exception)]
    if any(flag is True for flag in flags.values()) or broken:
        state["flags"] = {name: flag for name, flag in flags.items() if flag is True}
        state["broken"] = broken
        state["answer"] = "No."
    else:
        state["answer"] = await complete(text)
    return state
