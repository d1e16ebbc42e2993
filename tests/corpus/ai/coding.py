"""A programmer, a compiler and a critic."""


class SyntaxProblem(Exception):
    def __init__(self, line, text):
        super().__init__(text)
        self.line = line


async def write_code(task):
    return f"def solve(): return {task.get('first', 'None')}"


async def run_tests(code, expected):
    failures = [value for value in expected if value not in code]
    return {"passed": len(expected) - len(failures), "failures": failures}


async def fix_code(code, failures):
    return code + f"  # {failures[0]}"


async def lint(code):
    if "\t" in code:
        raise SyntaxProblem(code[: code.index("\t")].count("\n") + 1, "tab")
    return [f"line {n}: too long" for n, line in enumerate(code.splitlines(), 1) if len(line) > 40]


async def review(code, focus="bugs"):
    return {"focus": focus, "comments": [f"{focus}: {line}" for line in code.splitlines() if focus[:3] in line]}


async def is_broken(commit):
    return commit >= 40


async def describe_change(diff):
    if diff.startswith("!"):
        return {"kind": "breaking", "text": diff[1:].strip()}
    return {"kind": "fix" if "fix" in diff else "feature", "text": diff.strip()}


async def write_test(function):
    return f"def test_{function}(): assert {function}()"
