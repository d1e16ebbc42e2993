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

    def __init__(self, collects=False):
        self.branches = []
        # Numbers of the branches that failed, in the order in which they did.
        self.failed = []
        # Failures become results.
        self.collects = collects

    def branch(self):
        self.branches.append([])
        return self.branches[-1]

    def told(self):
        told = {"must": [], "may": []}
        is_failed = self.failed and not self.collects
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


def opened(collects=False):
    region = Region(collects)
    STEPS.get().append(region)
    return region


gather_of_python = asyncio.gather


def gather(*coroutines, return_exceptions=False):
    if not all(map(inspect.isawaitable, coroutines)):
        # As Python itself, which would have started those before.
        raise TypeError("An asyncio.Future, a coroutine or an awaitable is required")
    region = opened(collects=return_exceptions)
    for _ in coroutines:
        region.branch()
    branches = [branch(region, number, each) for number, each in enumerate(coroutines)]
    return gather_of_python(*branches, return_exceptions=return_exceptions)


asyncio.gather = gather


class Started:
    """A task: what it calls is told where somebody waits for it."""

    def __init__(self, coroutine):
        self.steps = []
        context = contextvars.copy_context()
        context.run(STEPS.set, self.steps)
        self.task = create_task_of_python(coroutine, context=context)

    def __await__(self):
        try:
            return (yield from self.task)
        finally:
            STEPS.get().extend(self.steps)


create_task_of_python = asyncio.create_task


def create_task(coroutine, **_):
    return Started(coroutine)


asyncio.create_task = asyncio.ensure_future = create_task

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


class AsMesh(ast.NodeTransformer):
    """A payload that an actor failed on comes back as a copy."""

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


class Lists(ast.NodeTransformer):
    """Makes of each list of calls what the language says that it is (`docs/language.md`): all
    arguments are evaluated, then all calls are made, then the first error is raised."""

    def __init__(self, module):
        functions = [each for each in module.body if isinstance(each, (ast.AsyncFunctionDef, ast.FunctionDef))]
        # Those that flows call as a part of themselves, and whether it takes no `await`.
        self.helpers = {each.name: isinstance(each, ast.FunctionDef) for each in functions}
        self.is_async = False
        # The value of the statement: only there a call that is not awaited is made now.
        self.whole = None

    def visit_FunctionDef(self, node):
        outer, self.is_async = self.is_async, isinstance(node, ast.AsyncFunctionDef)
        self.generic_visit(node)
        self.is_async = outer
        return node

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Assign(self, node):
        self.whole = node.value
        is_list_of = isinstance(self.whole, ast.Call) and getattr(self.whole.func, "id", None) == "list"
        if is_list_of and len(self.whole.args) == 1:
            self.whole = self.whole.args[0]
        return self.generic_visit(node)

    visit_AnnAssign = visit_AugAssign = visit_Return = visit_Expr = visit_Assign

    def visit_List(self, node):
        if not node.elts or not all(self.is_branch(each, node) for each in node.elts):
            return self.generic_visit(node)
        self.generic_visit(node)
        node.elts = [self.later(each) for each in node.elts]
        return self.each(node)

    def visit_ListComp(self, node):
        conditions = [each for clause in node.generators for each in (clause.iter, *clause.ifs)]
        call = node.elt.value if isinstance(node.elt, ast.Await) else node.elt
        inside = [*conditions, *getattr(call, "args", ()), *getattr(call, "keywords", ())]
        is_simple = not any(isinstance(part, ast.Await) for each in inside for part in ast.walk(each))
        if not is_simple or not self.is_branch(node.elt, node):
            return self.generic_visit(node)
        self.generic_visit(node)
        node.elt = self.later(node.elt)
        return self.each(node)

    def is_branch(self, element, node):
        """Whether an element is a call that is made where it stands."""
        if isinstance(element, ast.Await):
            return is_call(element) and (called(element) in ACTORS or called(element) in self.helpers)
        is_now = is_call(element) and (called(element) in SYNCHRONOUS or self.helpers.get(called(element), False))
        return is_now and node is self.whole

    def later(self, element):
        call = element.value if isinstance(element, ast.Await) else element
        call.args.insert(0, call.func)
        call.func = ast.Name("__later__", ast.Load())
        return call

    def each(self, calls):
        name = "__each__" if self.is_async else "__each_now__"
        call = ast.Call(ast.Name(name, ast.Load()), [calls], [])
        return ast.Await(call) if self.is_async else call


class Later:
    def __init__(self, function, arguments, named):
        self.function, self.arguments, self.named = function, arguments, named

    def __call__(self):
        return self.function(*self.arguments, **self.named)


def later(function, *arguments, **named):
    return Later(function, arguments, named)


class Each:
    """The region, the results and the errors of a list of calls."""

    def __init__(self, calls):
        self.region = opened()
        self.branches = [self.region.branch() for _ in calls]
        self.results = [None] * len(calls)
        # On a mesh there is no order.
        self.numbers = range(len(calls) - 1, -1, -1) if ARGUMENTS["as_mesh"] else range(len(calls))

    def __iter__(self):
        for number in self.numbers:
            token = STEPS.set(self.branches[number])
            try:
                yield number
            finally:
                STEPS.reset(token)

    def told(self):
        for result in self.results:
            if isinstance(result, Failed):
                raise result.error
        return self.results


async def each(calls):
    run = Each(calls)
    for number in run:
        try:
            result = calls[number]()
            run.results[number] = await result if inspect.isawaitable(result) else result
        except Exception as error:
            run.results[number] = Failed(error)
    return run.told()


def each_now(calls):
    run = Each(calls)
    for number in run:
        try:
            run.results[number] = calls[number]()
        except Exception as error:
            run.results[number] = Failed(error)
    return run.told()


# Most flows have none, and are loaded faster without the search.
LISTS = re.compile(r"\[[\s(]*(await\s+)?[\w.]+(\(\))?[\w.]*\(")


def load(name):
    module = sys.modules.get(name)
    if module is None:
        with open(name + ".py", encoding="utf-8") as file:
            source = file.read()
        module = types.ModuleType(name)
        module.__later__, module.__each__, module.__each_now__ = later, each, each_now
        tree = ast.parse(source)
        if LISTS.search(source):
            tree = ast.fix_missing_locations(Lists(tree).visit(tree))
        if ARGUMENTS["as_mesh"]:
            module.__copied__ = copy.deepcopy
            tree = AsMesh().visit(tree)
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
    except Exception as error:
        outcome["error"] = [type(error).__name__, str(error)]
    except BaseException:  # `TooLong`, or a group of them
        if not RUN.too_long:
            raise
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
