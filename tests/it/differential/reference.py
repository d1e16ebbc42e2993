"""Runs flows directly: every actor `f` becomes `json . f . json`. One JSON line a run.

Calls that Python makes at the same time, and calls that a list of calls makes one after the other,
have no order that means anything: they are told as one region, with what fails among them.
"""

import ast
import asyncio
import contextvars
import copy
import inspect
import json
import re
import signal
import sys
import types

import handlers

ARGUMENTS = json.loads(sys.argv[1])
LIMIT = ARGUMENTS["limit"]
# Seconds of work for one run: a flow that goes round without a call ends too.
PATIENCE = 0.25


class TooLong(BaseException):
    pass


class Region:
    """The calls of one fan-out, by branch."""

    def __init__(self, names=(), collects=False):
        self.branches = []
        # Numbers of the branches that failed, in the order in which they did.
        self.failed = []
        # What may be called more often when a branch fails: Python did not come to all of them.
        self.names = names
        # Failures become results.
        self.collects = collects

    def branch(self):
        self.branches.append([])
        return self.branches[-1]

    def told(self):
        told = {"must": [], "may": [], "names": []}
        is_failed = self.failed and not self.collects
        if is_failed:
            told["names"].extend(self.names)
        for number, branch in enumerate(self.branches):
            # One failure is what the flow sees; the other branches need not have come as far.
            must = told["must" if not is_failed or number == self.failed[0] else "may"]
            for step in branch:
                if isinstance(step, list):
                    must.append(step)
                    continue
                inner = step.told()
                must.extend(inner["must"])
                told["may"].extend(inner["may"])
                told["names"].extend(inner["names"])
        return told


class Run:
    """What happens in one run."""

    def __init__(self):
        self.steps = []
        self.calls = 0
        self.too_long = False
        # Other outcomes would be as right as this one: it depends on which branch is faster.
        self.ambiguous = False


RUN = Run()
STEPS = contextvars.ContextVar("steps")


def text(value):
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except ValueError:
        # What contains itself is no message, and which error says so first is nobody's business.
        RUN.ambiguous = True
        raise


def recorded(name, function, skip):
    def before(arguments, named):
        if RUN.too_long or RUN.calls >= LIMIT:
            RUN.too_long = True
            raise TooLong
        RUN.calls += 1
        given = arguments[skip:]
        argument = text({"args": given, "kwargs": named} if named or len(given) != 1 else given[0])
        STEPS.get().append([name, argument])
        return [*arguments[:skip], *json.loads(text(given))], json.loads(text(named))

    def back(value):
        return json.loads(text(value))

    if inspect.iscoroutinefunction(function):

        async def call(*arguments, **named):
            arguments, named = before(arguments, named)
            return back(await function(*arguments, **named))
    elif inspect.isasyncgenfunction(function):

        async def call(*arguments, **named):
            arguments, named = before(arguments, named)
            values = function(*arguments, **named)
            async for value in values:
                await values.aclose()
                return back(value)
    elif inspect.isgeneratorfunction(function):

        def call(*arguments, **named):
            arguments, named = before(arguments, named)
            for value in function(*arguments, **named):
                return back(value)
    else:

        def call(*arguments, **named):
            arguments, named = before(arguments, named)
            return back(function(*arguments, **named))

    return call


# --- fan-outs -----------------------------------------------------------------------------------


async def branch(region, number, coroutine):
    STEPS.set(region.branches[number])
    try:
        return await coroutine
    except asyncio.CancelledError:
        RUN.ambiguous = True
        raise
    except Exception:
        if not region.collects and region.failed and number < region.failed[0]:
            RUN.ambiguous = True
        region.failed.append(number)
        raise


def opened(names=(), collects=False):
    region = Region(names, collects)
    STEPS.get().append(region)
    return region


gather_of_python = asyncio.gather


def gather(*coroutines, return_exceptions=False):
    region = opened(collects=return_exceptions)
    for _ in coroutines:
        region.branch()
    branches = [branch(region, number, each) for number, each in enumerate(coroutines)]
    return gather_of_python(*branches, return_exceptions=return_exceptions)


asyncio.gather = gather

if hasattr(asyncio, "TaskGroup"):

    class TaskGroup(asyncio.TaskGroup):
        async def __aenter__(self):
            self.region = opened()
            return await super().__aenter__()

        def create_task(self, coroutine, **more):
            self.region.branch()
            number = len(self.region.branches) - 1
            return super().create_task(branch(self.region, number, coroutine), **more)

    asyncio.TaskGroup = TaskGroup


# --- as on a mesh -------------------------------------------------------------------------------


async def gather_as_mesh(*coroutines, return_exceptions=False):
    """All branches to their end, in an order that nobody expects, and then the first error."""
    results = [None] * len(coroutines)
    for number in reversed(range(len(coroutines))):
        try:
            results[number] = await coroutines[number]
        except Exception as error:
            results[number] = Failed(error)
    failed = [result.error for result in results if isinstance(result, Failed)]
    if failed and not return_exceptions:
        raise failed[0]
    return [result.error if isinstance(result, Failed) else result for result in results]


class Failed:
    def __init__(self, error):
        self.error = error


class TaskGroupAsMesh:
    def __init__(self):
        self.tasks = []

    async def __aenter__(self):
        return self

    def create_task(self, coroutine):
        self.tasks.append(TaskAsMesh(coroutine))
        return self.tasks[-1]

    async def __aexit__(self, kind, error, traceback):
        errors = [error] if kind is not None else []
        if not errors:
            results = await gather_as_mesh(*[task.coroutine for task in self.tasks], return_exceptions=True)
            for task, result in zip(self.tasks, results):
                task.value = result
                errors.extend([result] if isinstance(result, Exception) else [])
        if errors:
            raise ExceptionGroup("unhandled errors in a TaskGroup", errors)


class TaskAsMesh:
    def __init__(self, coroutine):
        self.coroutine = coroutine

    def result(self):
        return self.value


def later(function, *arguments, **named):
    async def call():
        result = function(*arguments, **named)
        return await result if inspect.isawaitable(result) else result

    return call()


async def each_at_once(calls):
    """All calls of a list that Python would have come to make."""
    made, last = [], []
    try:
        made.extend(calls)
    except Exception as error:
        last = [error]
    results = await gather_as_mesh(*made, return_exceptions=True)
    for error in [result for result in results if isinstance(result, Exception)] + last:
        raise error
    return results


class AsMesh(ast.NodeTransformer):
    """A payload that an actor failed on comes back as a copy; comprehensions of calls are fan-outs."""

    def visit_AsyncFunctionDef(self, node):
        for inner in ast.walk(node):
            value = getattr(inner, "value", None)
            if isinstance(inner, ast.Assign) and isinstance(value, ast.ListComp) and is_call(value.elt):
                call = value.elt.value if isinstance(value.elt, ast.Await) else value.elt
                # Coroutines that are not awaited are no calls yet.
                if called(call) in ACTORS and (call is not value.elt or called(call) in SYNCHRONOUS):
                    call.args.insert(0, call.func)
                    call.func = ast.Name("__later__", ast.Load())
                    # A list would lose what was made before an error.
                    each = ast.GeneratorExp(call, value.generators)
                    inner.value = ast.Await(ast.Call(ast.Name("__each_at_once__", ast.Load()), [each], []))
        ast.fix_missing_locations(node)
        return self.generic_visit(node)

    def visit_Assign(self, node):
        value = node.value.value if isinstance(node.value, ast.Await) else node.value
        target = node.targets[0]
        is_payload_call = (
            isinstance(target, ast.Name)
            and isinstance(value, ast.Call)
            and called(value) in ACTORS
            and [getattr(each, "id", None) for each in value.args] == [target.id]
        )
        if not is_payload_call:
            return node
        copied = "try:\n    pass\nexcept BaseException:\n    %s = __copied__(%s)\n    raise" % (target.id, target.id)
        around = ast.parse(copied).body[0]
        around.body = [node]
        return ast.fix_missing_locations(ast.copy_location(around, node))


if ARGUMENTS["as_mesh"]:
    asyncio.gather = gather_as_mesh
    if hasattr(asyncio, "TaskGroup"):
        asyncio.TaskGroup = TaskGroupAsMesh


# --- lists of calls -----------------------------------------------------------------------------


def is_call(node):
    return isinstance(node.value if isinstance(node, ast.Await) else node, ast.Call)


def called(node):
    function = (node.value if isinstance(node, ast.Await) else node).func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def reached(name, calls):
    """All that a function calls, and the functions it calls."""
    found, new = set(), {name}
    while new:
        found |= new
        new = set().union(*(calls.get(each, ()) for each in new)) - found
    return found


class Lists(ast.NodeTransformer):
    """Puts a region around each statement whose value is a list of calls."""

    def __init__(self, module):
        functions = [each for each in module.body if isinstance(each, (ast.AsyncFunctionDef, ast.FunctionDef))]
        calls = {
            each.name: {called(part) for part in ast.walk(each) if isinstance(part, ast.Call)} for each in functions
        }
        self.helpers = {name: reached(name, calls) for name in calls}

    def visit_Assign(self, node):
        value = node.value
        elements = []
        if isinstance(value, ast.List):
            elements = value.elts
        elif isinstance(value, ast.ListComp):
            elements = [value.elt]
        if not elements or not all(map(is_call, elements)):
            return node
        # What a helper calls in its branch is called by the branch.
        names = set().union(*(self.helpers.get(called(each), {called(each)}) for each in elements)) & ACTORS.keys()
        if not names and self.helpers.keys().isdisjoint(map(called, elements)):
            return node
        names = sorted(names)
        around = ast.parse("with __around__(*%r):\n    pass" % names).body[0]
        around.body = [node]
        return ast.fix_missing_locations(ast.copy_location(around, node))

    visit_AnnAssign = visit_AugAssign = visit_Return = visit_Assign


class Around:
    """The region of a list of calls: one branch, in the task that makes the list."""

    def __init__(self, *names):
        self.region = opened([ACTORS[name] for name in names if name in ACTORS])

    def __enter__(self):
        self.token = STEPS.set(self.region.branch())

    def __exit__(self, kind, error, traceback):
        STEPS.reset(self.token)
        if kind is not None:
            self.region.failed.append(0)


# Most flows have none, and are loaded faster without the search.
LISTS = re.compile(r"(=|return) \(?\[\s*(await )?[\w.]+(\(\))?[\w.]*\(")


def load(name):
    module = sys.modules.get(name)
    if module is None:
        with open(name + ".py", encoding="utf-8") as file:
            source = file.read()
        module = types.ModuleType(name)
        module.__around__ = Around
        tree = ast.parse(source)
        if ARGUMENTS["as_mesh"]:
            module.__copied__, module.__later__, module.__each_at_once__ = copy.deepcopy, later, each_at_once
            tree = AsMesh().visit(tree)
        elif LISTS.search(source):
            tree = Lists(tree).visit(tree)
        code = compile(tree, name + ".py", "exec")
        sys.modules[name] = module
        exec(code, module.__dict__)
    return module


# --- actors -------------------------------------------------------------------------------------

ACTORS = {}
SYNCHRONOUS = set()

for actor in ARGUMENTS["actors"]:
    owner, skip = handlers, 0
    *classes, name = actor["handler"].split(".")[1:]
    for part in classes:
        owner = getattr(owner, part)
        skip = 1
    plain = inspect.getattr_static(owner, name)
    ACTORS[name] = actor["name"]
    if not inspect.iscoroutinefunction(getattr(plain, "__func__", plain)) and not inspect.isasyncgenfunction(plain):
        SYNCHRONOUS.add(name)
    if isinstance(plain, staticmethod):
        setattr(owner, name, staticmethod(recorded(actor["name"], plain.__func__, 0)))
    elif isinstance(plain, classmethod):
        setattr(owner, name, classmethod(recorded(actor["name"], plain.__func__, 1)))
    else:
        setattr(owner, name, recorded(actor["name"], plain, skip))


# --- runs ---------------------------------------------------------------------------------------

loop = asyncio.new_event_loop()
loop.set_exception_handler(lambda *_: None)
asyncio.set_event_loop(loop)


def too_long(*_):
    RUN.too_long = True
    raise TooLong


signal.signal(signal.SIGPROF, too_long)


def finish():
    left = [task for task in asyncio.all_tasks(loop) if not task.done()]
    for task in left:
        RUN.ambiguous = True
        task.cancel()
    if left:
        loop.run_until_complete(gather_of_python(*left, return_exceptions=True))


def run(job):
    outcome = {}
    try:
        flow = getattr(load(job["module"]), job["function"])
    except Exception as error:
        return {"invalid": f"{type(error).__name__}: {error}"}
    # What a flow swallows is raised again.
    signal.setitimer(signal.ITIMER_PROF, PATIENCE, 0.05)
    try:
        result = flow(json.loads(job["payload"]))
        if inspect.iscoroutine(result):
            result = loop.run_until_complete(result)
        outcome["payload"] = text(result)
    except TooLong:
        RUN.too_long = True
    except Exception as error:
        outcome["error"] = [type(error).__name__, str(error)]
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    try:
        finish()
    except BaseException:
        RUN.ambiguous = True
    outcome["calls"] = [step if isinstance(step, list) else step.told() for step in RUN.steps]
    if RUN.too_long:
        return {"too_long": True}
    return {"ambiguous": True} if RUN.ambiguous else outcome


for line in sys.stdin:
    RUN = Run()
    STEPS.set(RUN.steps)
    try:
        print(text(run(json.loads(line))), flush=True)
    except TooLong:
        print('{"too_long":true}', flush=True)
