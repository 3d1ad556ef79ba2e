# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault that the simulator has, at every step of an order: what is sent, what is true, and what is reported.

What is expected stands in specimens.py.
"""

from __future__ import annotations

import pytest

from ansible_collections.community.komfortkasse.plugins.module_utils import _argument_spec
from ansible_collections.community.komfortkasse.plugins.module_utils._orders import TRANSITIONS
from ansible_collections.community.komfortkasse.plugins.module_utils._transport import Connection
from ansible_collections.community.komfortkasse.tests.unit.plugins import truth
from ansible_collections.community.komfortkasse.tests.unit.plugins.specimens import PATIENT, SCRIPTS, SPECIMENS, STEPS

NUMBER = "2026-0815"
READ, CHANGE = f"GET /order/{NUMBER}", f"POST /order/{NUMBER}/cancel"
CHANGES = ["cancelOrder", "removeOrder", "setOrderPaid", "setOrderUnpaid"]
BEFORE = "PAID_PARTIAL"  # not where any state leads
OUTCOMES = {"changed": "+", "unchanged": "=", "failed": "!"}
SLOW_STEPS = STEPS[:2]  # the others are no different for a fault that takes its time


@pytest.fixture
def short_timeout(monkeypatch):
    """Return a function that sets a time-out, which slow faults run into."""

    def set_timeout(seconds):
        monkeypatch.setattr(_argument_spec, "Connection", lambda **given: Connection(**{**given, "timeout": seconds}))

    return set_timeout


@pytest.mark.parametrize(
    ("specimen", "step"),
    [(each, step) for each in SPECIMENS for step in (STEPS if each.timeout == PATIENT else SLOW_STEPS)],
    ids=str,
)
def test_a_fault_at_each_step(simulator, orders, journal, short_timeout, specimen, step):
    """Afterwards a run without faults does what is left to do."""
    turn = SPECIMENS.index(specimen) + STEPS.index(step)
    state = list(TRANSITIONS)[turn % 4]
    target = TRANSITIONS[state].payment_status
    numbers = [NUMBER, "2026-0816"][: 1 + turn % 3 // 2]
    simulator.settings(repeat_status=400)  # stricter than what is documented
    for number in numbers:
        simulator.patch_order(number, paymentStatus=BEFORE, amountPaid=5.0)
    read = {"operation": "getOrder", "order_number": NUMBER}
    when = "after" if step.endswith(", made") else "before"
    change = {"operation": CHANGES, "order_number": NUMBER, "when": when}
    if step == "read":
        simulator.faults(specimen.fault(target, **read))
    elif step.startswith("change"):
        simulator.faults(specimen.fault(target, **change))
    else:
        simulator.faults({"kind": "reset", **change}, specimen.fault(target, **read, skip=1))

    def run():
        options = {"state": state, "retries": 2, "concurrency": 2, "journal_path": journal.path, "return_order": "full"}
        return orders(numbers, **options)

    short_timeout(specimen.timeout)
    result = run()
    expected = SCRIPTS[str(specimen)].split()[STEPS.index(step)]
    entry = result["results"][0]
    assert truth.scripts(simulator)[NUMBER] + OUTCOMES[entry["outcome"]] == expected
    truth.sent_with_care(simulator, NUMBER, retries=2)
    truth.told_honestly(simulator, result, truth.entries_of(journal), check_mode=False)
    if "order" in entry:
        assert entry["order"]["paymentStatus"] == (entry["payment_status"] or BEFORE)
    short_timeout(PATIENT)
    truth.repaired(simulator, run, target)


@pytest.mark.parametrize("specimen", SPECIMENS, ids=str)
def test_check_mode_sends_no_change_whatever_happens(simulator, order, journal, short_timeout, specimen):
    simulator.patch_order(NUMBER, paymentStatus=BEFORE)
    simulator.clear_log()
    simulator.faults(specimen.fault("CANCELLED", operation="getOrder"))
    short_timeout(specimen.timeout)
    result = order(retries=2, journal_path=journal.path, _ansible_check_mode=True)
    script = SCRIPTS[str(specimen)].split()[0].replace("C", "")
    reads = len(script.rstrip("+=!"))
    assert truth.scripts(simulator) == {NUMBER: "R" * (1 if specimen.kind == "outside_change" else reads)}
    assert result["changed"] == (not script.endswith("!"))
    truth.told_honestly(simulator, result, truth.entries_of(journal), check_mode=True)


@pytest.mark.parametrize(
    ("operation", "wording", "fault", "words"),
    [
        ("getOrder", "read", {"kind": "status", "status": 401}, "401: API Key invalid. Check api_key"),
        (
            "cancelOrder",
            "cancelled",
            {"kind": "body", "status": 502, "body": "<h1>\nBad\x1b gateway</h1>"},
            "502: <h1> Bad gateway",
        ),
        (
            "getOrder",
            "read",
            {"kind": "redirect", "location": "https://u:p@elsewhere.example:444/x"},
            "redirects to elsewhere.example:444",
        ),
        ("cancelOrder", "cancelled", {"kind": "reset"}, "broke before the answer was complete"),
        ("cancelOrder", "cancelled", {"kind": "wrong_order"}, f"another order: {NUMBER}-1"),
        ("cancelOrder", "cancelled", {"kind": "endless"}, "not complete within 2 s"),
        ("getOrder", "read", {"kind": "status", "status": 504, "delay": 2.5}, "did not answer within 2 s"),
        ("cancelOrder", "cancelled", {"kind": "echo_key"}, "key ******** (as sent in ?key=********) may not do this"),
        (
            "cancelOrder",
            "cancelled",
            {"kind": "stale_status"},
            "the API accepted it, but the order is UNPAID. Look at the order",
        ),
    ],
)
def test_the_message_says_what_failed(simulator, order, operation, wording, fault, words):
    simulator.faults({**fault, "operation": operation, "times": None})
    result = order(timeout=2 if "within 2 s" in words else 30, retries=0)
    assert result["failed"]
    assert result["msg"].startswith(f"Order {NUMBER} could not be {wording}: ")
    assert words in result["msg"]
    assert words.partition(". ")[0] in result["results"][0]["msg"]
    status = fault.get("status", {"redirect": 302, "echo_key": 400}.get(fault["kind"]))
    assert result["results"][0].get("http_status") == (None if "within" in words else status)
    assert simulator.order(NUMBER)["paymentStatus"] == "UNPAID"


@pytest.mark.parametrize("when", ["before", "after"])
def test_without_retries_an_ambiguous_change_is_looked_at(simulator, order, sent, when):
    simulator.faults({"kind": "reset", "operation": "cancelOrder", "when": when})
    assert order(retries=0)["changed"] == (when == "after")
    assert sent() == [READ, CHANGE, READ]


def test_a_change_that_nobody_can_verify_is_reported_as_unknown(simulator, order, sent):
    simulator.faults(
        {"kind": "reset", "operation": "cancelOrder", "when": "after"},
        {"kind": "status", "status": 500, "operation": "getOrder", "skip": 1, "times": None},
    )
    result = order(retries=1)
    assert sent() == [READ, CHANGE, READ, READ]
    assert result["failed"]
    assert (result["changed"], result["previous_payment_status"], result["payment_status"]) == (False, "UNPAID", None)
    assert "whether that took effect is unknown" in result["msg"]


def test_an_order_that_exists_is_not_missing_because_its_change_got_404(simulator, order, sent):
    simulator.faults({"kind": "status", "status": 404, "operation": "cancelOrder"})
    result = order(missing_order="skip")
    assert sent() == [READ, CHANGE, READ]
    assert (result["failed"], result["results"][0]["outcome"]) == (True, "failed")
    assert (result["payment_status"], result["results"][0]["http_status"]) == ("UNPAID", 404)


def test_an_order_that_vanishes_before_its_change_is_missing(simulator, order, sent):
    gone = {"kind": "status", "status": 404}
    simulator.faults({**gone, "operation": "cancelOrder"}, {**gone, "operation": "getOrder", "skip": 1})
    result = order(missing_order="skip")
    assert sent() == [READ, CHANGE, READ]
    assert not result.get("failed")
    assert result["results"][0]["outcome"] == "skipped"


def test_an_order_that_vanishes_after_a_lost_change_is_not_skipped(simulator, order, sent):
    simulator.faults(
        {"operation": "cancelOrder", "kind": "reset"},
        {"operation": "cancelOrder", "kind": "status", "status": 404},
        {"operation": "getOrder", "kind": "status", "status": 404, "skip": 2},
    )
    result = order(missing_order="skip")
    assert sent() == [READ, CHANGE, READ, CHANGE, READ]
    assert (result["failed"], result["payment_status"]) == (True, None)
    assert "whether that took effect is unknown" in result["msg"]


def test_a_lost_race_is_neither_change_nor_failure_nor_warning(simulator, order, sent):
    """Whoever was quicker has been warned of the money on the order."""
    simulator.settings(repeat_status=400)
    simulator.faults({"kind": "outside_change", "operation": "getOrder", "payment_status": "CANCELLED"})
    result = order("2026-0703")
    assert len(sent()) == 3
    assert not result.get("failed")
    assert (result["changed"], result["payment_status"], result["warnings"]) == (False, "CANCELLED", [])
    assert result["results"][0]["outcome"] == "unchanged"


def test_a_change_by_somebody_else_in_between_is_reported(simulator, order, sent):
    simulator.faults(
        {"kind": "outside_change", "operation": "getOrder", "payment_status": "PAID"},
        {"kind": "status", "status": 500, "operation": "cancelOrder"},
    )
    result = order()
    assert sent() == [READ, CHANGE, READ]
    assert "the payment status has changed from UNPAID to PAID" in result["msg"]
    assert (result["failed"], result["changed"], result["payment_status"]) == (True, False, "PAID")
