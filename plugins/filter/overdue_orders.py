# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.community.komfortkasse.plugins.module_utils._orders import check_order_number

DATE = re.compile(r"(\d\d)-(\d\d)-(\d{4})", re.ASCII)  # the API's form, day first


def overdue_orders(
    orders: Iterable[Mapping[str, Any]],
    older_than_days: int,
    types: Iterable[str] = ("PREPAYMENT",),
    payment_statuses: Iterable[str] = ("UNPAID",),
    today: str | None = None,
) -> dict[str, list[Any]]:
    """Pick the orders that are too old, and those of which that cannot be told."""
    if not isinstance(older_than_days, int) or isinstance(older_than_days, bool) or older_than_days < 0:
        raise AnsibleFilterError(
            "community.komfortkasse.overdue_orders: older_than_days must be a whole number, 0 or more,"
            f" not {older_than_days!r}."
        )
    for name, words in (("types", types), ("payment_statuses", payment_statuses)):
        if isinstance(words, str):  # its letters would be taken for the words
            raise AnsibleFilterError(f"community.komfortkasse.overdue_orders: {name} must be a list, not {words!r}.")
    now = datetime.now(timezone.utc).date() if today is None else _given(today)
    wanted_types, wanted_statuses = set(types), set(payment_statuses)
    numbers, unclear = [], []
    for order in orders:
        if order.get("type") not in wanted_types or order["paymentStatus"] not in wanted_statuses:
            continue
        try:
            too_old = now - _day(order.get("date")) > timedelta(days=older_than_days)
            number = check_order_number(order["number"])
        except ValueError as error:
            unclear.append(_unclear(order, str(error)))
        else:
            if too_old:
                numbers.append(number)
    return {"order_numbers": numbers, "unclear": unclear}


def _day(value: object) -> date:
    match = DATE.fullmatch(value) if isinstance(value, str) else None
    try:
        if match:
            day, month, year = map(int, match.groups())
            return date(year, month, day)
    except ValueError:
        pass
    raise ValueError(f"its date is {value!r}, which is no date, so its age is not known.")


def _given(today: str) -> date:
    try:
        return date.fromisoformat(today)
    except ValueError:
        raise AnsibleFilterError(
            f"community.komfortkasse.overdue_orders: today must be a date like 2026-11-30, not {today!r}."
        ) from None


def _unclear(order: Mapping[str, Any], problem: str) -> dict[str, Any]:
    """The order in the form of a result of komfortkasse_order."""
    return {
        "order_number": order["number"],
        "outcome": "skipped",
        "previous_payment_status": order["paymentStatus"],
        "payment_status": order["paymentStatus"],
        "msg": f"Was left alone: {problem}",
    }


class FilterModule:
    """The filter overdue_orders."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return it by its name."""
        return {"overdue_orders": overdue_orders}
