"""Runs the handlers of a local mesh.

Started once as a fork server: it answers commands on its standard input and forks one worker
process for each actor. A worker loads the actor's handler and answers one envelope at a time
over its own socket, one JSON document a line. Standard library only, Python 3.10 or newer.
"""

import sys

if sys.version_info < (3, 10):
    sys.stdout.write('{"too_old": "%d.%d.%d"}\n' % sys.version_info[:3])
    sys.stdout.flush()
    sys.exit(0)

import copy
import functools
import json
import os
import re
import signal
import socket
import time

HERE = __file__


# --- values to JSON ---------------------------------------------------------------------------


class NotJson(Exception):
    """A value has no JSON form; `steps` leads to it from the outside in."""

    def __init__(self, what):
        super().__init__(what)
        self.steps = []


ATOMS = frozenset((str, int, float, bool, type(None)))
encode = json.JSONEncoder(allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode


def to_json(value):
    """JSON text of `value`; richer Python types become plain ones, as on the platform."""
    try:
        return encode(plain(value))
    except NotJson as error:
        problem = TypeError("this is not JSON: %s at `payload%s`" % (error, "".join(error.steps)))
    except RecursionError:
        problem = ValueError("this is not JSON: it is nested too deeply, or contains itself")
    except ValueError as error:
        place = find_not_finite(value, "payload")
        problem = ValueError("this is not JSON: %s" % (place or error))
    raise problem


def plain(value):
    """`value` itself when it is plain JSON already, else a copy that is."""
    kind = type(value)
    if kind in ATOMS:
        return value
    if kind is dict:
        return plain_dict(value)
    if kind is list or kind is tuple:
        return plain_items(value, "[%d]")
    if isinstance(value, (str, int, float)):
        return value
    if isinstance(value, dict):
        return plain_dict(value)
    if hasattr(kind, "model_dump"):
        return plain(value.model_dump(mode="json"))
    if hasattr(kind, "__dataclass_fields__"):
        return plain_dict({name: getattr(value, name) for name in kind.__dataclass_fields__})
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return plain_dict(value._asdict())
    if isinstance(value, (list, tuple)):
        return plain_items(value, "[%d]")
    if isinstance(value, (set, frozenset)):
        return plain_items(list(value), "{%d}")
    if isinstance(value, (bytes, bytearray, memoryview)):
        import base64

        return base64.b64encode(value).decode("ascii")
    if is_one_of(value, "datetime", ("date", "time")):
        return value.isoformat()
    if is_one_of(value, "uuid", ("UUID",)) or is_one_of(value, "decimal", ("Decimal",)):
        return str(value)
    raise NotJson("a value of type `%s`" % type_name(kind))


def plain_dict(value):
    changed = {}
    for key, item in value.items():
        if type(key) is not str and not (key is None or isinstance(key, (str, int, float))):
            raise NotJson("a key of type `%s`" % type_name(type(key)))
        if type(item) in ATOMS:
            continue
        try:
            other = plain(item)
        except NotJson as error:
            error.steps.insert(0, "[%r]" % (key,))
            raise
        if other is not item:
            changed[key] = other
    if not changed:
        return value
    return {key: changed.get(key, item) if key in changed else item for key, item in value.items()}


def plain_items(value, step):
    changed = None
    for at, item in enumerate(value):
        if type(item) in ATOMS:
            continue
        try:
            other = plain(item)
        except NotJson as error:
            error.steps.insert(0, step % at)
            raise
        if other is not item:
            if changed is None:
                changed = list(value)
            changed[at] = other
    return value if changed is None else changed


def is_one_of(value, module, names):
    # A module nobody imported has no instances: no need to import it for the test.
    loaded = sys.modules.get(module)
    return loaded is not None and isinstance(value, tuple(getattr(loaded, name) for name in names))


def find_not_finite(value, path):
    if isinstance(value, float):
        return "%r at `%s`" % (value, path) if value != value or value in (float("inf"), float("-inf")) else None
    if isinstance(value, dict):
        for key, item in value.items():
            found = find_not_finite(key, "a key of %s" % path) or find_not_finite(item, "%s[%r]" % (path, key))
            if found:
                return found
    if isinstance(value, (list, tuple)):
        for at, item in enumerate(value):
            found = find_not_finite(item, "%s[%d]" % (path, at))
            if found:
                return found
    return None


# --- errors -----------------------------------------------------------------------------------


def type_name(kind):
    """Module-qualified name of the defining module; built-ins have no prefix."""
    return kind.__qualname__ if kind.__module__ == "builtins" else "%s.%s" % (kind.__module__, kind.__qualname__)


def describe(error, waiting=()):
    """What is reported about a failed handler; `waiting` is where its generator stood still."""
    import traceback

    kind = type(error)
    try:
        message = str(error)
    except Exception as other:
        message = "(the error has no text: its __str__ raised %s)" % type_name(type(other))
    at = error.__traceback__
    while at is not None and is_machinery(at.tb_frame.f_code.co_filename):
        at = at.tb_next
    if at is None and waiting:
        # An error of the driver has no frame of the user's own.
        users = ["Traceback (most recent call last):\n", *waiting, *traceback.format_exception_only(kind, error)]
    else:
        users = traceback.format_exception(kind, error, at)
    return {
        "message": sound(message),
        "type": type_name(kind),
        "mro": [type_name(base) for base in kind.__mro__[1:] if base not in (BaseException, object)],
        "traceback": sound("".join(traceback.format_exception(kind, error, error.__traceback__))),
        "user_traceback": sound("".join(users)),
    }


def sound(text):
    """`text` with half surrogate pairs written out: they have no UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def one_line(error):
    text = " ".join(str(error).split())
    return sound("%s: %s" % (type_name(type(error)), text)) if text else type_name(type(error))


def is_machinery(filename):
    return (
        filename == HERE
        or os.path.basename(filename) == "asya_call.py"
        or filename.startswith("<frozen importlib")
        or os.path.basename(os.path.dirname(filename)) == "asyncio"
    )


def where(generator):
    """Where a generator waits, as lines of a traceback."""
    import traceback

    lines = []
    while generator is not None:
        frame = getattr(generator, "gi_frame", None) or getattr(generator, "ag_frame", None)
        if frame is None:
            break
        if is_machinery(frame.f_code.co_filename):
            # The call wrapper: the handler's own generator is behind it.
            generator = frame.f_locals.get("running")
            continue
        lines.append(traceback.FrameSummary(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name))
        generator = getattr(generator, "gi_yieldfrom", None)
    return traceback.format_list(lines)


# --- the handler's view of a message ----------------------------------------------------------

SEGMENT = re.compile(r'\.([a-zA-Z_][a-zA-Z0-9_-]*)|\["([^"]*)"\]|\[(-?\d+)\]|\[(-?\d*):(-?\d*)\]')
WRITABLE = (".route.next", ".headers", ".status")


@functools.lru_cache(maxsize=1024)
def parse_path(path):
    """The segments of a path: names, indexes and slices. Text between them is skipped."""
    if not path.startswith("."):
        raise ValueError("a path starts with `.`: %r" % path)
    segments = []
    for name, quoted, index, start, stop in (found.groups() for found in SEGMENT.finditer(path)):
        if name is not None:
            segments.append(name)
        elif quoted is not None:
            segments.append(quoted)
        elif index is not None:
            segments.append(int(index))
        else:
            segments.append(slice(int(start) if start else None, int(stop) if stop else None))
    if not segments:
        raise ValueError("the path %r names nothing" % path)
    return tuple(segments)


def no_slice(path, segments):
    if any(isinstance(segment, slice) for segment in segments):
        raise ValueError("a slice can only be the last segment of SET: %r" % path)


def check_writable(verb, path):
    if not path.startswith(WRITABLE):
        raise PermissionError("%s %s is denied: only .route.next, .headers and .status can be changed" % (verb, path))


class Message:
    """One message while its handler works on it."""

    def __init__(self, envelope, send):
        self.send = send
        self.headers_touched = False
        self.waiting = ()
        self.fields = {
            "id": envelope.get("id") or "",
            "parent_id": envelope.get("parent_id") or "",
            "route": envelope["route"],
            "headers": envelope.get("headers") or {},
            "status": envelope.get("status") or {},
        }

    def act(self, value, generator):
        """Does what a handler yielded and returns what the yield expression becomes."""
        try:
            return self.do(value)
        except Exception:
            self.waiting = where(generator)
            raise

    def do(self, value):
        if value is None:
            return None
        if isinstance(value, tuple) and len(value) >= 2:
            return self.command(value)
        self.emit(value)
        return None

    def command(self, value):
        verb = value[0]
        if verb == "GET" and len(value) == 2:
            return self.get(value[1])
        if verb == "SET" and len(value) == 3:
            return self.set(value[1], value[2])
        if verb == "DEL" and len(value) == 2:
            return self.delete(value[1])
        if verb == "FLY" and len(value) == 2 and isinstance(value[1], dict):
            self.send('{"fly":%s}\n' % to_json(value[1]))
            return None
        shown = repr(value)
        raise RuntimeError(
            "a yielded tuple is a command, and this is none: %s; commands are (\"GET\", path), "
            "(\"SET\", path, value), (\"DEL\", path) and (\"FLY\", dict); yield a list to emit one"
            % (shown if len(shown) <= 120 else shown[:117] + "...")
        )

    def get(self, path):
        segments = parse_path(path)
        no_slice(path, segments)
        target = self.fields
        for segment in segments:
            target = target[segment]
        return copy.deepcopy(target)

    def set(self, path, value):
        check_writable("SET", path)
        segments = parse_path(path)
        no_slice(path, segments[:-1])
        value = copy.deepcopy(value)
        target = self.fields
        for segment in segments[:-1]:
            if isinstance(target, dict) and segment not in target:
                target[segment] = {}
            target = target[segment]
        target[segments[-1]] = value
        self.headers_touched = True

    def delete(self, path):
        check_writable("DEL", path)
        segments = parse_path(path)
        no_slice(path, segments)
        target = self.fields
        for segment in segments[:-1]:
            target = target[segment]
        del target[segments[-1]]
        self.headers_touched = True

    def emit(self, payload, last=False):
        """Sends a frame: the payload, the route one step on, the headers as they are now."""
        route = self.fields["route"]
        coming = list(route["next"])
        for name in coming:
            if not isinstance(name, str):
                raise TypeError("`.route.next` holds %r, which is not the name of an actor" % (name,))
        shifted = {"prev": [*route["prev"], route["curr"]], "curr": coming[0] if coming else "", "next": coming[1:]}
        headers = ""
        if self.headers_touched:
            value = self.fields["headers"]
            if not isinstance(value, dict):
                raise TypeError("`.headers` is %s, not a dict" % type_name(type(value)))
            headers = ',"headers":' + to_json(value)
        line = '{"frame":{"payload":%s,"route":%s%s}}\n' % (to_json(payload), encode(shifted), headers)
        self.send(line, flush=not last)


# --- the handler ------------------------------------------------------------------------------

HANDLER = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*(\.[a-zA-Z_][a-zA-Z0-9_]*)+", re.ASCII)


class NotLoaded(Exception):
    """The handler cannot be loaded; the cause, if any, is an error of the user's module."""


def load(path):
    """The callable named by a dotted handler path."""
    if HANDLER.fullmatch(path) is None:
        raise NotLoaded("`%s` is no handler: write `module.function` or `module.Class.method`" % path)
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
            if is_wrappers(error):
                raise NotLoaded(str(error)) from error.__cause__
            raise NotLoaded("module `%s` cannot be imported: %s" % (name, one_line(error))) from error
        return resolve(sys.modules[name], name, parts[count:])
    places = "\n".join("  " + entry for entry in sys.path if "python3" not in entry and not entry.endswith(".zip"))
    raise NotLoaded("there is no module `%s`; looked in\n%s" % (parts[0], places))


def is_wrappers(error):
    """Whether the call wrapper says why the handler behind it cannot be loaded."""
    return type_name(type(error)) == "asya_call.NotLoaded"


def resolve(module, name, rest):
    if len(rest) > 2:
        raise NotLoaded("`%s` in module `%s` is nested too deeply for a handler" % (".".join(rest), name))
    found = attribute(module, rest[0], "module `%s`" % name)
    if len(rest) == 2:
        if not isinstance(found, type):
            raise NotLoaded("`%s` in module `%s` is not a class" % (rest[0], name))
        check_constructor(found)
        try:
            found = found()
        except Exception as error:
            raise NotLoaded("`%s()` failed: %s" % (rest[0], one_line(error))) from error
        found = attribute(found, rest[1], "class `%s`" % rest[0])
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
    code = getattr(init, "__code__", None)
    if code is None:
        return
    if flags_of(init) & CO_COROUTINE:
        raise NotLoaded("`%s.__init__` is async; a handler's class is created without an event loop" % cls.__name__)
    names = code.co_varnames
    positional = names[1 : code.co_argcount - len(init.__defaults__ or ())]
    end = code.co_argcount + code.co_kwonlyargcount
    missing = [*positional, *(n for n in names[code.co_argcount : end] if n not in (init.__kwdefaults__ or {}))]
    if code.co_flags & CO_VARARGS:
        missing.append("*" + names[end])
        end += 1
    if code.co_flags & CO_VARKEYWORDS:
        missing.append("**" + names[end])
    if missing:
        raise NotLoaded(
            "`%s.__init__` must work without arguments: give %s a default"
            % (cls.__name__, ", ".join("`%s`" % name for name in missing))
        )


CO_VARARGS, CO_VARKEYWORDS, CO_GENERATOR, CO_COROUTINE, CO_ASYNC_GENERATOR = 0x04, 0x08, 0x20, 0x80, 0x200


def flags_of(function):
    """Code flags, found as `inspect` finds them, without the cost of importing it."""
    while True:
        if isinstance(function, functools.partial):
            function = function.func
        elif hasattr(function, "__func__"):
            function = function.__func__
        else:
            break
    code = getattr(function, "__code__", None)
    flags = code.co_flags if code is not None else 0
    # What `inspect.markcoroutinefunction` (3.12) leaves behind.
    return flags | CO_COROUTINE if getattr(function, "_is_coroutine_mark", None) else flags


def form_of(handler):
    flags = flags_of(handler)
    if flags & CO_ASYNC_GENERATOR:
        return "async generator"
    if flags & CO_GENERATOR:
        return "generator"
    return "async function" if flags & CO_COROUTINE else "function"


# --- one message ------------------------------------------------------------------------------


def check_envelope(envelope):
    """What is wrong with an envelope, or None."""
    if not isinstance(envelope, dict):
        return "a message must be an object"
    if "payload" not in envelope:
        return "`payload` is missing"
    route = envelope.get("route")
    if not isinstance(route, dict):
        return "`route` must be an object"
    for key in ("prev", "next"):
        value = route.get(key)
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            return "`route.%s` must be a list of names" % key
    if not isinstance(route.get("curr"), str):
        return "`route.curr` must be a string"
    return None


def answer(handler, form, line, send):
    """Runs the handler on one envelope and sends frames, then `done` or `error`."""
    generator = message = None
    try:
        envelope = json.loads(line)
        wrong = check_envelope(envelope)
        if wrong is not None:
            send('{"error":%s}\n' % encode({"code": "msg_parsing_error", "message": wrong, "type": "ValueError"}))
            return
        message = Message(envelope, send)
        payload = envelope["payload"]
        if form == "function":
            result = handler(payload)
            if result is not None:
                message.emit(result, last=True)
        elif form == "generator":
            generator = handler(payload)
            drive(generator, message)
        else:
            if form == "async function":
                result = run_in_loop(handler(payload))
                if result is not None:
                    message.emit(result, last=True)
            else:
                generator = handler(payload)
                run_in_loop(drive_async(generator, message))
    except Exception as error:
        details = describe(error, message.waiting if message is not None else ())
        if form == "generator" and generator is not None:
            close(generator)
        finish_output()
        send('{"error":%s}\n' % encode(details))
    else:
        finish_output()
        send('{"done":true}\n')


def close(generator):
    """Lets a generator that was given up run its `finally` blocks; what they raise is lost."""
    try:
        generator.close()
    except Exception:
        pass


def drive(generator, message):
    reply = None
    while True:
        try:
            value = generator.send(reply)
        except StopIteration:
            return
        # Outside the `try`, and never thrown into the generator: a handler cannot catch it.
        reply = message.act(value, generator)


async def drive_async(generator, message):
    reply = None
    while True:
        try:
            value = await generator.asend(reply)
        except StopAsyncIteration:
            return
        reply = message.act(value, generator)


def run_in_loop(coroutine):
    """`asyncio.run` in less than half its time: a fresh loop for each message costs every hop."""
    import asyncio

    async def close_down():
        left = asyncio.all_tasks(loop) - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await loop.shutdown_asyncgens()
        await loop.shutdown_default_executor()

    loop = asyncio.new_event_loop()
    try:
        asyncio.set_event_loop(loop)
        return loop.run_until_complete(coroutine)
    finally:
        try:
            loop.run_until_complete(close_down())
        finally:
            asyncio.set_event_loop(None)
            loop.close()


def finish_output():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass


# --- one worker -------------------------------------------------------------------------------


class Gone(BaseException):
    """Nobody listens any more; not an `Exception`, so that no handler swallows it."""


def work(order, stream):
    """Loads the handler of `order` and answers envelopes until the socket closes."""
    descriptor = stream.detach()
    requests = open(descriptor, "rb")
    replies = open(descriptor, "wb", closefd=False)

    def send(line, flush=True):
        try:
            # Half of a surrogate pair has no UTF-8; its escape is what JSON writes.
            replies.write(line.encode("utf-8", "backslashreplace"))
            if flush:
                replies.flush()
        except OSError:
            raise Gone from None

    try:
        handler = load(order["handler"])
    except NotLoaded as error:
        cause = error.__cause__
        details = describe(cause if cause is not None else error)
        if cause is None:
            details = {"message": str(error), "type": ""}
        finish_output()
        send('{"not_loaded":%s}\n' % encode({"reason": str(error), "details": details}))
        return
    form = form_of(handler)
    finish_output()
    send('{"ready":%s}\n' % encode(form))
    while True:
        line = requests.readline()
        if not line:
            return
        answer(handler, form, line, send)


def become_worker(order, server_path):
    """Turns the forked process into a worker: own process group, streams, environment, path."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    stream.connect(server_path)
    os.write(1, b'{"connected":%d}\n' % order["worker"])
    output = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    os.close(nothing)
    sys.stdin = open(0, closefd=False)
    for each in (sys.stdout, sys.stderr):
        each.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    os.environ.update(order["env"])
    os.environ["ASYA_HANDLER"] = order["handler"]
    sys.path[:0] = order["path"]
    sys.argv = [HERE]
    return stream


# --- the fork server --------------------------------------------------------------------------


def reap(pid, patience):
    """The wait status of a worker that is about to end; it is killed when it takes too long."""
    until = time.monotonic() + patience
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return status
        if time.monotonic() > until:
            kill_group(pid)
            return os.waitpid(pid, 0)[1]
        time.sleep(0.0005)


def kill_group(pid):
    try:
        os.killpg(pid, signal.SIGKILL)
    except OSError:
        pass


def fork_server():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    directory = os.path.dirname(HERE)
    if sys.path and sys.path[0] == directory:
        del sys.path[0]
    commands = os.fdopen(os.dup(0), "rb")
    workers = {}

    def tell(document):
        os.write(1, (encode(document) + "\n").encode("ascii"))

    tell({"hello": list(sys.version_info[:3])})
    while True:
        line = commands.readline()
        if not line:
            break
        order = json.loads(line)
        number = order["worker"]
        if order["do"] == "fork":
            pid = os.fork()
            if pid == 0:
                commands.close()
                return order
            workers[number] = pid
            # Routers are asynchronous: imported once here, while the first worker loads.
            import asyncio
        elif number in workers:
            pid = workers.pop(number)
            status = reap(pid, 0 if order["do"] == "kill" else 1)
            # What a handler started and left behind goes with its worker.
            kill_group(pid)
            tell({"ended": {"worker": number, "status": status}})
    for pid in workers.values():
        kill_group(pid)
        os.waitpid(pid, 0)
    # Also when `asya` was killed and could not do it itself.
    for name in ("asya_worker.py", "workers", "log"):
        try:
            os.remove(os.path.join(directory, name))
        except OSError:
            pass
    try:
        os.rmdir(directory)
    except OSError:
        pass
    return None


def main():
    order = fork_server()
    if order is None:
        return
    code = 1
    try:
        work(order, become_worker(order, order["socket"]))
        code = 0
    except Gone:
        pass
    except BaseException as error:
        # What the platform's runtime does not catch ends the process there too.
        code = exit_code(error)
    import atexit

    atexit._run_exitfuncs()
    finish_output()
    os._exit(code)


def exit_code(error):
    if isinstance(error, SystemExit):
        if error.code is None or isinstance(error.code, int):
            return (error.code or 0) & 0xFF
        print(error.code, file=sys.stderr)
        return 1
    import traceback

    traceback.print_exception(type(error), error, error.__traceback__)
    return 1


if __name__ == "__main__":
    main()
