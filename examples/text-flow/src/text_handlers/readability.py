"""How hard a text is to read."""

import re


class Readability:
    """Flesch's reading ease: 0 is hard, 100 is easy."""

    def __init__(self, vowels: str = "aeiouy"):
        # Runs once when the actor starts; the place to load a model or open a connection.
        self.syllable = re.compile(f"[{vowels}]+", re.IGNORECASE)

    def score(self, state: dict) -> dict:
        """Count words and syllables, and rate the text."""
        words = re.findall(r"[\w'-]+", state["text"])
        syllables = sum(max(1, len(self.syllable.findall(word))) for word in words)
        state["words"] = len(words)
        per_sentence = len(words) / max(1, len(state["sentences"]))
        per_word = syllables / max(1, len(words))
        state["ease"] = round(206.835 - 1.015 * per_sentence - 84.6 * per_word, 1)
        return state
