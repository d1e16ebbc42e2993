"""Follows links, nearest first, and visits no page twice."""

from collections import deque

from ai import flow
from ai.search import fetch_page


@flow
async def web_crawler(state: dict) -> dict:
    frontier = deque([(state["start"], 0)])
    visited = set()
    pages = []
    while frontier:
        url, depth = frontier.popleft()
        if url in visited or depth > state["depth"]:
            continue
        visited.add(url)
        try:
            page = await fetch_page(url)
        except (ConnectionError, TimeoutError) as error:
            pages.append({"url": url, "error": str(error)})
            continue
        if page is None:
            continue
        pages.append({"url": url, "depth": depth})
        frontier.extend((link, depth + 1) for link in page["links"])
    state["pages"] = pages
    state["visited"] = sorted(visited)
    return state
