"""Callers get errors of their own vocabulary, with the cause kept."""

from ai import flow
from ai.errors import OutOfStock, PaymentDeclined
from ai.shop import charge, reserve


class CheckoutError(Exception):
    def __init__(self, code, detail):
        super().__init__(f"[{code}] {detail}")
        self.code = code


class TryLater(CheckoutError):
    pass


@flow
async def error_translation(state: dict) -> dict:
    try:
        await reserve(state["sku"])
        state["paid"] = await charge(state["customer"], state["amount"])
    except OutOfStock as e:
        raise TryLater("stock", f"{e.sku} is sold out") from e
    except PaymentDeclined as e:
        raise CheckoutError("declined", str(e)) from e
    except KeyError as e:
        state["missing"] = e.args[0]
    return state
