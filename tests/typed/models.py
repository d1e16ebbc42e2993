"""Models that flows of this directory share."""

from enum import Enum
from typing import Annotated, Any, Optional

from pydantic import BaseModel, ConfigDict, Field


class Kind(Enum):
    QUESTION = "question"
    ORDER = "order"


class Part(BaseModel):
    name: str
    size: float = Field(1.5, ge=0)
    tags: list[str] = []


class Person(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    name: str = Field(alias="fullName")
    years: Annotated[int, Field(alias="age")] = 18
    boss: Optional["Person"] = None


class Reply(BaseModel):
    text: str
    parts: list[Part] = Field(default_factory=list)
    extra: Any = None


class Request(BaseModel):
    query: str
    count: int = 0
    person: Person = Field(default_factory=lambda: Person(name="nobody"))
    parts: list[Part] = []
    table: dict[str, Part] = {}
    meta: dict[str, Any] = {}
    kind: Kind = Kind.QUESTION
    reply: Reply | None = None
