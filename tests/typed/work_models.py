"""Actors that answer models."""

from models import Part, Person, Reply, Request


async def grow(request: Request) -> Request:
    request["parts"].append({"name": f"grown {len(request['parts'])}"})
    return request


async def reply(text: str) -> Reply:
    return Reply(text=f"re {text}", parts=[Part(name="p", size=2.0)])


async def half(text) -> Reply:
    return {"text": text, "parts": [{"name": "h"}]}


async def who(name: str) -> Person:
    return Person(name=name, boss=Person(name="boss", years=50))


async def unsaid(text):
    return {"fullName": text}
