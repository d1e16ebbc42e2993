"""Actors for random flows. Each leaves its name in `log`."""


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
