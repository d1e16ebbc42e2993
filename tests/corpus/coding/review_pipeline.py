"""Lint, tests and three reviewers at once; the comments are sorted by file and kind."""

import asyncio

from ai import flow
from ai.coding import SyntaxProblem, lint, review, run_tests

FOCUS = ("bugs", "style", "docs")


@flow
async def review_pipeline(state: dict) -> dict:
    verdicts = {}
    for name, code in sorted(state["files"].items()):
        warnings, tests, *reviews = await asyncio.gather(
            lint(code),
            run_tests(code, state["expected"]),
            *[review(code, focus=focus) for focus in FOCUS],
            return_exceptions=True,
        )
        if isinstance(warnings, SyntaxProblem):
            verdicts[name] = f"line {warnings.line} does not parse"
            continue
        comments = [comment for r in reviews for comment in r["comments"]]
        match (tests["failures"], comments, warnings):
            case ([], [], []):
                verdicts[name] = "approved"
            case ([], _, _):
                verdicts[name] = f"{len(comments)} comments, {len(warnings)} warnings"
            case ([first, *_], _, _):
                verdicts[name] = f"fails: {first}"
    state["verdicts"] = verdicts
    return state
