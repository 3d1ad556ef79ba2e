# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan binds: the same command with and without --check plans and applies, and nothing else is changed."""

from __future__ import annotations

import json

import pytest
from conftest import requests

NUMBERS = ["2026-0815", "2026-0816"]


@pytest.mark.parametrize(
    ("playbook", "variables"),
    [
        ("cancel_orders", {"komfortkasse_order_numbers": NUMBERS}),
        ("cancel_overdue_orders", {"komfortkasse_older_than_days": 20}),
    ],
)
def test_the_same_command_plans_and_applies(play, simulator, tmp_path, playbook, variables):
    variables = {**variables, "komfortkasse_plan_file": "plan.json"}
    dry = play(playbook, "--check", **variables)
    assert dry.returncode == 0
    plan = json.loads((tmp_path / "plan.json").read_text())["plans"]["localhost"]
    assert list(plan["orders"]) == NUMBERS
    assert (tmp_path / "plan.json").stat().st_mode & 0o777 == 0o600
    assert all(number in dry.output for number in NUMBERS)

    simulator.patch_order("2026/0816", date="01-01-2020")  # overdue by now, but not in the plan
    simulator.patch_order("2026-0816", amount=1.0)  # no longer what the plan shows
    real = play(playbook, **variables)
    assert real.returncode == 2
    assert requests(simulator.log(), "POST") == {("demo-shop", "2026-0815"): 1}
    assert real.outcomes() == {("localhost", "2026-0815"): "changed", ("localhost", "2026-0816"): "failed"}
    assert "1.00" in real.report["orders"][1]["reason"]


@pytest.mark.parametrize("plans", [{}, {"shop_de": {"orders": {}}}])
def test_a_shop_without_a_plan_changes_nothing(play, simulator, tmp_path, plans):
    played = play("cancel_orders", komfortkasse_plan=plans, komfortkasse_order_numbers=NUMBERS)
    assert played.returncode == 0
    (tmp_path / "plan.json").write_text(json.dumps({"plans": plans}))
    played = play("cancel_overdue_orders", komfortkasse_plan_file="plan.json", komfortkasse_older_than_days=0)
    assert played.returncode == 0
    assert simulator.log() == []


@pytest.mark.parametrize("playbook", ["cancel_orders", "cancel_overdue_orders"])
def test_plans_that_are_not_a_mapping_are_not_taken_for_empty_ones(begin, simulator, playbook):
    run = begin(playbook, komfortkasse_plan='{"localhost": {"orders": {}}}', komfortkasse_older_than_days=0)
    output, _nothing = run.communicate(timeout=120)
    assert run.returncode == 2
    assert "The plan is empty" not in output
    assert simulator.log() == []


def test_a_plan_cannot_run_a_command(play, simulator, tmp_path):
    order = "{{ lookup('pipe', 'touch " + str(tmp_path / "ran") + "') }}"
    plan = {
        "state": "cancelled",
        "shop": "localhost",
        "api_url": simulator.api_url,
        "created": "",
        "orders": {order: []},
    }
    (tmp_path / "plan.json").write_text(json.dumps({"plans": {"localhost": plan}}))
    play("cancel_orders", komfortkasse_plan_file="plan.json")
    assert not (tmp_path / "ran").exists()
    assert simulator.log("POST") == []
