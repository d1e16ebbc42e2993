"""Writes code, runs its tests, repairs it, until they pass."""

from ai import flow
from ai.coding import SyntaxProblem, fix_code, lint, run_tests, write_code

MAX_FIXES = 3


@flow
async def code_fix_loop(state: dict) -> dict:
    code = await write_code(state["task"])
    fixes = 0
    while True:
        try:
            warnings = await lint(code)
        except SyntaxProblem as e:
            code = code.replace("\t", "    ")
            state["syntax"] = f"line {e.line}: {e}"
            continue
        report = await run_tests(code, state["task"]["expected"])
        if not report["failures"]:
            break
        if fixes == MAX_FIXES:
            raise RuntimeError(f"still failing: {', '.join(report['failures'])}")
        fixes += 1
        code = await fix_code(code, report["failures"])
    state.update({"code": code, "fixes": fixes, "warnings": warnings})
    return state
