# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.community.komfortkasse.plugins.plugin_utils import _late_payments


def late_payments(
    orders: Iterable[Mapping[str, Any]], journal: str | Iterable[object] = (), shop: str | None = None
) -> dict[str, Any]:
    """Pick the orders that are cancelled and have money on them."""
    try:
        return _late_payments.late_payments(orders, journal, shop)
    except (KeyError, TypeError, AttributeError) as error:
        raise AnsibleFilterError(
            "community.komfortkasse.late_payments: the input is not a list of orders as komfortkasse_order_info returns"
            f" them, or the journal is neither text nor a list of lines: {type(error).__name__}: {error}"
        ) from None


class FilterModule:
    """The filter late_payments."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return it by its name."""
        return {"late_payments": late_payments}
