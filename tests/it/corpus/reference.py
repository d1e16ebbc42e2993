"""Runs the flows of the corpus as plain Python, with every actor `f` as `json . f . json`.

A job a line comes in, {"module", "function", "payload"} or {"resolve": [handlers]}; a JSON line goes out. The first
line that goes out is the version of Python.

What is an actor is decided here once more, from the rule that the guide tells people: an `async` function of the
project is one wherever it is called; another function or method of the project is one where the call is a whole
statement, a right-hand side, or an element of a list on a right-hand side. Flows, and what is marked `unfold` or
`inline`, are not.

A list of calls, `[await f(x) for x in xs]`, makes all of them at the same time, as `asyncio.gather` does: all are made
even when one fails, and the first failure in the order of the list is raised.
"""

import ast
import asyncio
import contextvars
import dataclasses
import functools
import importlib
import importlib.abc
import importlib.util
import inspect
import io
import json
import pathlib
import re
import sys

ROOT = pathlib.Path.cwd().resolve()
HANDLERS = "ai"
TRANSPARENT = {"flow", "unfold", "inline"}
LIMIT = 300

inside_an_actor = contextvars.ContextVar("inside_an_actor", default=False)


class Run:
    """What one run did."""

    def __init__(self):
        self.calls = []
        self.main = None
        self.branches = set()
        self.lines = set()
        # A list of calls is being worked off.
        self.together = False


run = Run()
# Functions of flow modules whose calls are part of the flow, as (module, name).
transparent = set()
# Tests of a file: (line, column) of every condition.
conditions = {}
statements = {}


def plain(value):
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def text(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=plain, allow_nan=False)


def copy(value):
    return json.loads(text(value))


def is_of_the_project(function):
    module = sys.modules.get(function.__module__)
    file = getattr(module, "__file__", None)
    return file is not None and ROOT in pathlib.Path(file).resolve().parents


def record(function, arguments, keywords):
    """The arguments as the actor gets them."""
    if len(run.calls) >= LIMIT:
        raise RuntimeError("more calls than the corpus wants")
    if len(arguments) == 1 and not keywords:
        argument = text(arguments[0])
        arguments = [json.loads(argument)]
    else:
        argument = text({"args": arguments, "kwargs": keywords})
        both = json.loads(argument)
        arguments, keywords = both["args"], both["kwargs"]
    try:
        task = asyncio.current_task()
    except RuntimeError:
        task = run.main
    handler = f"{function.__module__}.{function.__qualname__}"
    run.calls.append({"handler": handler, "argument": argument, "alone": task is run.main and not run.together})
    return arguments, keywords


def emitted(generator):
    """The one payload that a generator sends on."""
    payloads = [value for value in generator if not (isinstance(value, tuple) and len(value) > 1) and value is not None]
    if len(payloads) != 1:
        raise TypeError("a generator that is an actor sends one payload here")
    return payloads[0]


async def collected(generator):
    return [value async for value in generator]


class Branch:
    """A call in a list of calls, which are made together."""

    def __init__(self, function, plain, is_actor, arguments, keywords):
        self.make = functools.partial(function, *arguments, **keywords)
        self.plain = functools.partial(plain, *arguments, **keywords)
        self.is_actor = is_actor


def together(branches):
    """Makes the calls of a list, if all of its elements are calls of actors."""
    if not all(branch.is_actor for branch in branches):
        return [branch.plain() for branch in branches]
    outcomes = []
    run.together = True
    for branch in branches:
        try:
            outcomes.append((branch.make(), None))
        except Exception as error:
            outcomes.append((None, error))
    run.together = False
    return results(outcomes)


async def together_awaited(branches):
    """The same for a list whose elements are awaited."""
    if not all(branch.is_actor for branch in branches):
        return [await branch.make() for branch in branches]

    async def outcome(branch):
        try:
            return await branch.make(), None
        except Exception as error:
            return None, error

    return results(await asyncio.gather(*map(outcome, branches)))


def results(outcomes):
    for _, error in outcomes:
        if error is not None:
            raise error
    return [value for value, _ in outcomes]


def called(callee, is_statement, directive, is_branch=False):
    """What to call in the place of `callee`."""
    found = resolved(callee, is_statement, directive)
    is_transparent = (getattr(callee, "__module__", None), getattr(callee, "__name__", None)) in transparent
    if is_branch:
        is_actor = found is not callee or is_transparent
        return lambda *arguments, **keywords: Branch(found, callee, is_actor, arguments, keywords)
    return found


def resolved(callee, is_statement, directive):
    function = getattr(callee, "__func__", callee)
    bound = [callee.__self__] if inspect.ismethod(callee) else []
    if inside_an_actor.get() or directive in TRANSPARENT:
        return callee
    if callee is map:
        return lambda mapped, *items: map(resolved(mapped, is_statement, directive), *items)
    if not inspect.isfunction(function):
        return callee
    if not is_of_the_project(function) or (function.__module__, function.__name__) in transparent:
        return callee
    if "<locals>" in function.__qualname__ or function.__name__ == "<lambda>":
        return callee
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):

        @functools.wraps(function)
        async def call(*arguments, **keywords):
            arguments, keywords = record(function, arguments, keywords)
            token = inside_an_actor.set(True)
            try:
                result = function(*bound, *arguments, **keywords)
                result = emitted(await collected(result)) if inspect.isasyncgen(result) else await result
            finally:
                inside_an_actor.reset(token)
            return copy(result)

        return call
    if not is_statement and directive != "actor":
        return callee

    @functools.wraps(function)
    def call(*arguments, **keywords):
        arguments, keywords = record(function, arguments, keywords)
        token = inside_an_actor.set(True)
        try:
            result = function(*bound, *arguments, **keywords)
            result = emitted(result) if inspect.isgenerator(result) else result
        finally:
            inside_an_actor.reset(token)
        return copy(result)

    return call


def branch(file, line, column, value):
    """Notes which way a condition went."""
    truth = bool(value)
    if not inside_an_actor.get():
        run.branches.add((file, line, column, truth))
    return value


def awaits(node):
    return any(isinstance(part, ast.Await) or getattr(part, "is_async", False) for part in ast.walk(node))


class Instrument(ast.NodeTransformer):
    """Every call asks what it calls, every condition says which way it goes. Lines stay."""

    def __init__(self, name, file, source):
        self.name = name
        self.file = file
        self.lines = source.splitlines()
        self.depth = 0

    def directive(self, line):
        found = re.search(r"#\s*asya:\s*(\w+)", self.lines[line - 1])
        return found.group(1) if found else None

    def visit_FunctionDef(self, node):
        names = {getattr(decorator, "id", getattr(decorator, "attr", None)) for decorator in node.decorator_list}
        signature = range(node.lineno, node.body[0].lineno)
        if names & TRANSPARENT or any(self.directive(line) in TRANSPARENT for line in signature):
            transparent.add((self.name, node.name))
        body = node.body[ast.get_docstring(node) is not None :]
        statements[self.file].update(
            part.lineno
            for statement in body
            for part in ast.walk(statement)
            if isinstance(part, ast.stmt) and not isinstance(part, (ast.Nonlocal, ast.Global))
        )
        self.depth += 1
        node = self.generic_visit(node)
        self.depth -= 1
        return node

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Call(self, node):
        is_statement = getattr(node, "is_statement", False)
        directive = self.directive(node.lineno)
        self.generic_visit(node)
        if not self.depth or (isinstance(node.func, ast.Name) and node.func.id == "super"):
            return node
        is_branch = getattr(node, "is_branch", False)
        arguments = [node.func, *map(ast.Constant, (is_statement, directive, is_branch))]
        node.func = self.at(node, ast.Call(ast.Name("__called__", ast.Load()), arguments, []))
        return node

    def whole(self, node):
        """Marks the calls of a statement that are actors' even when they are not awaited."""
        value = node.value
        if isinstance(value, ast.Call):
            value.is_statement = True
            if getattr(value.func, "id", None) == "list" and len(value.args) == 1:
                value = value.args[0]
        elements = value.elts if isinstance(value, ast.List) else [getattr(value, "elt", None)]
        is_list = isinstance(value, (ast.List, ast.ListComp))
        if is_list and all(isinstance(element, ast.Call) for element in elements):
            for element in elements:
                element.is_statement = True
        return self.generic_visit(node)

    visit_Expr = visit_Assign = whole

    def list_of_calls(self, node):
        """Wraps a list of calls in what makes them together."""
        elements = node.elts if isinstance(node, ast.List) else [node.elt]
        calls = [element.value if isinstance(element, ast.Await) else element for element in elements]
        is_awaited = bool(elements) and all(isinstance(element, ast.Await) for element in elements)
        if not is_awaited and not (elements and all(getattr(call, "is_statement", False) for call in elements)):
            return self.generic_visit(node)
        within = [] if isinstance(node, ast.List) else [*node.generators, *ast.iter_child_nodes(calls[0])]
        if not self.depth or not all(isinstance(call, ast.Call) for call in calls) or any(map(awaits, within)):
            return self.generic_visit(node)
        for call in calls:
            call.is_branch = True
        if isinstance(node, ast.List):
            node.elts = calls
        else:
            node.elt = calls[0]
        node = self.generic_visit(node)
        how = "__together_awaited__" if is_awaited else "__together__"
        made = ast.Call(ast.Name(how, ast.Load()), [node], [])
        return self.at(node, ast.Await(made) if is_awaited else made)

    visit_List = visit_ListComp = list_of_calls

    def visit_AnnAssign(self, node):
        return self.whole(node) if node.value else node

    visit_Return = visit_AnnAssign

    def condition(self, node):
        is_constant = isinstance(node.test, ast.Constant)
        place = (node.test.lineno, node.test.col_offset)
        node = self.generic_visit(node)
        if self.depth and not is_constant:
            conditions[self.file].add(place)
            arguments = [ast.Constant(part) for part in (self.file, *place)]
            call = ast.Call(ast.Name("__branch__", ast.Load()), [*arguments, node.test], [])
            node.test = self.at(node.test, call)
        return node

    visit_If = visit_While = visit_IfExp = condition

    @staticmethod
    def at(place, node):
        return ast.fix_missing_locations(ast.copy_location(node, place))


class Loader(importlib.abc.SourceLoader):
    def __init__(self, path):
        self.path = path

    def get_filename(self, name):
        return self.path

    def get_data(self, path):
        return pathlib.Path(path).read_bytes()

    def source_to_code(self, data, path, *, _optimize=-1):
        source = data.decode()
        file = str(pathlib.Path(path).resolve().relative_to(ROOT))
        name = file[:-3].replace("/", ".").removesuffix(".__init__")
        conditions[file], statements[file] = set(), set()
        tree = ast.fix_missing_locations(Instrument(name, file, source).visit(ast.parse(source)))
        return compile(tree, path, "exec")

    def exec_module(self, module):
        module.__called__, module.__branch__ = called, branch
        module.__together__, module.__together_awaited__ = together, together_awaited
        super().exec_module(module)


class Finder(importlib.abc.MetaPathFinder):
    """Instruments the modules of flows, and leaves those of handlers."""

    def find_spec(self, name, path, target=None):
        if name.split(".")[0] == HANDLERS:
            return None
        file = ROOT.joinpath(*name.split(".")).with_suffix(".py")
        if not file.is_file():
            return None
        return importlib.util.spec_from_file_location(name, file, loader=Loader(str(file)))


def tracer(file):
    def local(frame, event, _):
        if event == "line":
            run.lines.add(frame.f_lineno)
        return local

    def trace(frame, event, _):
        return local if frame.f_code.co_filename == file else None

    return trace


def perform(job):
    global run
    run = Run()
    flow = getattr(importlib.import_module(job["module"]), job["function"])
    payload = json.loads(job["payload"])
    outcome = {}

    async def main():
        run.main = asyncio.current_task()
        result = flow(payload)
        return await result if inspect.iscoroutine(result) else result

    sys.settrace(tracer(flow.__code__.co_filename))
    try:
        outcome["payload"] = text(asyncio.run(main()))
    except Exception as error:
        outcome["error"] = [type(error).__name__, str(error)]
    finally:
        sys.settrace(None)
    file = str(pathlib.Path(flow.__code__.co_filename).resolve().relative_to(ROOT))
    outcome["calls"] = run.calls
    outcome["lines"] = sorted(run.lines)
    outcome["ways"] = sorted([line, column, truth] for at, line, column, truth in run.branches if at == file)
    outcome["statements"] = sorted(statements[file])
    outcome["conditions"] = sorted(conditions[file])
    return outcome


def defining_name(handler):
    """`module.function` where the function is defined, whatever name it was imported by."""
    parts = handler.split(".")
    for end in range(len(parts) - 1, 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for part in parts[end:]:
            found = getattr(found, part)
        return f"{found.__module__}.{found.__qualname__}"
    raise ImportError(handler)


answers, sys.stdout = sys.stdout, io.StringIO()  # flows may print
sys.path.insert(0, str(ROOT))
sys.meta_path.insert(0, Finder())
print(text(sys.version_info[:2]), file=answers, flush=True)
for line in sys.stdin:
    job = json.loads(line)
    answer = [defining_name(handler) for handler in job["resolve"]] if "resolve" in job else perform(job)
    print(text(answer), file=answers, flush=True)
