"""Retrieval over a handful of documents."""

DOCUMENTS = [
    {"id": "queues", "text": "A queue keeps messages until a program reads them", "year": 2021},
    {"id": "actors", "text": "An actor reads messages from its queue", "year": 2023},
    {"id": "routers", "text": "A router decides which actor comes next", "year": 2024},
    {"id": "gateways", "text": "A gateway offers tools to agents", "year": 2019},
    {"id": "agents", "text": "Agents call tools and read the answers", "year": 2024},
]


async def search(query, top_k=3):
    words = set(query.lower().replace("?", "").split())
    scored = [(len(words & set(document["text"].lower().split())), document) for document in DOCUMENTS]
    hits = [{**document, "score": score} for score, document in scored if score > 0]
    return sorted(hits, key=lambda hit: (-hit["score"], hit["id"]))[:top_k]


async def web_search(query):
    if "offline" in query:
        raise ConnectionError("no route to the web")
    return [{"id": "web", "text": f"The web knows about {query}", "score": 1}]


async def rerank(query, documents):
    return sorted(documents, key=lambda document: (abs(len(document["text"]) - len(query)), document["id"]))


async def rewrite_query(query, attempt):
    return {1: query.replace("mailbox", "queue"), 2: query + " messages"}.get(attempt, query + " tools")


async def is_relevant(document, question):
    return any(word in document["text"].lower() for word in question.lower().replace("?", "").split() if len(word) > 4)


async def answer_from(question, documents):
    cited = " ".join(f"[{document['id']}]" for document in documents)
    return f"{question.rstrip('?')}: {documents[0]['text'] if documents else 'unknown'}. {cited}".strip()


async def fetch_page(url):
    if "down" in url:
        raise ConnectionError(f"{url} does not answer")
    if "slow" in url:
        raise TimeoutError(f"{url} is too slow")
    if "missing" in url:
        return None
    links = {"a.example": ["b.example", "c.example"], "b.example": ["a.example", "down.example"]}
    return {"url": url, "text": f"Page {url}", "links": links.get(url, [])}


async def read_cache(key, cache):
    return cache.get(key)


async def retrieve(state):
    """The same for flows that pass the whole state on."""
    state["documents"] = await search(state["question"])
    return state


async def respond(state):
    state["answer"] = await answer_from(state["question"], state["documents"])
    return state
