"""Actors for random flows. Those that take the payload leave their name in its `log`."""

import json


def note(p, name):
    p.setdefault("log", []).append(name)
    return p


def add(p):
    p["n"] = p.get("n", 0) + 1
    return note(p, "add")


def grow(p):
    p.setdefault("l", []).append(len(p))
    p.setdefault("d", {})["g"] = p.get("n", 0)
    return note(p, "grow")


def more(p):
    return {**note(p, "more"), "m": [p.get("n", 0), None, 1.5, "é\u2028"]}


def fresh(p):
    keep = {key: value for key, value in p.items() if key not in ("s", "b", "one", "c4")}
    return note(keep, "fresh")


def fail_often(p):
    if len(p.get("log", [])) % 7 == 5:
        raise RuntimeError("too much of " + p["log"][-1])
    return note(p, "fail_often")


def tuples(p):
    p["t"] = (1, (2, 3))
    return note(p, "tuples")


def numbers(p):
    p["d"] = {1: "one", "big": 2**70, "neg": -0.0}
    return note(p, "numbers")


def end_call(p):
    return note(p, "end_call")


def start_up(p):
    p["n"] = p.get("n", 0) * 2
    return note(p, "start_up")


def router_of(p):
    p.pop("s", None)
    return note(p, "router_of")


async def adder(p):
    p["n"] = p.get("n", 0) + 2
    return note(p, "adder")


class Box:
    def __init__(self, size=3):
        self.size = size

    def put(self, p):
        p["b"] = self.size
        return note(p, "put")

    async def take(self, p):
        p["n"] -= self.size
        return note(p, "take")

    @staticmethod
    def fixed(p):
        return note(p, "fixed")


def passing(p):
    yield note(p, "passing")


async def streaming(p):
    yield note(p, "streaming")


async def shaky(p):
    """Fails now and then, in many ways."""
    fail(len(p.get("log", [])) * 3 + len(p))
    return note(p, "shaky")


# Actors that are called on values. None of them looks at anything but its arguments.


class Refused(Exception):
    pass


class Worse(Refused, KeyError):
    pass


class Coded(Exception):
    def __init__(self, code, reason):
        super().__init__(code, reason)
        self.code = code

    def __str__(self):
        return f"{self.reason()} ({self.code})"

    def reason(self):
        return self.args[1]


class Quiet(ValueError):
    """Is made in a way of its own."""

    def __init__(self, *, level=3):
        super().__init__(f"level {level}")
        self.level = level


def fail(case):
    match case % 17:
        case 0:
            raise ValueError(f"no {case}")
        case 2:
            raise KeyError(f"k{case}")
        case 3:
            raise Refused("not today")
        case 5:
            raise Worse("what 'is' this", case)
        case 7:
            raise Coded(case, "busy")
        case 8:
            raise TimeoutError("late")
        case 10:
            raise Quiet(level=case)
        case 11:
            json.loads("{" * (case % 3))
        case 13:
            try:
                return 1 // 0
            except ZeroDivisionError as error:
                raise OSError("disk") from error
        case 15:
            raise IndexError("none left") if case % 2 else AssertionError
    return case


async def plus(x, y=1):
    return x + y


async def scale(x, by=2, *, offset=0):
    return x * by % 1000 + offset


async def name_of(x):
    return f"<{x}>"


async def listing(n, start=0):
    return list(range(start, start + n % 4))


async def table(key, value=None):
    return {str(key): value}


async def pair(a, b=None):
    return a, b


async def nothing(x=None):
    return None


async def echo(x):
    return x


async def is_even(x):
    return x % 2 == 0


async def below(x, limit=3):
    return x < limit


async def collect(*args, **kwargs):
    return {"got": args, "named": kwargs}


async def picky(x, mood=0):
    return len(str(x)) + fail(len(str(x)) + mood) % 5


def half(x):
    return x // 2


def label(x, mark="!"):
    return f"{x}{mark}"


def wrap(x, key="n"):
    return {key: x}


def pick(xs, at=0):
    return xs[at] if xs else None


def strict(x, mood=1):
    return 1 + fail(len(str(x)) * 5 + mood) % 5


def silent(x):
    pass


def only(x):
    yield {"only": x}


def perhaps(x):
    if len(str(x)) % 2:
        yield str(x)


async def trickle(x):
    yield f"{x}~"


class Scale:
    """Methods that are called on values."""

    def __init__(self, size=4):
        self.size = size

    async def weigh(self, x, extra=0):
        return len(str(x)) * self.size + extra

    def tag(self, x):
        return f"{self.size}:{x}"

    @staticmethod
    def size_of(x):
        return len(str(x))

    @classmethod
    async def named(cls, x):
        return f"{cls.__name__} {x}"
