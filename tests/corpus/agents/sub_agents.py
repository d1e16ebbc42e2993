"""An orchestrator gives parts of the work to agents that are flows of their own."""

import asyncio

from ai import flow
from ai.llm import complete, grade
from ai.search import answer_from, search


@flow
async def researcher(topic: str) -> dict:
    documents = await search(topic, top_k=2)
    if not documents:
        return {"topic": topic, "finding": None}
    finding = await answer_from(topic, documents)
    return {"topic": topic, "finding": finding}


@flow
async def writer(findings: list) -> str:
    text = await complete("\n".join(["Write", *findings, " ".join(findings)]), model="large")
    while await grade(text) < 10:
        text = await complete(f"Longer!\n{text} and more", model="small")
    return text


@flow
async def sub_agents(state: dict) -> dict:
    reports = await asyncio.gather(*[researcher(topic) for topic in state["topics"]])
    findings = [report["finding"] for report in reports if report["finding"]]
    state["missing"] = [report["topic"] for report in reports if report["finding"] is None]
    if findings:
        state["article"] = await writer(findings)
    return state
