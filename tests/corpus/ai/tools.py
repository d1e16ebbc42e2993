"""Tools for agents."""

from .errors import ToolError

WEATHER = {"oslo": {"sky": "snow", "degrees": -3}, "rome": {"sky": "sun", "degrees": 24}}


async def add(a, b):
    try:
        return int(a) + int(b)
    except ValueError as error:
        raise ToolError("add", "not a number") from error


async def divide(a, b):
    if int(b) == 0:
        raise ZeroDivisionError("division by zero")
    return int(a) / int(b)


async def weather(city):
    try:
        return WEATHER[city.lower()]
    except KeyError:
        raise ToolError("weather", f"unknown city {city}") from None


async def lookup_order(order_id):
    orders = {"17": {"id": "17", "status": "shipped"}, "18": {"id": "18", "status": "lost"}}
    return orders.get(order_id)


async def run_tool(name, arguments):
    if name == "add":
        return await add(*arguments)
    if name == "divide":
        return await divide(*arguments)
    if name == "weather":
        return await weather(*arguments)
    raise ToolError(name, "no such tool")


async def delete_file(path):
    return {"deleted": path}


def describe(tool):
    """Runs where it is called; no service behind it."""
    return {"name": tool, "description": f"The tool {tool}"}
