"""What people say; the state holds what they will answer."""


async def ask_for_approval(state):
    state["decision"] = state["decisions"].pop(0) if state.get("decisions") else "reject"
    return state


async def ask(question, answers):
    """The person's answer, or nothing."""
    return answers.get(question)


async def notify(person, text):
    return None


async def assign(ticket, team):
    return {**ticket, "team": team, "agent": f"{team}-1"}
