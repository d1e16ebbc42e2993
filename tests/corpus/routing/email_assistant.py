"""One mail may need several things done."""

from ai import flow
from ai.llm import complete, extract
from ai.moderation import moderate
from ai.people import notify
from ai.shop import send_mail


@flow
async def email_assistant(state: dict) -> dict:
    done = []
    for mail in state["mails"]:
        if (await moderate(mail["body"]))["flagged"]:
            continue
        wanted = {word.strip(".,!").lower() for word in mail["body"].split()}
        if wanted & {"meet", "meeting"}:
            when = (await extract(mail["body"], ["when"]))["when"] or "soon"
            await notify(mail["from"], f"meeting {when}")
            done.append("meeting")
        if wanted >= {"please", "answer"}:
            await send_mail(mail["from"], f"Re: {mail['subject']}", body=await complete(mail["body"]))
            done.append("answer")
        if not done:
            done.append("nothing")
    state["done"] = done
    return state
