"""No `async`, no marks: a function of the state, with handlers of this file among others."""

from ai.text import clean, ease, sentences, simplify


class Archive:
    def __init__(self, prefix="doc"):
        self.prefix = prefix

    def store(self, state):
        state["stored"] = f"{self.prefix}-{len(state['text'])}"
        return state


def plain_words(state: dict) -> dict:
    archive = Archive()
    state = clean(state)
    parts = sentences(state["text"])
    scores = [ease(part) for part in parts]
    changed = 0
    for index, score in enumerate(scores):
        if score < 5:
            parts[index] = simplify(parts[index])
            changed += 1
    state["text"] = ". ".join(parts)
    state["changed"] = changed
    if changed:
        state = archive.store(state)
    return state
