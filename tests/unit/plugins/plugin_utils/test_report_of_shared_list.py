# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The summary of one list that was worked through in several shops."""

from __future__ import annotations

from datetime import datetime, timezone

from ansible_collections.community.komfortkasse.plugins.plugin_utils import _report_summary
from ansible_collections.community.komfortkasse.plugins.plugin_utils._report_shop import shop_of

NOW = datetime(2026, 1, 5, tzinfo=timezone.utc)
ABSENT = {"outcome": "skipped", "http_status": 404, "msg": "Is missing: the API answered 404.", "payment_status": None}
OPEN = {"outcome": "changed", "previous_payment_status": "UNPAID", "payment_status": "CANCELLED"}


def lines(check_mode=False, **orders_by_shop):
    """The summary for shops, each with its orders by number."""
    shops = [
        shop_of(name, [{"results": [{"order_number": number, **result} for number, result in orders.items()]}], [])
        for name, orders in orders_by_shop.items()
    ]
    return [
        line for of_shop in _report_summary.cancellation(shops, check_mode, [], None, NOW).values() for line in of_shop
    ]


def test_each_shop_is_one_line_however_many_orders_it_lacks():
    numbers = [f"B-{serial}" for serial in range(100)]
    berlin = dict.fromkeys(numbers, OPEN) | {"H-1": ABSENT}
    hamburg = dict.fromkeys(numbers, ABSENT) | {"H-1": OPEN}
    wien = dict.fromkeys([*numbers, "H-1"], ABSENT)
    first, second, third, total = lines(berlin=berlin, hamburg=hamburg, wien=wien)
    assert first == "berlin: 100 of 101 orders cancelled: B-0, B-1, B-2, B-3, B-4, B-5, B-6, B-7, ..."
    assert second == "hamburg: 1 of 101 orders cancelled: H-1"
    assert third == "wien: has none of the 101 orders"
    assert total == "In all 3 shops: 101 orders; 101 cancelled"


def test_order_that_no_shop_has_is_named_once():
    shown = lines(True, berlin={"B-1": OPEN, "X-1": ABSENT}, hamburg={"B-1": ABSENT, "X-1": ABSENT})
    assert shown == [
        "berlin: dry run, nothing was changed: 1 of 2 orders would be cancelled: B-1",
        "hamburg: dry run, nothing was changed: has none of the 2 orders",
        "In all 2 shops: 1 order; 1 would be cancelled",
        "1 order is in none of the shops: X-1",
    ]
