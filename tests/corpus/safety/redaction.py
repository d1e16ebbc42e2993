"""Names are taken out before the model sees the text, and put back into its answer."""

import re

from ai import complete, flow
from ai.moderation import find_names

MAIL = re.compile(r"\S+@\S+")


@flow
async def redaction(state: dict) -> dict:
    secrets = {}

    def hide(value, kind):
        placeholder = f"{kind}_{len(secrets)}"
        secrets[placeholder] = value
        return placeholder

    text = MAIL.sub(lambda found: hide(found.group(), "MAIL"), state["text"])
    for name in sorted(set(find_names(text))):
        text = text.replace(name, hide(name, "NAME"))
    answer = await complete(f"Answer this letter\n{text}")
    for placeholder, value in secrets.items():
        answer = answer.replace(placeholder, value)
    state["sent"] = text
    state["answer"] = answer
    state["hidden"] = len(secrets)
    return state
