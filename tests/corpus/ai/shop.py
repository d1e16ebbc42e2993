"""Orders, money, parcels."""

from .errors import NoCourier, OutOfStock, PaymentDeclined


async def reserve(sku, count=1):
    if sku.startswith("rare"):
        raise OutOfStock(sku)
    return {"reservation": f"r-{sku}", "count": count}


async def release(reservation):
    return {"released": reservation}


async def charge(customer, amount):
    if customer == "broke":
        raise PaymentDeclined(f"{amount} from {customer}")
    return {"payment": f"p-{customer}", "amount": amount}


async def refund(payment):
    return {"refunded": payment}


async def book_courier(address):
    if "moon" in address:
        raise NoCourier("nobody drives there")
    return {"courier": f"c-{len(address)}"}


async def cancel_courier(courier):
    return {"cancelled": courier}


async def send_mail(to, subject, body=""):
    """Says nothing back."""


async def price_of(sku):
    return 10 * len(sku)
