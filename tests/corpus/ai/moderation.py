"""Gates."""

import re

from .errors import Refused


async def moderate(text):
    categories = [word for word in ("violence", "spam", "hate") if word in text.lower()]
    return {"flagged": bool(categories), "categories": categories}


async def check_input(state):
    if "ignore previous" in state["question"].lower():
        raise Refused("prompt injection")
    state["checked"] = True
    return state


async def check_output(text):
    if "secret" in text.lower():
        raise Refused("leaks a secret")
    return text


async def looks_like_injection(text):
    return "ignore previous" in text.lower()


async def looks_like_code(text):
    return "`" in text or "def " in text


async def is_toxic(text, threshold=0.5):
    return text.lower().count("idiot") / max(1, len(text.split())) > threshold


def find_names(text):
    return re.findall(r"\b[A-Z][a-z]+ [A-Z][a-z]+\b", text)


async def audit(event):
    """Writes the event down somewhere; nothing comes back."""


class Lock:
    """A lock that somebody else may hold."""

    async def acquire(self, name):
        if name == "held":
            raise BlockingIOError("the lock is held")
        return f"lock-{name}"

    async def release(self, token):
        return None
