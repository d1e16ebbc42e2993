"""Two sides argue in turns; a judge may end it early."""

from ai import Judge, complete, flow


@flow
async def debate(state: dict) -> dict:
    judge = Judge()
    transcript = []
    winner = None
    for turn, (pro, con) in enumerate(zip(state["pro"], state["con"]), 1):
        said = await complete(f"For {state['motion']}\n{pro}")
        answer = await complete(f"Against, after {said!r}\n{con}", model="medium")
        transcript += [("pro", said), ("con", answer)]
        verdict = await judge.compare(said, answer)
        match verdict, turn:
            case "tie", _:
                continue
            case ("first" | "second") as side, n if n > 1:
                winner = "pro" if side == "first" else "con"
                break
    state["transcript"] = [f"{who}: {what}" for who, what in transcript]
    state["winner"] = winner or "nobody"
    return state
