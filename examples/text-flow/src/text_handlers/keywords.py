"""What a text is about."""

import re
from collections import Counter

COMMON = {
    *("a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "from", "has", "have", "in", "is"),
    *("it", "its", "of", "on", "or", "that", "the", "this", "to", "was", "we", "when", "with"),
}


def count_words(text: str) -> Counter:
    """How often each word occurs that says something."""
    words = re.findall(r"[a-z][a-z'-]+", text.lower())
    return Counter(word for word in words if word not in COMMON)


def find_keywords(state: dict) -> dict:
    """Note the three most frequent words."""
    state["keywords"] = [word for word, _ in count_words(state["text"]).most_common(3)]
    return state
