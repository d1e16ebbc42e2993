"""Reads and writes fields of models, those with other names too."""

from models import Kind, Person, Request
from work_models import grow, half, reply, unsaid, who


async def model_fields(request: Request) -> Request:
    request.count += 1
    request.person.years += 1
    request = await grow(request)
    for part in request.parts:
        part.tags.append(f"{part.name} {request.person.name}")
        request.meta[part.name] = (await reply(part.name)).parts[0].size
    request.reply = await half(request.query)
    request.reply.extra = [request.reply.parts[0].size, request.kind == Kind.ORDER]
    person = await who(request.query)
    request.person.boss = person.boss
    declared: Person = await unsaid("declared")
    request.meta["declared"] = [declared.name, declared.years]
    if request.kind != Kind.ORDER:
        request.kind = Kind.ORDER
    request.meta["kind"] = request.kind.value
    return request
