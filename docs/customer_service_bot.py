"""A customer-service bot in the terminal.

    BOT_KEY=zk_… python docs/customer_service_bot.py

It reads a message a line, adds what the shop knows of the customer, shows the reply, and passes on
what is for a person. Put your own systems in place of `ORDERS` and `hand_over`.
"""

import os
import sys
from decimal import Decimal

from app.api.service_schemas import ContextIn, CustomerIn, InteractionIn, ItemIn, OrderIn
from app.client import ApiError, ZhikuClient

ORDERS = {
    "SO-77": OrderIn(
        number="SO-77",
        state="delivered on 2025-06-01",
        amount=Decimal("129.90"),
        currency="EUR",
        items=(ItemIn(name="cordless kettle", quantity=1),),
    )
}


def known_of(message: str, contacts: tuple[InteractionIn, ...] = ()) -> ContextIn:
    """Return the context of a message: here the order that it names."""
    order = next((order for number, order in ORDERS.items() if number in message), OrderIn())
    customer = CustomerIn(name="Anna Berg", tier="gold") if order.number else CustomerIn()
    return ContextIn(order=order, customer=customer, interactions=contacts[-3:])


def hand_over(message: str, *, reason: str, note: str) -> None:
    """Pass a message to a person: here a line for the desk."""
    sys.stdout.write(f"  [desk] {reason}: {note} — “{message}”\n")


def main() -> None:
    """Answer until the input ends."""
    url = os.environ.get("BOT_URL", "http://127.0.0.1:8080")
    with ZhikuClient(url, os.environ["BOT_KEY"]) as zhiku:
        for line in sys.stdin:
            message = line.strip()
            if not message:
                continue
            try:
                told = zhiku.reply_to_customer(message, context=known_of(message))
            except ApiError as error:
                sys.stdout.write("A colleague will answer you.\n")
                hand_over(message, reason=error.code, note=str(error))
                continue
            sys.stdout.write(f"{told.reply}\n")
            for source in told.citations:
                sys.stdout.write(f"  [{source.number}] {source.title}\n")
            if told.hand_over.reason is not None:
                hand_over(message, reason=told.hand_over.reason, note=told.hand_over.agent)


if __name__ == "__main__":
    main()
