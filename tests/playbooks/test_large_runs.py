# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs cost: requests, not seconds. Those are measured by the benchmark."""

from __future__ import annotations

import pytest
from conftest import requests

COUNT = 1200


@pytest.fixture
def variables(simulator):
    return {
        "komfortkasse_order_numbers": simulator.generate(COUNT),
        "komfortkasse_max_changes": COUNT,
        "komfortkasse_batch_size": 500,
        "komfortkasse_concurrency": 32,
    }


def test_a_dry_run_posts_nothing_the_real_run_once_for_each_order_and_the_next_run_reads_once(
    play, simulator, variables
):
    numbers = variables["komfortkasse_order_numbers"]
    each = {("demo-shop", number): 1 for number in numbers}

    dry = play("cancel_orders", "--check", **variables)
    assert dry.returncode == 0
    assert requests(simulator.log(), "POST") == {}
    assert requests(simulator.log(), "GET") == each
    assert dry.report["check_mode"] is True
    assert dry.report["counts"]["changed"] == COUNT

    simulator.clear_log()
    real = play("cancel_orders", **variables)
    assert real.returncode == 0
    assert requests(simulator.log(), "POST") == each
    assert sum(requests(simulator.log(), "GET").values()) == 2 * COUNT
    progress = [line for line in real.output.splitlines() if "(item=batch " in line]
    assert [line[line.index("batch") : -1] for line in progress] == [
        "batch 1 of 3 · orders 1 to 500 of 1200 · 500 of them changed",
        "batch 2 of 3 · orders 501 to 1000 of 1200 · 500 of them changed",
        "batch 3 of 3 · orders 1001 to 1200 of 1200 · 200 of them changed",
    ]
    assert real.report["counts"]["changed"] == COUNT
    assert real.report["orders"] == dry.report["orders"]

    simulator.clear_log()
    again = play("cancel_orders", **variables)
    assert len(simulator.log()) == 1
    assert again.changed == {"localhost": 0}
    assert again.report["counts"]["unchanged"] == COUNT


def test_an_outage_stops_the_run_and_the_report_tells_what_was_not_attempted(play, simulator, variables):
    simulator.faults(
        {"kind": "status", "status": 503, "retry_after": 600, "operation": "cancelOrder", "skip": 510, "times": None}
    )
    played = play("cancel_orders", **variables)
    assert played.returncode == 2
    counts = played.report["counts"]
    assert counts["changed"] == 510
    assert counts["failed"] >= 5
    assert counts["changed"] + counts["failed"] + counts["not_attempted"] == COUNT
    assert played.ended() == {"localhost": "stopped"}
    assert "max_failures" in played.report["shops"][0]["message"]
    statuses = simulator.orders()
    numbers = variables["komfortkasse_order_numbers"]
    cancelled = {number for number in numbers if statuses[number]["paymentStatus"] == "CANCELLED"}
    assert {order["order_number"] for order in played.report["orders"] if order["outcome"] == "changed"} == cancelled


def test_a_policy_over_thousands_of_orders_reads_them_once_and_shows_nobodys_data(play, simulator):
    simulator.generate(COUNT)
    policy = {"komfortkasse_older_than_days": 0, "komfortkasse_max_changes": COUNT + 100}
    played = play("cancel_overdue_orders", "-vv", "--check", **policy)
    assert played.returncode == 0
    assert played.report["counts"]["changed"] >= COUNT // 2
    assert "@" not in played.output.replace("@variables.json", "")
    assert sum(entry["operation"] == "readOrders" for entry in simulator.log()) == 2
