# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release.

"""The options of a task as its author meant them, before a module sees them. Pure.

Only the action plugin sees which types YAML made of the values; a module gets text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.community.komfortkasse.plugins.module_utils._orders import kind_of

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


def cleaned(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The options without those that are '', and with the entries of text lists trimmed.

    Raises: ValueError with a sentence if an order number is not text.
    """
    options = {name: value for name, value in arguments.items() if value != ""}
    options.update({name: _trimmed(options[name]) for name in TEXT_LISTS if name in options})
    number, numbers = options.get("order_number"), options.get("order_numbers")
    if number is not None:
        _check_is_text("order_number", number)
    if numbers is not None and not isinstance(numbers, list):
        _check_is_text("order_numbers", numbers)
    for place, entry in enumerate(numbers or [], start=1):
        _check_is_text(f"entry {place} of order_numbers", entry)
    return options


def refuse_leftovers(variables: Mapping[str, Any]) -> None:
    """Raise ValueError if the value of ``-e name=value`` had a space: Ansible puts the rest into ``_raw_params``."""
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


def _check_is_text(what: str, value: Any) -> None:
    if isinstance(value, str):
        return
    if value is None:
        raise ValueError(f"Nothing was sent, because {what} is empty.")
    raise ValueError(
        f"Nothing was sent, because {what} is {kind_of(value)}, not text. YAML may have altered it: 0123 becomes 83."
        " Put order numbers in quotes where they are written. Pass a value from JSON through the filter string,"
        " as in number | string (or, before ansible-core 2.19, switch jinja2_native off)."
    )
