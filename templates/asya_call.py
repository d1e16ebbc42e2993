"""Runs a handler for flows that call it inside `try`, with values, or in parallel.

Written by `asya compile`; do not edit. The actor's handler is `asya_call.invoke`, and the handler
of the user's is named by ASYA_CALL_TARGET. The top entry of the header `x-asya-frame` says how the
flow that sent a message called it. For any other message this is the bare handler.
"""

import builtins
import copy
import datetime
import decimal
import inspect
import json
import math
import os
import re
import sys
import traceback
import uuid

FRAME = "x-asya-frame"
SET_FRAME = ".headers.x-asya-frame"
TRACEBACK_MAX = 2000
CAUSES_MAX = 5
GROUPS = getattr(builtins, "BaseExceptionGroup", ())


# --- the handler ------------------------------------------------------------------------------


class NotLoaded(RuntimeError):
    """The handler cannot be loaded. No ImportError: the platform keeps the text of those to itself."""


def load(path):
    """The callable named by a dotted path: the longest module that can be imported, then one name
    or a class and its method."""
    if not re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*(\.[a-zA-Z_][a-zA-Z0-9_]*)+", path or "", re.ASCII):
        raise NotLoaded("ASYA_CALL_TARGET is %r: it must be `module.function` or `module.Class.method`" % path)
    parts = path.split(".")
    for count in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[:count])
        try:
            __import__(name)
        except ModuleNotFoundError as error:
            if error.name is not None and (name == error.name or name.startswith(error.name + ".")):
                continue
            raise NotLoaded("module `%s` cannot be imported: it needs `%s`" % (name, error.name)) from error
        except Exception as error:
            raise NotLoaded("module `%s` cannot be imported: %s" % (name, one_line(error))) from error
        return resolve(sys.modules[name], name, parts[count:])
    raise NotLoaded("there is no module `%s`" % parts[0])


def resolve(module, name, rest):
    if len(rest) > 2:
        raise NotLoaded("`%s` in module `%s` is nested too deeply for a handler" % (".".join(rest), name))
    found = attribute(module, rest[0], "module `%s`" % name)
    if len(rest) == 2:
        if not isinstance(found, type):
            raise NotLoaded("`%s` in module `%s` is not a class" % (rest[0], name))
        check_constructor(found)
        try:
            instance = found()
        except Exception as error:
            raise NotLoaded("`%s()` failed: %s" % (rest[0], one_line(error))) from error
        found = attribute(instance, rest[1], "class `%s`" % rest[0])
    if not callable(found):
        raise NotLoaded("`%s` in module `%s` cannot be called" % (".".join(rest), name))
    return found


def attribute(owner, name, described):
    try:
        return getattr(owner, name)
    except AttributeError:
        import difflib

        near = difflib.get_close_matches(name, [each for each in dir(owner) if not each.startswith("__")])
        hint = "; did you mean `%s`?" % near[0] if near else ""
        raise NotLoaded("%s has no `%s`%s" % (described, name, hint)) from None


def check_constructor(cls):
    init = cls.__dict__.get("__init__")
    if not inspect.isfunction(init):
        return
    if inspect.iscoroutinefunction(init):
        raise NotLoaded("`%s.__init__` is async; a handler's class is created without an event loop" % cls.__name__)
    stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    missing = [
        "`%s%s`" % (stars.get(each.kind, ""), each.name)
        for each in list(inspect.signature(init, follow_wrapped=False).parameters.values())[1:]
        if each.default is each.empty
    ]
    if missing:
        raise NotLoaded(
            "`%s.__init__` must work without arguments: give %s a default" % (cls.__name__, ", ".join(missing))
        )


HERE = load.__code__.co_filename


def one_line(error):
    text = " ".join(str(error).split())
    return "%s: %s" % (class_name(type(error)), text) if text else class_name(type(error))


# --- errors -----------------------------------------------------------------------------------


def class_name(kind):
    """As the platform names classes: by their defining module, built-ins without one."""
    return kind.__qualname__ if kind.__module__ == "builtins" else "%s.%s" % (kind.__module__, kind.__qualname__)


def bases(kind):
    return [class_name(base) for base in kind.__mro__[1:] if base not in (BaseException, object)]


def sound(text):
    """Half of a surrogate pair has no UTF-8, which messages are made of."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def describe(error, depth=0):
    """An exception as the flow that catches it gets to know it."""
    kind = type(error)
    try:
        message = sound(str(error))
    except Exception as other:
        message = "(the error has no text: its __str__ raised %s)" % class_name(type(other))
    at = error.__traceback__
    while at is not None and at.tb_frame.f_code.co_filename == HERE:
        at = at.tb_next
    lines = traceback.format_exception(kind, error, at)
    attributes = getattr(error, "__dict__", {})
    described = {
        "type": class_name(kind),
        "mro": bases(kind),
        "message": message,
        "args": list(error.args) if is_json(error.args) else [message],
        "attributes": {str(name): value for name, value in attributes.items() if is_json(value)},
        "traceback": sound("".join(lines))[-TRACEBACK_MAX:],
    }
    if isinstance(error, OSError) and is_json(error.filename) and error.filename is not None:
        described["attributes"]["filename"] = error.filename
    if isinstance(error, GROUPS):
        described["group"] = [sound(error.message), [describe(one, depth + 1) for one in error.exceptions]]
    if isinstance(error.__cause__, Exception) and depth < CAUSES_MAX:
        described["cause"] = describe(error.__cause__, depth + 1)
    return described


def is_json(value):
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode("utf-8")
    except Exception:
        return False
    return True


# --- results ----------------------------------------------------------------------------------


def plain(value):
    """A copy of `value` in plain JSON, richer types as the platform writes them; raises if there is none."""
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("this is not JSON: %r" % value)
        return value
    if isinstance(value, dict):
        for key in value:
            if not (key is None or isinstance(key, (str, int, float))):
                raise TypeError("this is not JSON: a key of type `%s`" % class_name(type(key)))
        return {key: plain(item) for key, item in value.items()}
    if hasattr(type(value), "model_dump"):
        return plain(value.model_dump(mode="json"))
    if hasattr(type(value), "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in type(value).__dataclass_fields__}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if isinstance(value, (bytes, bytearray, memoryview)):
        import base64

        return base64.b64encode(value).decode("ascii")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (uuid.UUID, decimal.Decimal)):
        return str(value)
    raise TypeError("this is not JSON: a value of type `%s`" % class_name(type(value)))


def emitted(value):
    """What a function returned, as a generator has to yield it: a yielded tuple would be a command."""
    if not isinstance(value, tuple):
        return value
    return value._asdict() if hasattr(value, "_asdict") else list(value)


# --- retries ----------------------------------------------------------------------------------


def is_last_attempt(error, status, headers):
    """Whether the platform would not call again after `error`: only then it counts for the flow.

    The answer must never be a wrong `False`: the flow would not hear of the error. Where the clock
    decides, an attempt is therefore given up rather than the error lost.
    """
    # What an error is on its way out of a generator.
    changed = (StopIteration, StopAsyncIteration) if IS_ASYNC else StopIteration
    kind = RuntimeError if isinstance(error, changed) else type(error)
    names = [class_name(kind), *bases(kind)]
    attempt = status.get("attempt") or 1
    policies = RESILIENCY.get("policies")
    if policies is None:
        retry, never = RESILIENCY.get("retry"), RESILIENCY.get("nonRetryableErrors") or []
        if retry is None and not never:
            return True
        # The platform's template leaves out a zero, and the default of 3 takes its place.
        attempts = (retry or {}).get("maxAttempts") or 3
        return attempts <= 1 or attempt >= attempts or any(name in never for name in names)
    policy = next(
        (
            policies[rule.get("policy")]
            for rule in RESILIENCY.get("rules") or []
            if rule.get("policy") in policies and any(fits(it, name) for it in rule.get("errors") or [] for name in names)
        ),
        policies.get("default"),
    )
    if policy is None or attempt >= (policy.get("maxAttempts") or 1):
        return True
    most = seconds(policy.get("maxDuration"))
    return most is not None and age(headers) + delay(policy, attempt) + 1 >= most


def fits(pattern, name):
    return pattern == name if "." in pattern else pattern == name.rpartition(".")[2]


def delay(policy, attempt):
    """The longest time the platform may wait after this attempt."""
    first, most = seconds(policy.get("initialDelay")) or 0, seconds(policy.get("maxInterval"))
    factor = {"constant": 1, "linear": attempt}.get(policy.get("backoff"), 2.0 ** min(attempt - 1, 60))
    wait = first * factor * (1.5 if policy.get("jitter") else 1)
    return wait if not most else min(wait, most * 1.5)


UNITS = {"ns": 1e-9, "us": 1e-6, "\u00b5s": 1e-6, "\u03bcs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}
PART = r"(\d+\.?\d*|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)"


def seconds(text):
    """A duration such as `1m30s`; None when there is none, or it has no unit."""
    if not isinstance(text, str) or not re.fullmatch("(%s)+" % PART, text):
        return None
    return sum(float(number) * UNITS[unit] for number, unit in re.findall(PART, text))


def age(headers):
    """Seconds since the message was first handled."""
    text = headers.get("x-asya-first-attempt")
    found = re.match(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\.\d+)?(Z|z|[+-]\d\d:\d\d)?", text if isinstance(text, str) else "")
    if not found:
        return 0
    zone = (found[2] or "Z").upper().replace("Z", "+00:00")
    first = datetime.datetime.fromisoformat(found[1] + zone)
    return (datetime.datetime.now(datetime.timezone.utc) - first).total_seconds()


# --- a generator's commands -------------------------------------------------------------------

SEGMENT = re.compile(r'\.([a-zA-Z_][a-zA-Z0-9_-]*)|\["([^"]*)"\]|\[(-?\d+)\]|\[(-?\d*):(-?\d*)\]')


class View:
    """The message as a generator handler sees and changes it, until all of it went well.

    The platform raises the errors of commands where nobody can catch them, and cannot take back
    what was emitted before an error. Here they are errors of the call, and what is emitted leaves
    when the handler is done.
    """

    def __init__(self, fields):
        self.fields = fields
        self.emissions = []

    def do(self, value):
        """What the `yield` of a handler does and becomes; None for FLY, which is the platform's."""
        if value is None:
            return None
        if not (isinstance(value, tuple) and len(value) >= 2):
            following = list(self.fields["route"]["next"])
            if not all(isinstance(name, str) for name in following):
                raise TypeError("`.route.next` holds %r, which are not names of actors" % (following,))
            headers = self.fields["headers"]
            if not isinstance(headers, dict):
                raise TypeError("`.headers` is %r, not a dict" % (headers,))
            self.emissions.append((plain(value), following, plain(headers)))
            return None
        verb, count = value[0], len(value)
        if verb == "GET" and count == 2:
            return copy.deepcopy(self.walk(*self.split(value[1])))
        if verb == "SET" and count == 3:
            *above, last = self.split(self.writable(value[1]), slice_last=True)
            target = self.fields
            for step in above:
                if isinstance(target, dict) and step not in target:
                    target[step] = {}
                target = target[step]
            target[last] = copy.deepcopy(value[2])
            return None
        if verb == "DEL" and count == 2:
            *above, last = self.split(self.writable(value[1]))
            del self.walk(*above)[last]
            return None
        if not (verb == "FLY" and count == 2 and isinstance(value[1], dict)):
            raise RuntimeError("a yielded tuple is a command, and this is none: %.120r" % (value,))
        return None

    def walk(self, *steps):
        target = self.fields
        for step in steps:
            target = target[step]
        return target

    def writable(self, path):
        if not path.startswith((".route.next", ".headers", ".status")):
            raise PermissionError("%s cannot be changed: only .route.next, .headers and .status can" % path)
        return path

    def split(self, path, slice_last=False):
        if not path.startswith("."):
            raise ValueError("a path starts with `.`: %r" % path)
        steps = []
        for name, quoted, index, start, stop in (found.groups() for found in SEGMENT.finditer(path)):
            if index is not None:
                steps.append(int(index))
            elif start is not None:
                steps.append(slice(int(start) if start else None, int(stop) if stop else None))
            else:
                steps.append(quoted if name is None else name)
        if not steps:
            raise ValueError("the path %r names nothing" % path)
        if any(isinstance(step, slice) for step in (steps[:-1] if slice_last else steps)):
            raise ValueError("a slice can only be the last segment of SET: %r" % path)
        return steps


# --- one message ------------------------------------------------------------------------------


class Start:
    """Asks `invoke` to call the target. A generator only comes into being; the next is `Step`."""

    def __init__(self, args, kwargs):
        self.args, self.kwargs = args, kwargs


class Step:
    """Asks `invoke` for what the target's generator yields next, `OVER` when it is done."""

    def __init__(self, reply):
        self.reply = reply


OVER = object()


def script(payload):
    """Everything about one message but waiting: yields what the platform is to do, `Start`, `Step`."""
    headers = yield "GET", ".headers"
    stack = headers.get(FRAME)
    top = stack[-1] if isinstance(stack, list) and stack and isinstance(stack[-1], dict) else {}
    call = top.get("call") if top.get("call") in ("value", "spread") else None
    is_slice, catches = top.get("slice") is True, top.get("catch") is True
    if not (call or is_slice or catches):
        yield from bare(payload)
        return
    before = copy.deepcopy(payload)
    route = yield "GET", ".route"
    status = yield "GET", ".status"
    coming = list(route["next"])
    args, kwargs = (payload,), {}
    if call == "spread" and isinstance(payload, dict) and set(payload) == {"args", "kwargs"}:
        args, kwargs = payload["args"], payload["kwargs"]
    view = View({
        "id": (yield "GET", ".id"),
        "parent_id": (yield "GET", ".parent_id"),
        "route": copy.deepcopy(route),
        "headers": copy.deepcopy(headers),
        "status": copy.deepcopy(status),
    })
    failure = None
    error = yield from collect(view, args, kwargs)
    if error is not None:
        # An error that finds no way back to its flow is the platform's.
        counts = is_slice or (catches and top.get("self") in coming)
        if not counts or not is_last_attempt(error, status, headers):
            raise error
        failure = describe(error)

    if is_slice:
        # Headers and route are those it came with: it goes to the join.
        yield "SET", SET_FRAME, stack[:-1]
        yield {"error": failure} if failure else {"ok": view.emissions[0][0] if view.emissions else None}
    elif failure:
        yield "SET", SET_FRAME, [*stack[:-1], {**top, "error": failure}]
        yield "SET", ".route.next", coming[coming.index(top["self"]) :]
        yield {} if before is None else before
    elif view.emissions:
        known = (coming, headers)
        for value, following, changed in view.emissions:
            # The frame is the flow's, whatever became of the other headers.
            changed[FRAME] = stack
            if following != known[0]:
                yield "SET", ".route.next", following
            if changed != known[1]:
                yield "SET", ".headers", changed
            known = (following, changed)
            yield value
    elif call:
        yield "SET", SET_FRAME, [*stack[:-1], {**top, "none": True}]
        yield {} if before is None else before


def bare(payload):
    """The handler as if nothing were in front of it."""
    result = yield Start((payload,), {})
    if not IS_GENERATOR:
        if result is not None:
            yield emitted(result)
        return
    reply = None
    while True:
        value = yield Step(reply)
        if value is OVER:
            return
        reply = yield value


def collect(view, args, kwargs):
    """Runs the target to its end and returns its error; `view` has what it emitted."""
    try:
        result = yield Start(args, kwargs)
        if not IS_GENERATOR:
            if result is not None:
                view.do(emitted(result))
            return None
        reply = None
        while True:
            value = yield Step(reply)
            if value is OVER:
                return None
            reply = view.do(value)
            if isinstance(value, tuple) and len(value) == 2 and value[0] == "FLY":
                yield "FLY", plain(value[1])
    except Exception as error:
        # Returned, not raised: no generator can raise a StopIteration.
        return error


def invoke_sync(payload):
    steps, running = script(payload), None
    reply = error = None
    try:
        while True:
            try:
                asked = steps.send(reply) if error is None else steps.throw(error)
            except StopIteration:
                return
            reply = error = None
            try:
                if type(asked) is Start:
                    reply = TARGET(*asked.args, **asked.kwargs)
                    running = reply if IS_GENERATOR else None
                    continue
                if type(asked) is Step:
                    try:
                        reply = running.send(asked.reply)
                    except StopIteration:
                        reply = OVER
                    continue
            except Exception as raised:
                error = raised
                continue
            reply = yield asked
    finally:
        if running is not None:
            try:
                running.close()
            except Exception:
                pass


async def invoke_async(payload):
    steps, running = script(payload), None
    reply = error = None
    while True:
        try:
            asked = steps.send(reply) if error is None else steps.throw(error)
        except StopIteration:
            return
        reply = error = None
        try:
            if type(asked) is Start:
                reply = running = TARGET(*asked.args, **asked.kwargs)
                if not IS_GENERATOR:
                    reply = await reply
                continue
            if type(asked) is Step:
                try:
                    reply = await running.asend(asked.reply)
                except StopAsyncIteration:
                    reply = OVER
                continue
        except Exception as raised:
            error = raised
            continue
        reply = yield asked


def resiliency():
    text = os.environ.get("ASYA_CALL_RESILIENCY") or "{}"
    try:
        found = json.loads(text)
    except ValueError as error:
        raise NotLoaded("ASYA_CALL_RESILIENCY is not JSON: %s" % error) from None
    if not isinstance(found, dict):
        raise NotLoaded("ASYA_CALL_RESILIENCY is not a JSON object: %.80s" % text)
    return found


RESILIENCY = resiliency()
TARGET = load(os.environ.get("ASYA_CALL_TARGET"))
# The forms the platform tells apart, by the function object alone as the platform does.
IS_GENERATOR = inspect.isgeneratorfunction(TARGET) or inspect.isasyncgenfunction(TARGET)
IS_ASYNC = inspect.iscoroutinefunction(TARGET) or inspect.isasyncgenfunction(TARGET)
# A plain function may start an event loop of its own, so it must not be called inside of one.
invoke = invoke_async if IS_ASYNC else invoke_sync
