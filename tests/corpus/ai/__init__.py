"""What the flows call: models, tools and services, all of them small and deterministic."""

from .llm import Judge, chat, classify, complete, embed, grade
from .marks import flow

__all__ = ["Judge", "chat", "classify", "complete", "embed", "flow", "grade"]
