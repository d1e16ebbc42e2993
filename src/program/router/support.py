# What follows is the same in every router: it keeps variables in the message and calls on others.


def §start(payload):
    """Receives a message of the flow and sends it on."""
    headers = yield "GET", ".headers"  # all: asking for one that is missing ends the message
    if "x-asya-frame" not in headers and §ROUTER in (yield "GET", ".route.prev"):
        raise RuntimeError("the place to go on is lost: a handler replaced the headers of the message")
    stack = list(headers.get("x-asya-frame") or [])
    fan_in = headers.get("x-asya-fan-in")  #: parallel
    joined = None  #: parallel
    if stack and stack[-1].get("flow") == §FLOW and stack[-1].get("join"):  #: parallel
        stack, fan_in, joined = payload["stack"], payload["fan_in"], payload["results"]  #: parallel
        if fan_in is not None:  #: parallel
            yield "SET", ".headers.x-asya-fan-in", fan_in  #: parallel
    frames = []  # of this flow, innermost last
    while stack and stack[-1].get("flow") == §FLOW and not (frames and _is_base(frames[0])):
        frames.insert(0, stack.pop())
    is_branch = bool(frames) and frames[0].get("branch", False)  #: parallel
    result, error = payload, None
    if frames:
        _load(frames)
        frame = frames[-1]
        error = _revive(frame.pop("error")) if "error" in frame else None
        if frame.pop("none", False):
            result = None
        if joined is not None:  #: parallel
            result, error = _together(joined, frame["gather"])  #: parallel
        if error is not None:
            _unwind(frames)
    else:
        frames = [{"flow": §FLOW, "at": "start", "vars": {}}]
    while frames:
        frame = frames[-1]
        try:
            step = _FUNCTIONS[frame.get("fn")](frame["at"], frame["vars"], result, error)
        except Exception as raised:
            result, error = None, raised
            frames.pop()
            _unwind(frames)
            continue
        error = None
        if step["do"] == "done":
            result = step["value"]
            frames.pop()
            continue
        if step["do"] == "end":
            yield "SET", ".headers.x-asya-frame", stack  # [] at the end: a deleted header would come back
            yield "SET", ".route.next[:0]", step["route"]
            yield _message(step["payload"])
            return
        frames[-1] = {key: frame[key] for key in ("flow", "fn", "branch") if key in frame}
        frame = frames[-1]
        frame.update(at=step["at"], vars=step["vars"])
        if step["tries"]:
            frame["tries"] = True
        if step["do"] == "gather":  #: parallel
            calls = step["calls"]  #: parallel
            strange = [call for call in calls if not isinstance(call, _Call)]  #: parallel
            if strange:  #: parallel
                error = TypeError("An asyncio.Future, a coroutine or an awaitable is required")  #: parallel
                _unwind(frames)  #: parallel
                continue  #: parallel
            if not calls:  #: parallel
                result = []  #: parallel
                continue  #: parallel
            frame["gather"] = step["failures"]  #: parallel
            _save(frames)  #: parallel
            marker = {"flow": §FLOW, "join": True}  #: parallel
            inner = {  #: parallel
                "actor": §JOIN,  #: parallel
                "origin_id": (yield "GET", ".id"),  #: parallel
                "slice_index": 0,  #: parallel
                "slice_count": len(calls) + 1,  #: parallel
                "aggregation_key": "/results",  #: parallel
            }  #: parallel
            slices = []  # all of them before the first is sent: a message that fails must not leave half of them  #: parallel
            width = len(str(len(calls)))  #: parallel
            for number, call in enumerate(calls, 1):  #: parallel
                fan = {**inner, "slice_index": str(number).zfill(width)}  # as text they sort in order  #: parallel
                if call.is_helper:  #: parallel helpers
                    bound = {"flow": §FLOW, "fn": call.name, "branch": True, "at": "start"}  #: parallel helpers
                    bound["vars"] = call.kwargs  #: parallel helpers
                    _save([bound])  #: parallel helpers
                    slices.append(([§ROUTER, §JOIN], [marker, bound], fan, {}))  #: parallel helpers
                    continue  #: parallel helpers
                how, value = _argument(call)  #: parallel
                slices.append(([call.name, §JOIN], [marker, {"slice": True, "call": how}], fan, value))  #: parallel
            behind = yield "GET", ".route.next"  #: parallel
            yield "SET", ".headers.x-asya-frame", [marker]  #: parallel
            yield "SET", ".headers.x-asya-fan-in", inner  #: parallel
            yield "SET", ".route.next", [§JOIN, §ROUTER, *behind]  #: parallel
            yield {"stack": stack + frames, "fan_in": fan_in, "results": []}  #: parallel
            for route, place, fan, value in slices:  #: parallel
                yield "SET", ".headers.x-asya-frame", place  #: parallel
                yield "SET", ".headers.x-asya-fan-in", fan  #: parallel
                yield "SET", ".route.next", route  #: parallel
                yield value  #: parallel
            return  #: parallel
        call = step["call"]
        if isinstance(call, _Call) and call.is_helper:  #: helpers
            frames.append({"flow": §FLOW, "fn": call.name, "at": "start", "vars": call.kwargs})  #: helpers
            continue  #: helpers
        if any(one.get("tries") or one.get("branch") for one in frames):
            frame.update(catch=True, self=§ROUTER)
        if isinstance(call, _Call):
            frame["call"], value = _argument(call)
            route = [call.name, §ROUTER]
        else:
            value, route = step["payload"], [*call, §ROUTER]
        _save(frames)
        yield "SET", ".headers.x-asya-frame", stack + frames
        yield "SET", ".route.next[:0]", route  # in front: what is queued behind belongs to the caller
        yield _message(value)
        return
    yield "SET", ".headers.x-asya-frame", stack  # [] at the end: a deleted header would come back
    if is_branch:  #: parallel
        yield {"ok": result} if error is None else {"error": _describe(error)}  #: parallel
        return  #: parallel
    if error is not None:
        raise error
    yield _message(result)


def _is_base(frame):
    return "fn" not in frame or "branch" in frame


def _unwind(frames):
    """Ends functions that do not catch the error."""
    while frames and not frames[-1].get("tries"):
        frames.pop()


def _message(value):
    if value is None:
        raise TypeError("the payload became None, which cannot be sent to an actor")
    return list(value) if isinstance(value, tuple) else value  # a tuple would be taken for a command


class _Call:
    """A call that waits to be made, as a coroutine does."""

    def __init__(self, name, is_helper, args, kwargs):
        self.name, self.is_helper, self.args, self.kwargs = name, is_helper, args, kwargs


def §call(actor):
    return lambda *args, **kwargs: _Call(actor, False, args, kwargs)


def §run(helper):  #: helpers
    return lambda *args, **kwargs: _Call(helper, True, (), _ARGUMENTS[helper](*args, **kwargs))  #: helpers
  #: helpers
  #: helpers
def _argument(call):
    """How the arguments of a call travel, and as what."""
    if len(call.args) == 1 and not call.kwargs and call.args[0] is not None:
        value = call.args[0]
        return "value", list(value) if isinstance(value, tuple) else value
    return "spread", {"args": list(call.args), "kwargs": call.kwargs}


def §done(value):
    return {"do": "done", "value": value}


def §end(payload, route):
    return {"do": "end", "payload": payload, "route": route}


def §send(payload, route, at, variables, tries=False):
    return {"do": "send", "payload": payload, "call": route, "at": at, "vars": variables, "tries": tries}


def §wait(call, at, variables, tries=False):
    return {"do": "wait", "call": call, "at": at, "vars": variables, "tries": tries}


def §gather(calls, failures, at, variables, tries=False):  #: parallel
    return {"do": "gather", "calls": list(calls), "failures": failures, "at": at, "vars": variables, "tries": tries}  #: parallel
  #: parallel
  #: parallel
def _together(results, failures):  #: parallel
    """The results of parallel calls as Python would have them, and the error it would raise."""  #: parallel
    values = [_revive(one["error"]) if "error" in one else one["ok"] for one in results]  #: parallel
    errors = [value for one, value in zip(results, values) if "error" in one]  #: parallel
    if not errors or failures == "return":  #: parallel
        return values, None  #: parallel
    if failures == "group":  #: parallel
        return None, ExceptionGroup("unhandled errors in a TaskGroup", errors)  #: parallel
    return None, errors[0]  #: parallel
  #: parallel
  #: parallel
class _Task:  #: tasks
    """A call of a task group, and its result when the group has ended."""  #: tasks
  #: tasks
    def __init__(self, value=None):  #: tasks
        self.value = value  #: tasks
  #: tasks
    def result(self):  #: tasks
        return self.value  #: tasks
  #: tasks
    def exception(self):  #: tasks
        return None  #: tasks
  #: tasks
    def done(self):  #: tasks
        return True  #: tasks
  #: tasks
    def cancelled(self):  #: tasks
        return False  #: tasks
  #: tasks
  #: tasks
class _Group(list):  #: tasks
    """The calls of a task group and their tasks."""  #: tasks
  #: tasks
  #: tasks
def §task(group):  #: tasks
    def add(call, *, name=None, context=None):  #: tasks
        one = _Task()  #: tasks
        group.append([call, one])  #: tasks
        return one  #: tasks
  #: tasks
    return add  #: tasks
  #: tasks
  #: tasks
def §finish(group, results):  #: tasks
    for (_, one), value in zip(group, results):  #: tasks
        one.value = value  #: tasks
  #: tasks
  #: tasks
def §items(iterable, kind=None, check=iter):
    """Something with a length and an index, which changes as what it stands for changes."""
    if type(iterable) is dict:
        return _View(iterable, kind or "keys", list(iterable))
    if kind is not None:
        iterable = getattr(iterable, kind)()
    check(iterable)
    if isinstance(iterable, (list, str, range, tuple)):
        return iterable
    made = []
    try:
        for one in iterable:
            made.append(one)
    except Exception as error:
        return _Until(made, error)
    return made


class _Until(list):
    """What an iterator gave, and the error that came then."""

    def __init__(self, given, error):
        super().__init__(given)
        self.error = error

    def __len__(self):
        return super().__len__() + 1

    def __getitem__(self, at):
        if at == super().__len__():
            raise self.error
        return super().__getitem__(at)


class _View:
    """The keys, values or items of a dict, while a loop goes over them."""

    def __init__(self, source, kind, keys):
        self.source, self.kind, self.keys = source, kind, keys

    def __len__(self):
        if len(self.source) != len(self.keys):
            raise RuntimeError("dictionary changed size during iteration")
        return len(self.keys)

    def __getitem__(self, at):
        key = self.keys[at]
        if self.kind == "keys":
            return key
        if key not in self.source:
            raise RuntimeError("dictionary keys changed during iteration")
        return self.source[key] if self.kind == "values" else (key, self.source[key])


def §sleep(seconds, result=None):
    _time.sleep(max(seconds, 0))
    return result


def §bound(variables, *names):
    """Those of the variables that are bound."""
    return {name: variables[name] for name in names if name in variables}


def _save(frames):
    """Makes JSON of the variables; what two of them share, they share again afterwards."""
    seen = {}
    for frame in frames:
        line = _LINES.get((frame.get("fn"), frame["at"]))
        packed = {name: _pack(value, name, line, seen) for name, value in frame.pop("vars").items()}
        if packed:
            frame["vars"] = packed


def _pack(value, place, line, seen):
    kind = type(value)
    if value is None or kind in (str, int, bool) or (kind is float and value - value == 0):
        return value
    if kind is float:
        return {"$float": str(value)}
    if kind is tuple:
        return {"$tuple": [_pack(one, f"{place}[{at}]", line, seen) for at, one in enumerate(value)]}
    if kind is range:
        return {"$range": [value.start, value.stop, value.step]}
    if id(value) in seen:
        return {"$same": seen[id(value)]}
    if kind is list:
        seen[id(value)] = len(seen)
        return [_pack(one, f"{place}[{at}]", line, seen) for at, one in enumerate(value)]
    if kind is dict and all(type(key) is str for key in value):
        seen[id(value)] = len(seen)
        packed = {key: _pack(one, f'{place}["{key}"]', line, seen) for key, one in value.items()}
        return {"$dict": packed} if any(key.startswith("$") for key in packed) else packed
    if kind is dict and all(key is None or type(key) in (str, int, bool, float) for key in value):
        seen[id(value)] = len(seen)
        return {"$items": [[key, _pack(one, f"{place}[{key!r}]", line, seen)] for key, one in value.items()]}
    if kind is _View:
        keys = [_pack(key, place, line, seen) for key in value.keys]
        return {"$view": [_pack(value.source, place, line, seen), value.kind, keys]}
    if kind is _Until:
        return {"$until": [[_pack(one, f"{place}[{at}]", line, seen) for at, one in enumerate(list(value))], _describe(value.error)]}
    if isinstance(value, BaseException):
        seen[id(value)] = len(seen)
        # What JSON does not have is not described, but may be something else that travels.
        parts = {} if _is_json(list(value.args)) else {"args": value.args}
        parts.update((name, one) for name, one in vars(value).items() if not _is_json(one))
        more = {}
        for name, one in parts.items():
            known = dict(seen)
            try:
                more[name] = _pack(one, name, line, known)
            except TypeError:
                continue
            seen.update(known)
        return {"$error": _describe(value), "more": more} if more else {"$error": _describe(value)}
    if kind is _Call:
        seen[id(value)] = len(seen)
        arguments = [_pack(one, place, line, seen) for one in (value.args, value.kwargs)]
        return {"$call": [value.name, value.is_helper, *arguments]}
    if kind is _Task:  #: tasks
        seen[id(value)] = len(seen)  #: tasks
        return {"$task": _pack(value.value, place, line, seen)}  #: tasks
    at = f" in line {line}" if line else ""
    what = f"a {kind.__name__} with keys that JSON does not have" if kind is dict else f"{value!r}, a {kind.__name__}"
    raise TypeError(f"`{place}` is needed after the call{at}, but it is {what[:200]}, and only JSON travels with the message")


def _load(frames):
    seen = []
    for frame in frames:
        frame["vars"] = {name: _unpack(value, seen) for name, value in frame.get("vars", {}).items()}


def _unpack(value, seen):
    if type(value) is list:
        made = []
        seen.append(made)
        made.extend(_unpack(one, seen) for one in value)
        return made
    if type(value) is not dict:
        return value
    if "$float" in value:
        return float(value["$float"])
    if "$tuple" in value:
        return tuple(_unpack(one, seen) for one in value["$tuple"])
    if "$range" in value:
        return range(*value["$range"])
    if "$same" in value:
        return seen[value["$same"]]
    if "$error" in value:
        made = _revive(value["$error"])
        seen.append(made)
        for name, one in value.get("more", {}).items():
            setattr(made, name, _unpack(one, seen))
        return made
    if "$call" in value:
        made = _Call(*value["$call"][:2], None, None)
        seen.append(made)
        made.args, made.kwargs = (_unpack(one, seen) for one in value["$call"][2:])
        return made
    if "$task" in value:  #: tasks
        made = _Task()  #: tasks
        seen.append(made)  #: tasks
        made.value = _unpack(value["$task"], seen)  #: tasks
        return made  #: tasks
    if "$view" in value:
        keys = [_unpack(key, seen) for key in value["$view"][2]]
        return _View(_unpack(value["$view"][0], seen), value["$view"][1], keys)
    if "$until" in value:
        return _Until([_unpack(one, seen) for one in value["$until"][0]], _revive(value["$until"][1]))
    made = {}
    seen.append(made)
    for key, one in value["$items"] if "$items" in value else value.get("$dict", value).items():
        made[key] = _unpack(one, seen)
    return made


def _name(kind):
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def §is_a(error, name):
    """Whether an error is of a class that lives with the handlers: by name, wherever it is defined."""
    top, last = name.split(".")[0], name.rsplit(".", 1)[-1]
    names = (_name(kind) for kind in type(error).__mro__)
    return any(one == name or (one.split(".")[0] == top and one.rsplit(".", 1)[-1] == last) for one in names)


def _is_json(value):
    try:
        return _json.loads(_json.dumps(value, allow_nan=False)) == value
    except (TypeError, ValueError, RecursionError):
        return False


def _describe(error):
    """An error as JSON: enough to raise it again elsewhere."""
    kinds = [kind for kind in type(error).__mro__ if kind not in (object, BaseException)]
    described = {
        "type": _name(kinds[0]) if kinds else "BaseException",
        "mro": [_name(kind) for kind in kinds[1:]],
        "message": str(error),
        "args": list(error.args) if _is_json(list(error.args)) else [str(error)],
        "attributes": {key: value for key, value in vars(error).items() if _is_json(value)},
    }
    if isinstance(error, OSError) and error.filename is not None and _is_json(error.filename):
        described["attributes"]["filename"] = error.filename
    if isinstance(error, BaseExceptionGroup if hasattr(§builtins, "BaseExceptionGroup") else ()):
        described["group"] = [error.message, [_describe(one) for one in error.exceptions]]
    if error.__cause__ is not None:
        described["cause"] = _describe(error.__cause__)
    return described


def _revive(described):
    kind = _kind([described["type"], *described["mro"]])
    if "group" in described:
        error = kind(described["group"][0], [_revive(one) for one in described["group"][1]])
        vars(error).update(described.get("attributes", {}))
    else:
        try:
            error = kind.__new__(kind, *described["args"])
            if kind.__module__ == "builtins":
                error.__init__(*described["args"])
            error.args = tuple(described["args"])
            for key, value in described.get("attributes", {}).items():
                setattr(error, key, value)
            is_same = str(error) == described["message"]
        except Exception:
            is_same = False
        if not is_same:
            spoken = type(kind.__name__, (kind,), {"__str__": lambda self: described["message"]})
            spoken.__module__, spoken.__qualname__ = kind.__module__, kind.__qualname__
            error = spoken.__new__(spoken, *described["args"])
            for key, value in described.get("attributes", {}).items():
                setattr(error, key, value)
    if "cause" in described:
        error.__cause__ = _revive(described["cause"])
    return error


_KINDS = {}


def _kind(names):
    """The class of that name, or one that stands for it with the same bases."""
    name = names[0].removeprefix("builtins.") if names else "Exception"
    if tuple(names) in _KINDS:
        return _KINDS[tuple(names)]
    module, _, last = name.rpartition(".")
    found = getattr(§builtins, name, None) if not module else None
    own = globals().get(last)
    if isinstance(own, type) and _name(own) == name:
        found = own
    elif module and module.split(".")[0] in _sys.stdlib_module_names:
        try:
            found = getattr(_importlib.import_module(module), last, None)
        except ImportError:
            found = None
    if not (isinstance(found, type) and issubclass(found, BaseException)):
        bases = [_kind(names[1:])]
        known = {_name(kind) for kind in bases[0].__mro__}
        rest = [other for other in names[1:] if other.removeprefix("builtins.") not in known]
        if rest:  # it has a base beside the first one
            bases.append(_kind(rest))
        found = type(last or name, tuple(bases), {"__module__": module or "builtins"})
    _KINDS[tuple(names)] = found  # not the name alone: a base seen from elsewhere has other bases in front
    return found
