# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The large ones: results that AWX keeps, and hundreds of orders while everything that can go wrong does."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

AWX_LIMIT = 700_000  # bytes of a task's result
TARGET = "CANCELLED"
FAULTS = [
    {"kind": "status", "status": 429},
    {"kind": "status", "status": 503, "retry_after": 0},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 502, "when": "after"},
    {"kind": "reset"},
    {"kind": "reset", "when": "after"},
    {"kind": "truncated"},
    {"kind": "truncated", "when": "after"},
    {"kind": "body", "body": "<html>", "when": "after"},
    {"kind": "body", "body": "{}"},
    {"kind": "status", "status": 504, "delay": 1.5},  # longer than the time-out
    {"kind": "delay", "delay": 1.5, "when": "after"},
]


@pytest.fixture
def five_thousand(simulator):
    numbers = simulator.generate(5000)
    simulator.clear_log()
    return numbers


@pytest.mark.parametrize("check_mode", [False, True])
def test_five_thousand_results_are_kept_by_awx(simulator, orders, five_thousand, check_mode):
    options = {"concurrency": 8, "_ansible_check_mode": check_mode}
    result = orders(five_thousand, **options)
    assert result["summary"]["changed"] == 5000
    assert result["printed"] < AWX_LIMIT
    if check_mode:
        return
    again = orders(five_thousand, **options)
    assert (again["summary"]["unchanged"], again["summary"]["requests"]) == (5000, 1)
    assert again["printed"] < AWX_LIMIT


def test_five_thousand_orders_that_are_left_alone_are_kept_by_awx(simulator, orders, five_thousand):
    result = orders(five_thousand, only_from=["PAID"], unexpected_status="skip")
    assert result["summary"]["skipped"] == 5000
    assert result["printed"] < AWX_LIMIT
    assert "its payment status is UNPAID" in result["results"][0]["msg"]
    assert simulator.log("POST") == []


def test_five_thousand_orders_that_are_missing_are_kept_by_awx(simulator, orders):
    result = orders([f"X{n:06}" for n in range(5000)])
    assert result["summary"]["failed"] == 5000
    assert result["printed"] < AWX_LIMIT
    assert "5000 of 5000 orders failed. Order X000000 could not be read" in result["msg"]
    assert "Order not found" in result["results"][0]["msg"]


def test_a_thousand_changed_orders_take_less_than_130_bytes_each(simulator, orders):
    result = orders(simulator.generate(1000), return_order="none")
    assert result["printed"] < 130_000


@pytest.mark.parametrize(("count", "concurrency"), [(400, 16), (2000, 32)])
def test_everything_goes_wrong_and_all_ends_well(simulator, orders, journal, count, concurrency):
    """Of all requests 5 % meet a fault. Nothing may be lost, done twice, or told wrongly."""
    numbers = simulator.generate(count)
    chance = 0.05 / len(FAULTS)
    simulator.faults(
        *(
            {**fault, "operation": ["getOrder", "cancelOrder"], "times": None, "probability": chance, "seed": seed}
            for seed, fault in enumerate(FAULTS)
        )
    )
    result = orders(numbers, concurrency=concurrency, timeout=1, retries=8, prefetch_days=0, journal_path=journal.path)
    assert not result.get("failed"), result["msg"]
    states = simulator.orders()
    assert {states[number]["paymentStatus"] for number in numbers} == {TARGET}

    posts = defaultdict(list)
    for entry in simulator.log("POST"):
        posts[entry["order_number"]].append(entry["changed"])
    for entry in result["results"]:
        effective = posts[entry["order_number"]]
        assert (entry["outcome"], entry["payment_status"]) == ("changed", TARGET)
        assert effective == [False] * (len(effective) - 1) + [True]
    assert sum(fault["hits"] for fault in simulator.faults()) > count * 2 * 0.03
    assert result["summary"]["requests"] == len(simulator.log())

    lines = journal()
    assert Counter(line["event"] for line in lines) == {"attempt": count, "result": count}
    assert {line["order_number"] for line in lines if line["outcome"] == "changed"} == set(numbers)
