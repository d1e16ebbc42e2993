"""Dataclasses that flows of this directory share."""

from dataclasses import dataclass, field
from enum import Enum, IntEnum, auto
from typing import Literal, Optional

LIMIT = 3


class Color(str, Enum):
    RED = "red"
    BLUE = "blue"


class Turn(Enum):
    LEFT = auto()
    RIGHT = auto()


class Level(IntEnum):
    LOW = 1
    HIGH = 2


@dataclass
class Item:
    name: str
    price: float = 1.5
    tags: list[str] = field(default_factory=list)


@dataclass
class User:
    name: str
    age: int = 18
    friend: Optional["User"] = None


@dataclass
class Answer:
    text: str
    score: float = 0.5
    sources: list[Item] = field(default_factory=list)


@dataclass(kw_only=True)
class Settings:
    limit: int = LIMIT
    mode: Literal["fast", "slow"] = "fast"
    color: Color = Color.RED
    level: Level = Level.LOW


@dataclass
class State:
    query: str
    count: int = 0
    user: User = field(default_factory=lambda: User("nobody"))
    items: list[Item] = field(default_factory=list)
    by_name: dict[str, Item] = field(default_factory=dict)
    meta: dict = field(default_factory=dict)
    answer: Answer | None = None
    settings: Settings = field(default_factory=Settings)


State.__module__ = "shapes"
