"""Makes models and copies of them."""

from models import Part, Person, Reply, Request
from work_models import grow, who


async def model_making(request: Request) -> Request:
    tags = ["a"]
    part = Part(name=request.query, tags=tags)
    tags.append("not in the model")
    request.parts.append(part)
    part.size = 4.0
    request.table[part.name] = part.model_copy(update={"name": "copy", "size": part.size + 1})
    request.table["deep"] = part.model_copy(deep=True)
    part.tags.append("later")
    request.meta["shared"] = request.table[request.query].tags
    request.meta["own"] = request.table["deep"].tags
    dumped = request.model_dump()
    request.parts[0].name = "changed"
    request.meta["dumped"] = [row["name"] for row in dumped["parts"]]
    request.person = Person(fullName="made", boss=Person(name="by name", age=3))
    request.meta["years"] = [request.person.years, request.person.boss.years]
    data = {"text": "from a dict", "parts": [{"name": "inner"}]}
    request.reply = Reply(**data)
    request.meta["built"] = request.reply.parts[0].size
    other = Reply.model_validate({"text": "validated", "parts": request.meta["dumped"] and [{"name": "v"}]})
    request.meta["validated"] = other.parts[0].model_dump()
    request = await grow(request)
    request.person.boss = await who(request.parts[-1].name)
    return request.model_copy(update={"count": len(request.parts)})
