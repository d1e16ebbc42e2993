"""Describes changes and groups them; a breaking change makes it a major version."""

from ai import flow
from ai.coding import describe_change


@flow
async def changelog(state: dict) -> dict:
    entries = [await describe_change(diff) for diff in state["diffs"] if diff.strip()]
    sections = {}
    for entry in entries:
        sections.setdefault(entry["kind"], []).append(entry["text"])
    major, minor, patch = (int(part) for part in state["version"].split("."))
    if "breaking" in sections:
        major, minor, patch = major + 1, 0, 0
    elif "feature" in sections:
        minor, patch = minor + 1, 0
    else:
        patch += 1
    lines = [f"## {major}.{minor}.{patch}"]
    for kind in ("breaking", "feature", "fix"):
        if texts := sections.get(kind):
            lines += ["", f"### {kind.title()}", *(f"- {text}" for text in texts)]
    state["changelog"] = "\n".join(lines)
    return state
