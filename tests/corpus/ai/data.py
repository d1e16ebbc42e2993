"""Rows and what is known about them."""

COMPANIES = {"acme": {"size": 5000, "country": "US"}, "fjord": {"size": 40, "country": "NO"}}


async def find_company(name):
    if name == "offline":
        raise ConnectionError("registry is down")
    return COMPANIES.get(name.lower())


async def geocode(address):
    if not address:
        raise ValueError("no address")
    return {"lat": len(address), "lon": -len(address)}


async def score_lead(lead):
    return {**lead, "score": min(100, lead.get("size", 0) // 10 + 10 * len(lead["name"]))}


async def store(rows, table="main"):
    return len(rows)


async def load(source):
    if source == "empty":
        return []
    if source == "broken":
        raise OSError(5, "Input/output error", source)
    return [{"id": n, "name": name} for n, name in enumerate(source.split("+"), 1)]


async def similar(first, second):
    return first["name"].lower()[:3] == second["name"].lower()[:3]


async def code_answer(answer, codes):
    return [code for code in codes if code in answer.lower()]


def problems_of(row):
    found = []
    if not row.get("name"):
        found.append("name is missing")
    if not str(row.get("age", "0")).isdigit():
        found.append(f"age is {row['age']!r}")
    return found
