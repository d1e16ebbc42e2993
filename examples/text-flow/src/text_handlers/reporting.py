"""The answer as people read it."""


def write_report(state: dict) -> dict:
    """Sum up in one line, and drop what only the handlers needed."""
    del state["sentences"]
    saved = state["original_words"] - state["words"]
    state["report"] = (
        f"{state['words']} words, {saved} fewer, after {state['rounds']} rounds; {state['note']}"
    )
    return state
