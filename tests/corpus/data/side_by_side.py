"""Several views of one text, each by a handler of its own."""

from ai.text import clean, ease, sentences, simplify, tags


def side_by_side(state: dict) -> dict:
    state = clean(state)
    state["views"] = [simplify(state["text"]), tags(state["text"], kind="name")]
    state["ease"] = list([ease(sentence) for sentence in state["text"].split(".") if sentence])
    short, long = [], []
    for sentence in sentences(state["text"]):
        (long if len(sentence) > 12 else short).append(sentence)
    state["short"], state["long"] = short, long
    state["tags"] = [] if not long else state["views"][1]
    return state
