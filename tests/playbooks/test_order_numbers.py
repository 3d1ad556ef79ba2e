# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Order numbers as lists have them."""

from __future__ import annotations


def test_numbers_that_differ_in_upper_and_lower_case_are_two_orders(play, simulator):
    numbers = ["abc-1", "ABC-1", "abc-1"]
    played = play("cancel_orders", komfortkasse_order_numbers=numbers, komfortkasse_missing_order="skip")
    assert played.returncode == 0
    assert [order["order_number"] for order in played.report["orders"]] == ["abc-1", "ABC-1"]


def test_variables_of_other_playbooks_disturb_neither_the_guard_nor_the_report(play, simulator):
    others = {"max_changes": 9, "unapproved": [], "shop": "berlin", "orders": "all", "failed": 0, "approved": {}}
    played = play("cancel_orders", komfortkasse_order_numbers=["2026-0815"], komfortkasse_max_changes=0, **others)
    assert played.returncode == 2
    assert played.ended() == {"localhost": "refused"}
    assert not [entry for entry in simulator.log() if entry["method"] == "POST"]
