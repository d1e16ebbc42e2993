"""The flow: which handler comes when, and what decides it."""

from typing import TypedDict

from text_handlers.cleaning import clean
from text_handlers.keywords import find_keywords
from text_handlers.readability import Readability
from text_handlers.reporting import write_report
from text_handlers.shortening import shorten
from text_handlers.simplifying import simplify

MAX_ROUNDS = 8
EASY_ENOUGH = 50


class Job(TypedDict):
    text: str
    """The text to edit"""
    max_words: float
    """How long it may be"""


async def text_flow(state: Job) -> dict:
    """Edit a text until it has at most `max_words` and reads easily.

    The answer has the edited `text`, its `keywords` and a `report`.
    """
    assert state["text"].strip(), "there is no text"
    readability = Readability()

    state = clean(state)
    state = readability.score(state)
    state["rounds"] = 0
    while state["words"] > state["max_words"]:
        if state["rounds"] == MAX_ROUNDS:
            state["note"] = "still too long"
            break
        state["rounds"] += 1
        state = await shorten(state)
        state = readability.score(state)

    if state["ease"] < EASY_ENOUGH:
        state = await simplify(state)
        state = readability.score(state)
    else:
        state["note"] = "easy to read as it is"

    state = find_keywords(state)
    state = write_report(state)
    return state
