"""What an assistant remembers."""


async def recall(user, memories):
    return memories.get(user, [])


async def extract_facts(text):
    return [part.strip() for part in text.split(".") if " is " in part]


async def compress(messages):
    return "earlier: " + " / ".join(message["content"].split()[0] for message in messages)


async def stream_answer(state):
    """Sends every word as it comes, then the whole."""
    words = f"You said {state['text']}".split()
    for word in words:
        yield "FLY", {"delta": word}
    state["answer"] = " ".join(words)
    yield state


def count_words(state):
    state["words"] = len(state["text"].split())
    yield state
