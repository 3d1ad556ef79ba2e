# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results of three thousand orders in one task are few enough bytes for AWX to keep them."""

from __future__ import annotations

import pytest

ORDERS = 3000
LIMIT = 700_000  # bytes of a task's result


@pytest.fixture
def many(simulator):
    numbers = simulator.generate(ORDERS)
    simulator.clear_log()
    return numbers


@pytest.mark.parametrize("check_mode", [False, True])
def test_results_are_kept(simulator, orders, many, check_mode):
    options = {"concurrency": 8, "_ansible_check_mode": check_mode}
    result = orders(many, **options)
    assert result["summary"]["changed"] == ORDERS
    assert result["printed"] < LIMIT
    if check_mode:
        return
    again = orders(many, **options)
    assert (again["summary"]["unchanged"], again["summary"]["requests"]) == (ORDERS, 2)
    assert again["printed"] < LIMIT


def test_orders_that_are_left_alone_are_kept(simulator, orders, many):
    result = orders(many, only_from=["PAID"], unexpected_status="skip")
    assert result["summary"]["skipped"] == ORDERS
    assert result["printed"] < LIMIT
    assert result["results"][0]["msg"] == "Is UNPAID, not PAID."
    assert simulator.log("POST") == []


def test_orders_that_are_missing_are_kept(simulator, orders):
    result = orders([f"X{n:06}" for n in range(ORDERS)])
    assert result["summary"]["failed"] == ORDERS
    assert result["printed"] < LIMIT
    assert f"{ORDERS} of {ORDERS} orders failed. Order X000000 could not be read" in result["msg"]
    assert "Order not found" in result["results"][0]["msg"]
