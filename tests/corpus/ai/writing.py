"""Handlers in the style of the mesh: the state goes in, the state comes out."""


async def outline(state):
    state["outline"] = [f"{part} of {state['topic']}" for part in ("Start", "Middle", "End")]
    return state


async def draft(state):
    state["draft"] = f"About {state['topic']}."
    state["version"] = 1
    return state


async def critique(state):
    words = len(state["draft"].split())
    state["score"] = words
    state["critique"] = "too short" if words < state.get("wanted", 6) else "fine"
    return state


async def revise(state):
    state["draft"] += " And more."
    state["version"] += 1
    return state


def polish(state):
    state["draft"] = state["draft"].replace(" And", ", and")
    return state


async def translate(text, target="en"):
    return f"<{target}> {text}"


async def summarise(text, max_words=8):
    return " ".join(text.split()[:max_words])


async def headline(text):
    return text.split(".")[0].title()


async def detect_language(text):
    words = set(text.lower().replace("?", "").split())
    if words & {"der", "die", "das", "und", "wie", "ist"}:
        return "de"
    if words & {"le", "la", "et", "est"}:
        return "fr"
    return "en"


class Editor:
    def __init__(self, limit=12):
        self.limit = limit

    def shorten(self, state):
        state["draft"] = " ".join(state["draft"].split()[: self.limit])
        return state

    async def check_style(self, text, style="plain"):
        if style == "plain":
            return [word for word in text.split() if len(word) > 12]
        return []


class Critic:
    """Goes through one principle."""

    async def judge(self, text, principle):
        word = principle.split()[-1]
        return {"principle": principle, "violated": word in text}

    async def repair(self, text, principle):
        return text.replace(principle.split()[-1], "***")
