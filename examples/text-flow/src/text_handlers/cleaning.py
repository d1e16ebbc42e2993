"""From raw text to sentences."""

import re

SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


def clean(state: dict) -> dict:
    """Join broken lines, drop doubled spaces, and split the text into sentences."""
    text = " ".join(state["text"].split())
    state["original_words"] = len(text.split())
    state["sentences"] = SENTENCE_END.split(text)
    state["text"] = text
    return state
