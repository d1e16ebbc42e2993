"""Reads a scanned document page by page; unreadable pages are noted, not fatal."""

from ai.documents import Unreadable, kind_of, ocr, pages
from ai.marks import flow


@flow
async def ocr_pipeline(state: dict) -> dict:
    texts = {}
    unreadable = []
    for page in pages(state["scan"]):
        try:
            text = await ocr(page)
        except Unreadable:
            unreadable.append(page["number"])
            continue
        if not text:
            break
        texts[str(page["number"])] = text
    if not texts:
        raise Unreadable(f"none of {len(unreadable)} pages")
    state["kind"] = await kind_of({"text": " ".join(texts.values())})
    state["texts"] = texts
    state["unreadable"] = unreadable
    return state
