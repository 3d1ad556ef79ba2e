# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs cost: requests, not seconds. Those are measured by the benchmark."""

from __future__ import annotations

import re

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


def test_a_large_run_posts_once_for_each_order_and_shows_progress(play, simulator, variables):
    numbers = variables["komfortkasse_order_numbers"]
    dry = play("cancel_orders", "--check", **variables)
    assert dry.returncode == 0
    assert requests(simulator.log(), "POST") == {}
    assert dry.report["counts"]["changed"] == COUNT

    real = play("cancel_orders", **variables)
    assert real.returncode == 0
    assert requests(simulator.log(), "POST") == {("demo-shop", number): 1 for number in numbers}
    progress = re.findall(r"^localhost: (\d+) of 1200 orders done", real.output, re.MULTILINE)
    assert progress == ["500", "1000", "1200"]
    assert real.outcomes() == dry.outcomes()

    simulator.clear_log()
    simulator.settings(latency_ms=20)  # so that a list is worth it on a busy machine, too
    again = play("cancel_orders", **variables)
    assert requests(simulator.log(), "POST") == {}
    assert len(simulator.log()) < COUNT / 10
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
    statuses = simulator.orders()
    numbers = variables["komfortkasse_order_numbers"]
    cancelled = {number for number in numbers if statuses[number]["paymentStatus"] == "CANCELLED"}
    assert {number for (_shop, number), outcome in played.outcomes().items() if outcome == "changed"} == cancelled
