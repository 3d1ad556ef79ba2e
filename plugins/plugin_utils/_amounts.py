# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release.

"""Amounts of money: read as decimals, added by currency, shown to people. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from ansible_collections.community.komfortkasse.plugins.module_utils import _orders

Sums = dict[str, Decimal]
"""Amounts by currency; the currency is an empty string where it is not known."""


def amount_of(value: object) -> Decimal | None:
    """Return an amount as the API gives it, also as text; None if the value is not one."""
    if not isinstance(value, Decimal) and _orders.number_in(value) is None:
        return None
    return Decimal(str(value).strip().replace(",", "."))


def currency_of(value: object) -> str:
    """Return a currency's code in capitals, or an empty string if the value cannot be one."""
    return (_orders.currency({"currency": value}) or "").upper()


def sums_of(pairs: Iterable[tuple[object, object]]) -> Sums:
    """Add amounts by currency. Other values are left out."""
    sums: Sums = {}
    for value, currency in pairs:
        amount = amount_of(value)
        if amount is not None:
            code = currency_of(currency)
            sums[code] = sums.get(code, Decimal(0)) + amount
    return dict(sorted(sums.items()))


def shown(amount: object, currency: object = "") -> str:
    """Return an amount for people, such as ``1,234.50 EUR``; an empty string if there is none."""
    number = amount_of(amount)
    return "" if number is None else f"{number:,.2f} {currency_of(currency)}".rstrip()


def shown_sums(sums: Mapping[str, object]) -> str:
    """Return sums for people, such as ``1,234.50 EUR, 20.00 CHF``."""
    return ", ".join(shown(amount, currency) for currency, amount in sums.items())


def as_numbers(sums: Sums) -> dict[str, float]:
    """Return sums as JSON and YAML know numbers."""
    return {currency: float(amount) for currency, amount in sums.items()}
