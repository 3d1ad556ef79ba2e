# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.community.komfortkasse.plugins.plugin_utils._order_cells import OrderListError
from ansible_collections.community.komfortkasse.plugins.plugin_utils._order_list import order_numbers_from


def order_numbers(value: object, column: str | None = None) -> list[str]:
    """Return the order numbers in text, in a column of a table, or in a list."""
    try:
        return order_numbers_from(value, column)
    except OrderListError as error:
        raise AnsibleFilterError(f"community.komfortkasse.order_numbers: {error}") from None


class FilterModule:
    """The filter order_numbers."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return it by its name."""
        return {"order_numbers": order_numbers}
