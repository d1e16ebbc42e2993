"""Looks into the cache before it asks; what it asked goes into the cache."""

import hashlib
import json
import logging

from ai import complete, flow
from ai.search import read_cache

logger = logging.getLogger(__name__)


def key_of(question, model):
    text = json.dumps([question.lower().split(), model])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@flow
async def cached_answers(state: dict) -> dict:
    cache = state.setdefault("cache", {})
    answers = []
    hits = 0
    for question in state["questions"]:
        if (answer := await read_cache(key_of(question, "small"), cache)) is None:
            logger.info("asking %s", question)
            answer = await complete(question)
            cache[key_of(question, "small")] = answer
        else:
            hits += 1
        answers.append(answer)
    state["answers"] = answers
    state["hits"] = hits
    return state
