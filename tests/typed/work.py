"""Actors. What they get is JSON, as on a mesh."""

from shapes import Answer, Item, State, User


async def same(state):
    return state


async def load(state: State) -> State:
    state["items"].append({"name": f"loaded {len(state['items'])}"})
    state["count"] += 10
    return state


async def whole(state: State) -> State:
    state["count"] += 1
    return {**state, "items": [*state["items"], {"name": "whole", "price": 1.0, "tags": []}]}


async def fewer(state) -> State:
    return {"query": state["query"] + "!"}


async def ask(question: str) -> Answer:
    return Answer(f"about {question}", len(question) / 10, [Item("book", 2.0)])


async def partly(question) -> Answer:
    return {"text": f"half {question}", "sources": [{"name": "note"}]}


async def raw(question):
    return {"text": f"raw {question}"}


async def find(name, price=None) -> Item:
    return Item(name, price if price is not None else 0.25, ["found"])


async def search(query: str, limit: int) -> list[Item]:
    return [Item(f"{query} {at}", float(at)) for at in range(limit)]


async def pair(name: str) -> tuple[User, Answer]:
    return User(name, 40, User("her")), Answer("both")


async def maybe(name: str) -> User | None:
    return None if name == "nobody" else User(name, 30)


async def table(names) -> dict[str, Item]:
    return {name: {"name": name} for name in names}


async def judge(item: Item) -> float:
    return item["price"] * 2


async def record(what):
    return {"recorded": what}


async def fails(name) -> Item:
    raise ValueError(f"no {name}")


def score(item: Item) -> float:
    return item["price"] + len(item["tags"])


def tagged(item: Item) -> Item:
    return Item(item["name"], item["price"], item["tags"] + ["tagged"])


class Shop:
    def __init__(self, name="shop"):
        self.name = name

    async def sell(self, item: Item) -> Item:
        return Item(item["name"], item["price"] * 2, [self.name])
