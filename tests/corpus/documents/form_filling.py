"""Fills a form from a text, and asks for what is missing."""

from ai import flow
from ai.llm import extract
from ai.people import ask

FIELDS = {"name": str, "age": int, "city": str}


@flow
async def form_filling(state: dict) -> dict:
    form = await extract(state["text"], list(FIELDS))
    for field, kind in FIELDS.items():
        questions = 0
        while form[field] is None and questions < 2:
            questions += 1
            form[field] = await ask(f"Your {field}? ({questions})", state["person"])
        try:
            form[field] = kind(form[field]) if form[field] is not None else None
        except ValueError:
            state.setdefault("rejected", []).append({field: form[field]})
            form[field] = None
    state["form"] = form
    state["complete"] = all(value is not None for value in form.values())
    return state
