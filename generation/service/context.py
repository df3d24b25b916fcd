"""The structured context as the model reads it: few short lines, in the language of the reply."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Final

from generation.service.records import (
    Interaction,
    Item,
    Order,
    ServiceContext,
    ServiceMessage,
)
from retrieval.records import Query

_LEAST_NUMBER: Final = 4
"""Characters of a number that can hardly stand in a message for anything else."""
_LABELS: Final = {
    "zh": {
        "order": "订单",
        "state": "状态",
        "amount": "金额",
        "items": "商品",
        "customer": "客户",
        "tier": "等级",
        "contact": "此前联系",
    },
    "en": {
        "order": "order",
        "state": "state",
        "amount": "amount",
        "items": "items",
        "customer": "customer",
        "tier": "tier",
        "contact": "earlier contact",
    },
}


def context_lines(context: ServiceContext, lang: str) -> tuple[str, ...]:
    """Return a line each for order, customer and earlier contacts, as far as they are known."""
    contacts = (_contact(each, _LABELS[lang]["contact"]) for each in context.interactions)
    return (*known_lines(context, lang), *contacts)


def known_lines(context: ServiceContext, lang: str) -> tuple[str, ...]:
    """Return the lines whose figures a reply may repeat without evidence: order and customer.

    What was said in an earlier contact is not among them: a promise that somebody noted down, or
    that a customer claimed, is not to be given again as a fact.
    """
    labels = _LABELS[lang]
    customer = {labels["customer"]: context.customer.name, labels["tier"]: context.customer.tier}
    lines = (_line(dict(_order_fields(context.order, labels))), _line(customer))
    return tuple(line for line in lines if line)


def searched(message: ServiceMessage) -> Query:
    """Return what is searched for: the message without the number of the order.

    No document knows an order, and a question for a code that stands nowhere is refused. State and
    items of the order are not added: of eight messages of our own four found their passage with
    more probability then and four with less.
    """
    query, number = message.query, message.context.order.number
    if len(number) < _LEAST_NUMBER:
        return query
    whole = rf"(?<![0-9A-Za-z]){re.escape(number)}(?![0-9A-Za-z])"
    text = re.sub(whole, " ", query.text, flags=re.IGNORECASE).strip()
    return replace(query, text=text) if text else query


def amount_text(amount: Decimal) -> str:
    """Return an amount as people write it: no exponent, no needless zeros behind whole numbers."""
    return f"{amount.quantize(Decimal(1)) if amount == amount.to_integral_value() else amount:f}"


def _order_fields(order: Order, labels: dict[str, str]) -> Iterator[tuple[str, str]]:
    yield labels["order"], order.number
    yield labels["state"], order.state
    if order.amount is not None:
        yield labels["amount"], f"{amount_text(order.amount)} {order.currency}"
    yield labels["items"], ", ".join(map(_item, order.items))


def _line(fields: dict[str, str]) -> str:
    return "; ".join(f"{label}: {value}" for label, value in fields.items() if value)


def _item(item: Item) -> str:
    return item.name if item.quantity is None else f"{item.name} × {item.quantity}"


def _contact(interaction: Interaction, label: str) -> str:
    return f"{label}: {interaction.when.isoformat()}, {interaction.channel}: {interaction.summary}"
