"""Make a text easier to read."""

import re

PLAIN = {
    "approximately": "about",
    "commence": "start",
    "demonstrate": "show",
    "demonstrates": "shows",
    "facilitate": "help",
    "individuals": "people",
    "methodology": "method",
    "numerous": "many",
    "utilisation": "use",
    "utilise": "use",
}


async def simplify(state: dict) -> dict:
    """Replace long words by short ones."""
    replaced = []

    def plain(match: re.Match) -> str:
        word = match.group()
        short = PLAIN.get(word.lower(), word)
        if short != word:
            replaced.append(word.lower())
        return short.capitalize() if word[0].isupper() else short

    state["sentences"] = [re.sub(r"\w+", plain, sentence) for sentence in state["sentences"]]
    state["text"] = " ".join(state["sentences"])
    state["note"] = f"plain words for {', '.join(replaced)}" if replaced else "hard to read"
    return state
