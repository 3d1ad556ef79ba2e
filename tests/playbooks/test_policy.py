# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks cancel_overdue_orders and find_late_payments in one shop."""

from __future__ import annotations

from conftest import requests


def test_orders_of_the_policy_are_cancelled(play, simulator):
    policy = {"komfortkasse_older_than_days": "17", "komfortkasse_types": "PREPAYMENT, INVOICE"}
    simulator.patch_order("2026/0816", date="no date")
    played = play("cancel_overdue_orders", **policy)
    assert played.returncode == 0
    cancelled = {"2026-0815", "2026-0816", "2026-0817", "A b", "2025-0001"}
    assert {number for _shop, number in requests(simulator.log(), "POST")} == cancelled
    skipped = [order for order in played.report["orders"] if order["outcome"] == "skipped"]
    assert [order["order_number"] for order in skipped] == ["2026/0816"]
    assert "no date" in skipped[0]["reason"]


def test_when_the_orders_cannot_be_read_nothing_is_cancelled(play, simulator):
    simulator.faults({"kind": "status", "status": 401, "operation": "readOrders", "times": None})
    assert "401" in refused(play("cancel_overdue_orders", komfortkasse_older_than_days=0), simulator)


def test_when_the_orders_cannot_be_selected_nothing_is_cancelled(play, simulator):
    assert "not 'ten'" in refused(play("cancel_overdue_orders", komfortkasse_older_than_days="ten"), simulator)


def refused(played, simulator):
    """Return why the shop failed; the report tells of it, and nothing was cancelled."""
    assert played.returncode == 2
    assert simulator.log("POST") == []
    assert played.ended() == {"localhost": "failed"}
    return played.report["shops"][0]["message"]


def test_late_payments_are_found_in_one_request(play, simulator):
    played = play("find_late_payments")
    assert played.returncode == 0
    assert [entry["operation"] for entry in simulator.log()] == ["readOrders"]
    assert played.report["counts"]["found"] == 1
    assert "2026-0602: 119.00 EUR" in played.output
    assert "komfortkasse_late_payments" in played.output
    assert "@" not in played.output.replace("@variables.json", "")


def test_a_max_age_of_0_stays_0(play, simulator):
    play("find_late_payments", komfortkasse_max_age=0)
    [entry] = simulator.log()
    assert "maxAge=0" in entry["query"]


def test_late_payments_fail_the_run_if_that_is_asked_for(play, simulator):
    assert play("find_late_payments", "--check", komfortkasse_fail_if_found="true").returncode == 2
    simulator.patch_order("2026-0602", amountPaid=0.0)
    assert play("find_late_payments", komfortkasse_fail_if_found="true").returncode == 0
    assert play("find_late_payments", komfortkasse_fail_if_found="").returncode == 0


def test_a_missing_journal_is_an_error(begin, simulator):
    run = begin("find_late_payments", komfortkasse_journal_path="none.jsonl")
    output, _nothing = run.communicate(timeout=120)
    assert run.returncode == 2
    assert "none.jsonl" in output
