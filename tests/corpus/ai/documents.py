"""Pages, tables, contracts."""

import re

from .errors import AIError


class Unreadable(AIError):
    pass


def pages(text):
    """One page at a time."""
    for number, page in enumerate(text.split("\f"), 1):
        yield {"number": number, "text": page.strip()}


def chunks(text, size=6):
    words = text.split()
    return [" ".join(words[at : at + size]) for at in range(0, len(words), size)]


async def ocr(page):
    if "#" in page["text"]:
        raise Unreadable(f"page {page['number']}")
    return page["text"].replace("0", "o")


async def kind_of(page):
    text = page["text"].lower()
    for kind in ("invoice", "contract", "letter"):
        if kind in text:
            return kind
    return "other"


async def summarise_chunk(chunk):
    return chunk.split()[0].strip(".,").lower()


async def merge(parts, style="plain"):
    joined = ", ".join(parts)
    return f"* {joined}" if style == "bullets" else joined


async def extract_invoice(text, hints=()):
    fields = dict(re.findall(r"(\w+)=(\S+)", text))
    if hints and "total" not in fields and "sum" in fields:
        fields["total"] = fields.pop("sum")
    return fields


async def find_clauses(section):
    return [clause.strip() for clause in section.split(";") if clause.strip()]


async def check_clause(clause, rule):
    return {"clause": clause, "rule": rule, "ok": rule not in clause.lower()}


async def transcribe(state):
    state["lines"] = [line.strip() for line in state["audio"].split("|")]
    return state


class Minutes:
    def __init__(self):
        self.marks = ("TODO", "DECIDED")

    def collect(self, state):
        state["items"] = [line for line in state["lines"] if line.startswith(self.marks)]
        return state

    async def write(self, state):
        state["minutes"] = "\n".join(f"- {item}" for item in state["items"])
        return state
