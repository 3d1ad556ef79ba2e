# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The large ones: hundreds of orders while everything that can go wrong does, and results that stay small."""

from __future__ import annotations

from collections import Counter, defaultdict

COUNT = 500
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


def test_everything_goes_wrong_and_all_ends_well(simulator, orders, journal):
    """Faults of all kinds, five times each. Nothing may be lost, done twice, or told wrongly."""
    numbers = simulator.generate(COUNT)
    simulator.faults(
        *(
            {**fault, "operation": ["getOrder", "cancelOrder"], "times": 5, "skip": 50 * place}
            for place, fault in enumerate(FAULTS)
        )
    )
    result = orders(numbers, concurrency=16, timeout=2, retries=8, prefetch_days=0, journal_path=journal.path)
    assert not result.get("failed"), result["msg"]
    states = simulator.orders()
    assert {states[number]["paymentStatus"] for number in numbers} == {TARGET}

    posts = defaultdict(list)
    for entry in simulator.log("POST"):
        posts[entry["order_number"]].append(entry["changed"])
    for entry in result["results"]:
        assert (entry["outcome"], entry["payment_status"]) == ("changed", TARGET)
        assert posts[entry["order_number"]].count(True) == 1
    assert {fault["hits"] for fault in simulator.faults()} == {5}
    asked_for = set(numbers)
    ours = [entry for entry in simulator.log() if entry["order_number"] in asked_for]
    # A request of an earlier test may still arrive, and one of these may be given up on its way.
    assert len(ours) <= result["summary"]["requests"] <= len(ours) + 5

    lines = journal()
    assert Counter(line["event"] for line in lines) == {"attempt": COUNT, "result": COUNT}
    assert {line["order_number"] for line in lines if line["outcome"] == "changed"} == set(numbers)
