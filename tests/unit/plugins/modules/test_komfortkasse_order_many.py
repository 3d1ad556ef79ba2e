# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The large ones: hundreds of orders while everything that can go wrong does, and results that stay small."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

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
    {"kind": "status", "status": 504, "delay": 3},  # longer than the time-out
    {"kind": "delay", "delay": 3, "when": "after"},
]


@pytest.mark.parametrize(("count", "concurrency"), [(500, 16)])
def test_everything_goes_wrong_and_all_ends_well(simulator, orders, journal, count, concurrency):
    """Of all requests 5 % meet a fault. Nothing may be lost, done twice, or told wrongly."""
    numbers = simulator.generate(count, prefix=f"{count}-")
    chance = 0.05 / len(FAULTS)
    simulator.faults(
        *(
            {**fault, "operation": ["getOrder", "cancelOrder"], "times": None, "probability": chance, "seed": seed}
            for seed, fault in enumerate(FAULTS)
        )
    )
    result = orders(numbers, concurrency=concurrency, timeout=2, retries=8, prefetch_days=0, journal_path=journal.path)
    assert not result.get("failed"), result["msg"]
    states = simulator.orders()
    assert {states[number]["paymentStatus"] for number in numbers} == {TARGET}

    posts = defaultdict(list)
    for entry in simulator.log("POST"):
        posts[entry["order_number"]].append(entry["changed"])
    for entry in result["results"]:
        assert (entry["outcome"], entry["payment_status"]) == ("changed", TARGET)
        assert posts[entry["order_number"]].count(True) == 1
    assert sum(fault["hits"] for fault in simulator.faults()) > count * 2 * 0.03
    asked_for = set(numbers)
    ours = [entry for entry in simulator.log() if entry["order_number"] in asked_for]
    # A request of an earlier test may still arrive, and one of these may be given up on its way.
    assert len(ours) <= result["summary"]["requests"] <= len(ours) + 5

    lines = journal()
    assert Counter(line["event"] for line in lines) == {"attempt": count, "result": count}
    assert {line["order_number"] for line in lines if line["outcome"] == "changed"} == set(numbers)
