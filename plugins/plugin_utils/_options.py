# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release.

"""The options of a task as its author meant them, before a module sees them. Pure.

Only the action plugin sees which types YAML made of the values; a module gets text.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

TEXT_LISTS = ("order_numbers", "only_from", "payment_statuses", "include")

# What the playbooks take and give to a task by default(''), which hides a value that is itself undefined.
PLAYBOOK_VARIABLES = tuple(
    f"komfortkasse_{name}"
    for name in (
        *("order_numbers", "orders_file", "order_column", "only_from", "older_than_days", "types", "statuses"),
        *("max_changes", "unexpected_status", "missing_order", "concurrency", "batch_size", "plan", "plan_file"),
        *("report_dir", "journal_path", "max_age", "fail_if_found"),
    )
)

# In the order of asking: a truth value is a whole number for Python as well.
KINDS: dict[type, str] = {
    bool: "a truth value",
    int: "a whole number",
    float: "a decimal number",
    datetime.date: "a date",
    list: "a list",
    dict: "a mapping",
}


def cleaned(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The options without those that are '', with the entries of text lists trimmed.

    An order number that is not text is a ValueError.
    """
    options = {name: value for name, value in arguments.items() if value != ""}
    numbers = options.get("order_numbers")
    if isinstance(numbers, Mapping) and "order_numbers" in numbers:  # what the filter overdue_orders returns
        options["order_numbers"] = numbers["order_numbers"]
    for name in TEXT_LISTS:
        options.update({name: _trimmed(options[name])} if name in options else {})
    if options.get("order_number") is not None:
        _refuse_other_types("order_number", options["order_number"])
    _refuse_other_entries(options.get("order_numbers"))
    return options


def refuse_leftovers(variables: Mapping[str, Any]) -> None:
    """Raise ValueError if a ``-e name=value`` held a blank: Ansible keeps what follows it in ``_raw_params``."""
    if "_raw_params" in variables:
        raise ValueError(
            "An option -e name=value held a blank, and Ansible cut the value off there. Nothing was sent."
            """ Write it as JSON, such as -e '{"komfortkasse_order_numbers": ["1001", "1002"]}'."""
        )


def _trimmed(value: Any) -> Any:
    if isinstance(value, str):
        value = value.split(",")  # as Ansible reads a list that is given as text
    if isinstance(value, (list, tuple)):
        return [entry.strip() if isinstance(entry, str) else entry for entry in value]
    return value


def _refuse_other_entries(numbers: Any) -> None:
    if isinstance(numbers, list):
        for place, number in enumerate(numbers, start=1):
            _refuse_other_types(f"entry {place} of order_numbers", number)
    elif numbers is not None:
        _refuse_other_types("order_numbers", numbers)


def _refuse_other_types(what: str, value: Any) -> None:
    if isinstance(value, str):
        return
    if value is None:
        raise ValueError(f"Nothing was sent, because {what} is empty.")
    kind = next((words for kind, words in KINDS.items() if isinstance(value, kind)), type(value).__name__)
    raise ValueError(
        f"Nothing was sent, because {what} is {kind}, not text. YAML may have altered it: it makes 83 of 0123."
        " Put order numbers in quotes where they are written. Pass a value from JSON through the filter string,"
        " as in number | string (or, before ansible-core 2.19, switch jinja2_native off)."
    )
