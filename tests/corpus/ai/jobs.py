"""Work that takes long somewhere else."""

from .errors import NotReady


async def start(spec):
    return {"id": f"job-{spec['name']}", "needs": spec.get("needs", 2)}


async def status(job, asked):
    if job["needs"] < 0:
        return "failed"
    return "done" if asked >= job["needs"] else "running"


async def result_of(job):
    if job["needs"] > 5:
        raise NotReady(job["id"])
    return {"job": job["id"], "rows": 10 * job["needs"]}


async def cancel(job):
    return None


async def call_service(name, attempt, plan):
    """What the service does at each attempt is in `plan`."""
    step = plan[min(attempt, len(plan)) - 1]
    if step == "timeout":
        raise TimeoutError(f"{name} timed out")
    if step == "refused":
        raise ConnectionRefusedError(111, "Connection refused")
    if step == "broken":
        raise RuntimeError(f"{name} is broken")
    return {"service": name, "value": step}
