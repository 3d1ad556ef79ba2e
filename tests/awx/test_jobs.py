# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs as AWX runs them, from the answers of a survey to what is left for the next node of a workflow.

The fixture ``node`` searches all that each of them leaves for parts of a key.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from guide import check_output

FORM = {
    "komfortkasse_hosts": "all",
    "komfortkasse_only_from": "UNPAID",
    "komfortkasse_unexpected_status": "fail",
    "komfortkasse_missing_order": "skip",
    "komfortkasse_max_changes": 100,
}
NUMBERS = "B-1001\r\nB-1002\r\nH-2001\r\nW-3001"
TO_PLAN = {**FORM, "komfortkasse_orders_to_plan": NUMBERS}
TO_CANCEL = {**FORM, "komfortkasse_order_numbers": NUMBERS}


def posts(shops):
    """Return the numbers of the orders that something was to be done with, as often as it was."""
    return sorted(entry["order_number"] for entry in shops.log("POST"))


@pytest.fixture
def plan(launch, shops):
    """Give the ended job of the first node of the workflow. With one fork, its output always has the same order."""
    ended = launch("Plan cancellations", TO_PLAN, forks=1)
    assert ended.status == "successful", ended.output
    assert posts(shops) == []
    return ended


@pytest.fixture
def apply(launch):
    """Give a function that runs the last node of the workflow. It gets the answers of the workflow, too."""
    return lambda **decided: launch("Cancel orders", answers={}, **{"workflow_answers": TO_PLAN, "forks": 1, **decided})


def test_workflow_applies_the_approved_plan(plan, apply, shops):
    check_output("plan", plan.output)
    shops.patch_order("H-2002", shop="hamburg", amount=1.0)  # an order that is not in the plan
    applied = apply(artifacts=plan.artifacts)
    assert applied.status == "successful", applied.output
    assert posts(shops) == NUMBERS.split()


def test_shop_fails_alone_and_relaunch_goes_on(plan, apply, shops, node):
    shops.patch_order("W-3001", shop="wien", paymentStatus="PAID")
    credential = plan.job.credential
    wrong = {**credential, "shop_keys": credential["shop_keys"].replace("Wn5Jz", "wrong")}
    failed = apply(artifacts=plan.artifacts, credential=wrong)
    assert failed.status == "failed"
    assert posts(shops) == ["B-1001", "B-1002"]
    check_output("partial failure", failed.output)

    relaunch = failed.relaunch()
    assert relaunch.limit == "hamburg,wien"
    relaunch.credential = credential
    assert node.run(relaunch).status == "failed"  # the order in Vienna is still paid
    assert posts(shops) == ["B-1001", "B-1002", "H-2001"]


def test_lost_plan_is_refused(apply, shops):
    refused = apply(artifacts={})
    assert refused.status == "failed"
    assert shops.log() == []
    assert "the plan of the job before did not arrive" in refused.output


@pytest.mark.parametrize(
    "answers",
    [
        {"komfortkasse_hosts": "@/proc/self/environ"},
        {"komfortkasse_hosts": "berlin,@../env/tmp_template.shop_keys"},
        {"komfortkasse_hosts": "{{ lookup('ansible.builtin.env', 'KOMFORTKASSE_SHOP_KEYS_FILE') }}"},
        {
            "komfortkasse_order_numbers": "{{lookup('ansible.builtin.file','../env/tmp_template.shop_keys')}}1",
            "komfortkasse_orders_file": "../env/tmp_template.shop_keys",
        },
        {"komfortkasse_only_from": "UNPAID,{{lookup('ansible.builtin.file','../env/tmp_template.shop_keys')}}"},
    ],
)
def test_no_answer_of_a_survey_shows_a_key(launch, shops, answers):
    ended = launch("Cancel orders", {**TO_CANCEL, **answers}, verbosity=4)
    assert "komfortkasse_only_from" in answers or (ended.status, posts(shops)) == ("failed", [])


def test_overdue_orders_are_planned_by_the_survey(launch, shops):
    answers = {"komfortkasse_older_than_days": 30, "komfortkasse_types": "", "komfortkasse_max_changes": 100}
    ended = launch("Plan overdue cancellations", answers)
    assert ended.status == "successful", ended.output
    assert posts(shops) == []
    assert sorted(ended.artifacts["komfortkasse_plan"]["hamburg"]["orders"]) == ["H-2001"]


def test_late_payments_fail_the_job_that_is_to_notify(launch):
    answers = {"komfortkasse_max_age": 365, "komfortkasse_fail_if_found": "yes"}
    ended = launch("Find late payments", answers)
    assert ended.status == "failed"
    assert "B-1005" in ended.output


@pytest.mark.parametrize("template", ["Plan cancellations", "Cancel orders"])
def test_old_execution_environment_is_refused(launch, shops, template):
    old_core = Path(os.environ["OLD_CORE"])
    environment = {"PYTHONPATH": str(old_core), "PATH": f"{old_core / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    ended = launch(template, {**TO_PLAN, **TO_CANCEL}, environment=environment)
    assert ended.status == "failed"
    assert "2.16" in ended.output
    assert shops.log() == []
