"""Runs a flow of this directory as plain Python.

The flow gets an object built from the payload. Every actor gets and answers JSON; what it answers becomes an object
again: of the class it says it answers, or, when it says nothing, of the class that the place is declared with that the
answer is assigned to. The end is JSON too.

A job a line comes in, {"flow", "payload"}; a JSON line goes out. The first line that goes out says whether there is
pydantic.
"""

import ast
import asyncio
import copy
import dataclasses
import enum
import functools
import importlib
import inspect
import json
import pathlib
import sys
import types
import typing

ROOT = pathlib.Path(__file__).resolve().parent if "__file__" in globals() else pathlib.Path.cwd()
try:
    import pydantic
except ImportError:
    pydantic = None


def is_model(kind):
    return pydantic is not None and isinstance(kind, type) and issubclass(kind, pydantic.BaseModel)


def plain(value):
    """What the runtime makes of a value."""
    if pydantic is not None and isinstance(value, pydantic.BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, enum.Enum):
        return value.value
    if dataclasses.is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def text(value):
    return json.dumps(plain(value), ensure_ascii=False, sort_keys=True, allow_nan=False)


def build(kind, value):
    """A value of JSON as the annotation `kind` says."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        kinds = [kind for kind in arguments if kind is not type(None)]
        return None if value is None else build(kinds[0], value)
    if origin is list and isinstance(value, list):
        return [build(arguments[0], item) for item in value]
    if origin is dict and isinstance(value, dict):
        return {key: build(arguments[1], item) for key, item in value.items()}
    if origin is tuple and isinstance(value, list):
        return tuple(build(kind, item) for kind, item in zip(arguments, value))
    if is_model(kind) and isinstance(value, dict):
        return kind.model_validate(value, by_alias=True, by_name=True)
    if dataclasses.is_dataclass(kind) and isinstance(value, dict):
        hints = typing.get_type_hints(kind)
        return kind(**{key: build(hints[key], item) for key, item in value.items()})
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind(value)
    return value


class Unsaid(dict):
    """What an actor answered that does not say what it answers."""


calls = []


def actor(function, name):
    hints = typing.get_type_hints(function)

    def before(arguments, keywords):
        arguments, keywords = json.loads(text(arguments)), json.loads(text(keywords))
        single = len(arguments) == 1 and not keywords
        calls.append([name, text(arguments[0] if single else {"args": arguments, "kwargs": keywords})])
        return arguments, keywords

    def after(result):
        result = json.loads(text(result))
        if "return" in hints:
            return build(hints["return"], result)
        return Unsaid(result) if isinstance(result, dict) else result

    @functools.wraps(function)
    async def call_later(*arguments, **keywords):
        arguments, keywords = before(arguments, keywords)
        return after(await function(*arguments, **keywords))

    @functools.wraps(function)
    def call(*arguments, **keywords):
        arguments, keywords = before(arguments, keywords)
        return after(function(*arguments, **keywords))

    return call_later if inspect.iscoroutinefunction(function) else call


def declared(kind, value):
    """`value` where `kind` is declared."""
    if isinstance(value, Unsaid):
        return build(kind, value)
    if isinstance(value, list) and any(isinstance(item, Unsaid) for item in value):
        return [declared(typing.get_args(kind)[0], item) for item in value]
    return value


class Declarations(ast.NodeTransformer):
    """Assignments to what is declared take what actors answer as it is declared."""

    def visit_AsyncFunctionDef(self, node):
        self.kinds = {argument.arg: argument.annotation for argument in node.args.args if argument.annotation}
        for part in ast.walk(node):
            if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
                self.kinds[part.target.id] = part.annotation
        return self.generic_visit(node)

    visit_FunctionDef = visit_AsyncFunctionDef

    def kind(self, target):
        if isinstance(target, ast.Name) and target.id in getattr(self, "kinds", {}):
            return copy.deepcopy(self.kinds[target.id])
        if isinstance(target, ast.Attribute):
            owner = copy.deepcopy(target.value)
            for part in ast.walk(owner):
                if hasattr(part, "ctx"):
                    part.ctx = ast.Load()
            return ast.Call(ast.Name("__kind_of__", ast.Load()), [owner, ast.Constant(target.attr)], [])
        return None

    def assignment(self, node, target):
        node = self.generic_visit(node)
        kind = self.kind(target)
        if kind is not None and node.value is not None:
            node.value = ast.Call(ast.Name("__declared__", ast.Load()), [kind, node.value], [])
        return node

    def visit_Assign(self, node):
        return self.assignment(node, node.targets[0] if len(node.targets) == 1 else None)

    def visit_AnnAssign(self, node):
        return self.assignment(node, node.target)


def kind_of(owner, name):
    return typing.get_type_hints(type(owner)).get(name)


def load(name):
    path = ROOT / f"{name}.py"
    tree = ast.fix_missing_locations(Declarations().visit(ast.parse(path.read_text())))
    module = types.ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module
    module.__declared__, module.__kind_of__ = declared, kind_of
    exec(compile(tree, str(path), "exec"), vars(module))
    for key, value in list(vars(module).items()):
        if inspect.isfunction(value) and value.__module__.startswith("work"):
            setattr(module, key, actor(value, f"{value.__module__}.{value.__name__}"))
        if inspect.isclass(value) and value.__module__.startswith("work"):
            made = {
                method: actor_method(value, method)
                for method, function in vars(value).items()
                if inspect.isfunction(function) and not method.startswith("_")
            }
            setattr(module, key, type(key, (value,), made))
    return module


def actor_method(kind, method):
    own = kind()
    call = actor(getattr(own, method), f"{kind.__module__}.{kind.__name__}.{method}")

    async def bound(self, *arguments, **keywords):
        return await call(*arguments, **keywords)

    return bound


def perform(job):
    calls.clear()
    name = job["flow"]
    flow = getattr(sys.modules.get(name) or load(name), name)
    parameter = next(iter(inspect.signature(flow).parameters))
    kind = typing.get_type_hints(flow).get(parameter)
    outcome = {}
    try:
        state = build(kind, json.loads(job["payload"]))
        result = flow(state)
        outcome["payload"] = text(asyncio.run(result) if inspect.iscoroutine(result) else result)
    except Exception as error:
        outcome["error"] = [type(error).__name__, str(error)]
    outcome["calls"] = list(calls)
    return outcome


answers, sys.stdout = sys.stdout, sys.stderr
sys.path.insert(0, str(ROOT))
print(json.dumps(pydantic is not None and pydantic.VERSION.startswith("2.")), file=answers, flush=True)
for line in sys.stdin:
    print(json.dumps(perform(json.loads(line))), file=answers, flush=True)
