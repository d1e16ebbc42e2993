"""Plain functions over texts, none of them `async`."""


def clean(state):
    state["text"] = " ".join(state["text"].split())
    return state


def sentences(text):
    return [sentence.strip() for sentence in text.split(".") if sentence.strip()]


def ease(sentence):
    words = sentence.split()
    return round(10 - sum(len(word) for word in words) / len(words), 1)


def tags(text, kind="topic"):
    return sorted({f"{kind}:{word.lower()}" for word in text.split() if word[0].isupper()})


def simplify(sentence):
    return " ".join(word for word in sentence.split() if len(word) < 9)
