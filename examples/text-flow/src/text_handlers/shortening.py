"""Make a text shorter."""

import asyncio
import re

from text_handlers.keywords import count_words


async def shorten(state: dict) -> dict:
    """Drop the sentence that says least; the first one stays."""
    await asyncio.sleep(0)  # where a real handler would wait for a language model
    sentences = state["sentences"]
    if len(sentences) > 1:
        counts = count_words(state["text"])

        def weight(sentence: str) -> float:
            words = re.findall(r"\w+", sentence.lower())
            return sum(counts[word] for word in words) / max(1, len(words))

        sentences.remove(min(sentences[1:], key=weight))
    state["text"] = " ".join(sentences)
    return state
