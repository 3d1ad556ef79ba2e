# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shops as they are in the beginning: reads the seed file, fills short orders up, makes up orders by number."""

from __future__ import annotations

import datetime
import gc
from collections.abc import Iterable
from pathlib import Path

import yaml

from .order import (
    COLLECTION,
    PAID,
    PAID_PARTIAL,
    REFUNDED,
    REFUNDED_PARTIAL,
    UNPAID,
    Invalid,
    Order,
    days_ago,
    format_date,
    parse_date,
)
from .shop import Shop

BUNDLED = Path(__file__).with_name("orders.yml")

# Part of the amount that is there by default: money that came in, and how much of it went back.
RECEIVED = {PAID: 1.0, PAID_PARTIAL: 0.5, REFUNDED: 1.0, REFUNDED_PARTIAL: 1.0}
RETURNED = {REFUNDED: 1.0, REFUNDED_PARTIAL: 0.5}

PEOPLE = (
    ("female", "Erika", "Mustermann"),
    ("male", "Max", "Mustermann"),
    ("male", "Otto", "Normalverbraucher"),
    ("female", "Lieschen", "Müller"),
    ("male", "Jürgen", "Beispiel"),
)
CITIES = (("10115", "Berlin"), ("20095", "Hamburg"), ("50667", "Köln"), ("80331", "München"))

# Account numbers that banks publish as samples.
BANK_ACCOUNT = {"iban": "DE02120300000000202051", "bic": "BYLADEM1001", "owner": "Komfortkasse Simulator"}


def load(path: Path) -> dict[str, Shop]:
    """Read a seed file into shops by name."""
    shops: dict[str, Shop] = {}
    for name, entry in yaml.safe_load(path.read_text(encoding="utf-8"))["shops"].items():
        shops[name] = Shop(name, entry["api_key"])
        add(shops[name], entry.get("orders") or [])
    return shops


def add_shops(shops: dict[str, Shop], count: int) -> list[Shop]:
    """Add shops without orders and return them: shop-001 with the key demo-key-shop-001-for-the-simulator-, ..."""
    names = [f"shop-{serial:03d}" for serial in range(1, count + 1)]
    added = [Shop(name, f"demo-key-{name}-for-the-simulator-") for name in names]
    shops.update(zip(names, added))
    return added


def add(shop: Shop, short_orders: Iterable[object]) -> list[str]:
    """Fill short orders up and put them into a shop, all or none. Returns their numbers."""
    filled: dict[str, Order] = {}
    for short in short_orders:
        order = fill(short, len(shop.orders) + len(filled) + 1)
        if order["number"] in shop.orders or order["number"] in filled:
            raise Invalid(f"Order {order['number']} is twice in shop {shop.name}")
        filled[order["number"]] = order
    shop.orders.update(filled)
    return list(filled)


def generate(shop: Shop, count: int, prefix: str = "G", fields: Order | None = None) -> list[str]:
    """Add this many orders, numbered prefix + six digits after the ones that exist. Returns their numbers.

    fields: of a short order, the same for all of them; without any they are UNPAID and up to 99 days old.
    """
    numbers: list[str] = []
    serial = 0
    gc.disable()  # it would look through tens of thousands of orders again and again, and find nothing
    try:
        while len(numbers) < count:
            serial += 1
            number = f"{prefix}{serial:06d}"
            if number not in shop.orders:
                shop.orders[number] = fill({"age": serial % 100, **(fields or {}), "number": number}, serial)
                numbers.append(number)
    finally:
        gc.freeze()
        gc.enable()
    return numbers


def fill(short: object, serial: int) -> Order:
    """Return a complete order: everything that is not given is made up from the serial number.

    short: fields in the API's spelling, at least ``number``; ``age`` (days before today) may stand for ``date``.
    """
    if not isinstance(short, dict) or not isinstance(short.get("number"), str) or not short["number"]:
        raise Invalid(f"An order needs a number that is text (put it in quotation marks): {short!r}")
    given: Order = dict(short)
    day = days_ago(given.pop("age", 0))
    given.setdefault("date", day)
    ordered = parse_date(given["date"], f"date of order {given['number']}")
    given.setdefault("amount", round(19.9 + serial * 7.35 % 480, 2))
    return {**_data(given, serial, ordered), **_money(given, ordered), **_dunning(given, ordered), **given}


def _data(given: Order, serial: int, ordered: datetime.date) -> Order:
    """Return the fields that a shop submits, and where to pay; personal data on purpose (tests look for leaks)."""
    gender, first, last = PEOPLE[serial % len(PEOPLE)]
    code, city = CITIES[serial % len(CITIES)]
    address = {
        "gender": gender,
        "firstName": first,
        "lastName": last,
        "company": "",
        "street": f"Musterstraße {serial}",
        "postCode": code,
        "city": city,
        "countryCode": "DE",
        "phone": f"+49 30 23125 {serial % 1000:03d}",
    }
    return {
        "number": given["number"],
        "date": given["date"],
        "dueDate": format_date(ordered + datetime.timedelta(days=14)),
        "type": "PREPAYMENT",
        "paymentStatus": UNPAID,
        "amount": given["amount"],
        "currency": "EUR",
        "exchangeRate": 1.0,
        "language": "de",
        "customerEmail": f"customer{serial}@shop.example",
        "customerNumber": f"C{serial:05d}",
        "marketplaceNumber": f"M-{serial:06d}",
        "paymentMethod": "banktransfer",
        "paymentMethodDescription": "Bank transfer in advance",
        "statusDescription": "open",
        "itemNumbers": [f"SKU-{serial % 50:03d}"],
        "items": [{"number": f"SKU-{serial % 50:03d}", "name": "Sample article"}],
        "invoiceNumbers": [f"RE-{serial:05d}"],
        "shippingNumbers": [f"SH-{serial:05d}"],
        "proformaNumbers": [f"PF-{serial:05d}"],
        "billing": address,
        "shipping": address,
        "initialDunningLevel": 0,
        "stopReminder": False,
        # In the form of the API's sample (K1234A).
        "referenceNumber": f"K{serial:04d}{'ABCDEFGHJKLMNPQRSTUVWXYZ'[serial % 24]}",
        "bankAccount": BANK_ACCOUNT,
    }


def _money(given: Order, ordered: datetime.date) -> Order:
    """Return amountPaid, postings and refunds that agree: amountPaid is the postings less the refunds."""
    status = given.get("paymentStatus", UNPAID)
    returned = round(given["amount"] * RETURNED.get(status, 0.0), 2)
    received = round(given["amount"] * RECEIVED.get(status, 0.0), 2)
    if "refunds" in given:
        returned = round(sum(refund["amount"] for refund in given["refunds"]), 2)
    if "amountPaid" in given:
        received = round(given["amountPaid"] + returned, 2)
    if "postings" in given:
        received = round(sum(posting["amount"] for posting in given["postings"]), 2)
    fields: Order = {
        "amountPaid": round(received - returned, 2),
        "postings": [],
        "hasBankDetailsForRefund": bool(received),
        "refunds": [],
    }
    if received:
        posted = format_date(ordered + datetime.timedelta(days=3))
        posting = {
            "id": f"P-{given['number']}-1",
            "amount": received,
            "currency": given.get("currency", "EUR"),
            "postingDate": posted,
            "valuationDate": posted,
            "originator": "Sample Sender",
            "reference": f"Order {given['number']}",
            "text": "SEPA credit transfer",
        }
        fields["postings"] = [posting]
    if returned:
        refunded = format_date(ordered + datetime.timedelta(days=10))
        refund = {
            "id": f"R-{given['number']}",
            "externalReference": f"refund-{given['number']}",
            "amount": returned,
            "currency": given.get("currency", "EUR"),
            "plannedDate": refunded,
            "executionDate": refunded,
            "referenceNumber": "KKBT0001",
            "status": "PROCESSED",
        }
        fields["refunds"] = [refund]
    return fields


def _dunning(given: Order, ordered: datetime.date) -> Order:
    """Return reminders and debt collection. The real fields of an event are not documented; these are plausible."""
    in_collection = given.get("paymentStatus") == COLLECTION
    level = given.get("dunningLevel", 3 if in_collection else 0)
    reminders = [
        {"level": step, "date": format_date(ordered + datetime.timedelta(days=10 * step))}
        for step in range(1, level + 1)
    ]
    fields: Order = {"dunningLevel": level, "paymentReminders": reminders}
    if in_collection:
        handed_over = format_date(ordered + datetime.timedelta(days=40))
        fields["collectionPartner"] = "Sample Collection Agency"
        fields["collectionFile"] = f"AZ-{given['number']}"
        fields["collectionStatus"] = "IN_PROGRESS"
        fields["collectionHistory"] = [{"date": handed_over, "text": "Handed over"}]
    return fields
