"""Books everything, or undoes what was booked, in reverse order."""

from ai import flow
from ai.errors import ShopError
from ai.shop import book_courier, cancel_courier, charge, refund, release, reserve, send_mail


@flow
async def order_saga(state: dict) -> dict:
    undo = []
    try:
        stock = await reserve(state["sku"], count=state["count"])
        undo.append(("release", stock["reservation"]))
        payment = await charge(state["customer"], 10 * state["count"])
        undo.append(("refund", payment["payment"]))
        courier = await book_courier(state["address"])
    except ShopError as error:
        for step, token in reversed(undo):
            if step == "release":
                await release(token)
            else:
                await refund(token)
        state["status"] = "cancelled"
        state["reason"] = f"{type(error).__name__}: {error}"
        state["undone"] = [step for step, _ in undo[::-1]]
    else:
        state["status"] = "booked"
        state["tracking"] = courier["courier"]
        if state.get("dry_run"):
            await cancel_courier(courier["courier"])
            state["status"] = "rehearsed"
    await send_mail(state["customer"], f"Your order is {state['status']}", body=state.get("reason", ""))
    return state
