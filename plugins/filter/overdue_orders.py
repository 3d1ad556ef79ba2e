# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.community.komfortkasse.plugins.module_utils._orders import check_order_number, shown

TYPE = re.compile("INVOICE|PREPAYMENT|COD|OTHER")
STATUS = re.compile("[A-Z_]+")  # there may be more than are documented
DATE = re.compile(r"(\d\d)-(\d\d)-(\d{4})", re.ASCII)  # the API's form, day first


def overdue_orders(
    orders: Iterable[Mapping[str, Any]],
    older_than_days: int | str,
    types: Iterable[str] | str = ("PREPAYMENT",),
    payment_statuses: Iterable[str] | str = ("UNPAID",),
    today: str | None = None,
) -> dict[str, list[Any]]:
    """Pick the orders that are too old, and those whose age or number is unclear."""
    days = _days(older_than_days)
    wanted_types = _words("types", types, "PREPAYMENT", TYPE)
    wanted_statuses = _words("payment_statuses", payment_statuses, "UNPAID", STATUS)
    now = datetime.now(timezone.utc).date() if today is None else _given(today)
    numbers, unclear = [], []
    for order in orders:
        if order.get("type") not in wanted_types or order["paymentStatus"] not in wanted_statuses:
            continue
        try:
            too_old = now - _day(order.get("date")) > timedelta(days=days)
            number = check_order_number(order["number"])
        except ValueError as error:
            unclear.append(_unclear(order, str(error)))
        else:
            if too_old:
                numbers.append(number)
    return {"order_numbers": numbers, "unclear": unclear}


def _days(value: object) -> int:
    """Return a number of days, which is text if it comes from -e."""
    text = str(value).strip() if isinstance(value, (int, str)) and not isinstance(value, bool) else ""
    if not re.fullmatch("[0-9]{1,6}", text):
        raise AnsibleFilterError(
            f"community.komfortkasse.overdue_orders: older_than_days must be a whole number, 0 or more, not {value!r}."
        )
    return int(text)


def _words(option: str, given: Iterable[str] | str | None, default: str, form: re.Pattern[str]) -> set[str]:
    """Return the words in a list, or in text with commas between them. '' and None stand for the default.

    An unanswered question of a survey in AWX arrives as None with ansible-core 2.19 or newer.
    """
    listed = given.split(",") if isinstance(given, str) else given if isinstance(given, (list, tuple, set)) else ()
    words = {str(word).strip() for word in listed} - {""} or ({default} if given in ("", None) else set())
    wrong = sorted(word for word in words if not form.fullmatch(word))
    if wrong or not words:
        raise AnsibleFilterError(
            f"community.komfortkasse.overdue_orders: {option} must be words in capital letters separated by commas,"
            f" such as {default}, not {wrong[0] if wrong else given!r}."
        )
    return words


def _day(value: object) -> date:
    match = DATE.fullmatch(value) if isinstance(value, str) else None
    try:
        if match:
            day, month, year = map(int, match.groups())
            return date(year, month, day)
    except ValueError:
        pass
    raise ValueError(f"its date is {shown(value)}, which is not a date, so its age is unknown.")


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
