"""A language model that always answers the same.

Tags in the prompt steer it: `[overloaded:small]` makes the model `small` fail, `[refuse]` makes it refuse,
`[garbage]` makes small models answer with something that is not JSON.
"""

import json
import re

from .errors import ContextTooLong, ModelOverloaded, Refused

CONTEXT = 2000


async def complete(prompt, model="small", temperature=0.0):
    if f"[overloaded:{model}]" in prompt:
        raise ModelOverloaded(model, retry_after=len(model))
    if len(prompt) > CONTEXT:
        raise ContextTooLong(f"{len(prompt)} characters")
    if "[refuse]" in prompt:
        raise Refused("I cannot help with that")
    last = re.sub(r"\[[^\]]*\]", "", prompt.strip().splitlines()[-1]).strip()
    if "JSON" in prompt:
        if "[garbage]" in prompt and model == "small":
            return "Sure! Here is the JSON you wanted."
        return json.dumps({"answer": last, "words": len(last.split())})
    if temperature > 0:
        last = " ".join(reversed(last.split())) if temperature > 0.5 else last
    return f"{model}: {last}"


async def chat(messages, tools=None):
    """The next message. A user message like `add(2, 3) then weather(Oslo)` asks for those tools."""
    asked = [message["content"] for message in messages if message["role"] == "user"][-1]
    wanted = re.findall(r"(\w+)\(([^)]*)\)", asked)
    after = len(messages) - max(i for i, message in enumerate(messages) if message["role"] == "user")
    done = [message for message in messages[-after:] if message["role"] == "tool"]
    if tools and len(done) < len(wanted):
        calls = [
            {"id": f"call_{n}", "name": name, "arguments": [part.strip() for part in arguments.split(",")]}
            for n, (name, arguments) in enumerate(wanted)
        ]
        together = " and " in asked
        return {
            "role": "assistant",
            "content": None,
            "tool_calls": calls[len(done) :] if together else calls[len(done) : len(done) + 1],
        }
    results = "; ".join(str(message["content"]) for message in done)
    return {"role": "assistant", "content": f"Here you are: {results or asked}", "tool_calls": []}


async def classify(text, labels):
    for label in labels:
        if label in text.lower():
            return {"label": label, "confidence": 0.9}
    return {"label": labels[-1], "confidence": 0.3}


async def grade(answer, question=""):
    """0 to 10: long answers that repeat the question's words are good."""
    common = set(answer.lower().split()) & set(question.lower().split())
    return min(10, len(answer.split()) + len(common))


async def embed(text):
    vowels = sum(text.lower().count(vowel) for vowel in "aeiou")
    return [float(len(text)), float(vowels)]


async def extract(text, fields):
    """`field: value` pairs of a text; fields that are not in it are `None`."""
    found = {}
    for field in fields:
        match = re.search(rf"{field}:\s*([^,;\n]+)", text, re.IGNORECASE)
        found[field] = match.group(1).strip() if match else None
    return found


class Judge:
    def __init__(self, strictness=2):
        self.strictness = strictness

    async def score(self, answer):
        return {"score": max(0, min(10, len(answer.split()) - self.strictness)), "by": "judge"}

    async def compare(self, first, second):
        if len(first) == len(second):
            return "tie"
        return "first" if len(first) > len(second) else "second"

    def explain(self, score):
        return "good" if score >= 5 else "too short"

    @staticmethod
    def rules():
        return ["be brief", "be kind"]


def count_tokens(text):
    return len(text.split()) + text.count(",")


def price(tokens, model="small"):
    return tokens * {"small": 1, "medium": 3, "large": 10}[model]
