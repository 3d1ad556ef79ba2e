# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One order, while the service fails in every way it can: what is sent, what is true, and what is told.

Each fault comes once, unless a test says otherwise. R stands for reading the order, C for changing it.
"""

from __future__ import annotations

import time

import pytest

NUMBER = "2026-0815"
READ, CHANGE = f"GET /order/{NUMBER}", f"POST /order/{NUMBER}/cancel"

# Name -> the fault.
FAULTS = {
    **{str(status): {"kind": "status", "status": status} for status in (400, 401, 403, 404, 408, 409, 418, 429)},
    **{str(status): {"kind": "status", "status": status} for status in (500, 501, 502, 503, 504, 599)},
    "503 with a time": {"kind": "status", "status": 503, "retry_after": "0"},
    "reset": {"kind": "reset"},
    "time-out": {"kind": "status", "status": 504, "delay": 2.3},
    "truncated": {"kind": "truncated"},
    "html": {"kind": "body", "body": "<h1>Maintenance</h1>"},
    "array": {"kind": "body", "body": "[]", "content_type": "application/json"},
    "nan": {"kind": "body", "body": '{"number": "2026-0815", "paymentStatus": "CANCELLED", "amount": NaN}'},
    "twice": {"kind": "body", "body": '{"number": "2026-0815", "paymentStatus": "PAID", "paymentStatus": "CANCELLED"}'},
    "no status": {"kind": "body", "body": '{"number": "2026-0815"}'},
    "empty": {"kind": "body", "body": ""},
    "redirect": {"kind": "redirect", "location": "https://elsewhere.example/"},
    "308": {"kind": "redirect", "location": "/login", "status": 308},
    "another order": {"kind": "wrong_order"},
    "stale": {"kind": "stale_status"},
    "key echoed": {"kind": "echo_key"},
    "key echoed in 500": {"kind": "echo_key", "status": 500},
    "enormous": {"kind": "enormous", "size": 9_000_000},
    "endless": {"kind": "endless"},
    "gzip bomb": {"kind": "gzip_bomb", "size": 20_000_000},
}
TOO_LARGE = ["enormous", "gzip bomb"]
FINAL = ["400", "401", "403", "404", "409", "418", "redirect", "308", "another order", "key echoed", *TOO_LARGE]
AFTER_READ = {**dict.fromkeys(FAULTS, "RRC"), **dict.fromkeys(FINAL, "R"), "stale": "RC"}
IF_NOT_DONE = {
    **dict.fromkeys(FAULTS, "RCRC"),
    # What the API refuses is read once more, in case somebody else was quicker.
    **dict.fromkeys([*FINAL, "stale"], "RCR"),
    **dict.fromkeys(["401", "403"], "RC"),
    **dict.fromkeys(["429", "503 with a time"], "RCC"),
}
# With 4xx, and with 503 if it says when to come again, the API says that nothing was done: it would be lying.
LIES = ("503 with a time", "key echoed")
IF_DONE = ["408", *(name for name in FAULTS if name not in LIES and name[:2] not in ("40", "41", "42"))]


def timeout_for(*faults):
    """Seconds that a slow fault runs into, and nothing else does, however busy the machine is."""
    return 2 if any(fault["kind"] == "endless" or fault.get("delay", 0) > 1 for fault in faults) else 30


@pytest.fixture
def judged(simulator, order, sent):
    """Run into a fault; hold the requests against the script, and what is told against what happened."""

    def run(fault, script, **options):
        faults = fault if isinstance(fault, list) else [fault]
        simulator.faults(*faults)
        result = order(**{"timeout": timeout_for(*faults), **options})
        assert sent() == [{"R": READ, "C": CHANGE}[step] for step in script]
        posts = simulator.log("POST")
        effective = [post["changed"] for post in posts]
        assert True not in effective[:-1], "sent again after it took effect"
        assert result["changed"] == any(effective)
        assert result["summary"]["requests"] == len(script)
        assert not result.get("failed") or NUMBER in result["msg"]
        assert result["changed"] == (result["results"][0]["outcome"] == "changed")
        if result["payment_status"]:
            assert result["payment_status"] == simulator.order(NUMBER)["paymentStatus"]
        assert "Traceback" not in str(result)
        assert simulator.api_key not in str(result)
        return result

    return run


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_while_reading(judged, name):
    script = AFTER_READ[name]
    result = judged({**FAULTS[name], "operation": "getOrder"}, script)
    assert result["changed"] == ("C" in script)
    assert bool(result.get("failed")) == ("C" not in script)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_before_the_change_is_made(judged, name):
    script = IF_NOT_DONE[name]
    result = judged({**FAULTS[name], "operation": "cancelOrder"}, script)
    assert result["changed"] == (script in ("RCRC", "RCC"))
    assert bool(result.get("failed")) != result["changed"]
    assert result["previous_payment_status"] == "UNPAID"


@pytest.mark.parametrize("name", IF_DONE)
def test_a_fault_after_the_change_was_made(judged, name):
    result = judged({**FAULTS[name], "operation": "cancelOrder", "when": "after"}, "RCR")
    assert result["changed"]
    assert (result["previous_payment_status"], result["payment_status"]) == ("UNPAID", "CANCELLED")
    assert result["order"]["paymentStatus"] == "CANCELLED"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "status", "status": 400, "error": "Not on a Sunday"}, "400 Bad Request: Not on a Sunday"),
        ({"kind": "status", "status": 401}, "401 Unauthorized: API Key invalid. Check api_key"),
        ({"kind": "status", "status": 599, "error": "Alles kaputt"}, "the API answered 599: Alles kaputt"),
        ({"kind": "body", "status": 502, "body": "<h1>\nBad\x1b gateway</h1>"}, "502 Bad Gateway: <h1> Bad gateway"),
        ({"kind": "redirect", "location": "https://u:p@elsewhere.example:444/x"}, "redirects to elsewhere.example:444"),
        ({"kind": "redirect", "location": "/login"}, "redirects to another path of the same host"),
        ({"kind": "reset"}, "broke before the answer was complete"),
        ({"kind": "truncated", "delay": 2.3}, "did not answer within 2 s"),
        ({"kind": "truncated"}, "broke before the answer was complete"),
        ({"kind": "body", "body": "<h1>Maintenance</h1>"}, 'not JSON: "<h1>Maintenance</h1>"'),
        ({"kind": "body", "body": "[]"}, "a list instead of an order"),
        ({"kind": "wrong_order"}, f"another order: {NUMBER}-1"),
        ({"kind": "enormous", "size": 9_000_000}, "larger than 1 MiB"),
        ({"kind": "endless"}, "not complete within 2 s"),
        ({"kind": "echo_key"}, "key ******** (as sent in ?key=********) may not do this"),
    ],
)
@pytest.mark.parametrize(("operation", "wording"), [("getOrder", "read"), ("cancelOrder", "cancelled")])
def test_a_failure_is_told_in_words(simulator, order, fault, words, operation, wording):
    simulator.faults({**fault, "operation": operation, "times": None})
    result = order(timeout=timeout_for(fault), retries=0)
    assert result["failed"]
    assert result["msg"].startswith(f"Order {NUMBER} could not be {wording}: ")
    assert words in result["msg"]
    assert words.partition(". ")[0] in result["results"][0]["msg"]
    assert result["results"][0].get("http_status") == fault.get(
        "status", {"redirect": 302, "echo_key": 400}.get(fault["kind"])
    )
    assert simulator.order(NUMBER)["paymentStatus"] == "UNPAID"


def test_reading_is_given_up_after_all_retries(judged):
    fault = {"kind": "status", "status": 500, "error": "Oh no", "operation": "getOrder", "times": None}
    result = judged(fault, "RRR", retries=2)
    assert "Oh no (tried 3 times)" in result["msg"]
    assert result["payment_status"] is None


def test_changing_is_given_up_after_all_retries(judged):
    fault = {"kind": "status", "status": 500, "error": "Oh no", "operation": "cancelOrder", "times": None}
    result = judged(fault, "RCRCRCR", retries=2)
    assert "Oh no (tried 3 times)" in result["msg"]
    assert result["payment_status"] == "UNPAID"


@pytest.mark.parametrize(("when", "script"), [("before", "RCR"), ("after", "RCR")])
def test_without_retries_an_ambiguous_change_is_looked_at_all_the_same(judged, when, script):
    result = judged({"kind": "reset", "operation": "cancelOrder", "when": when}, script, retries=0)
    assert result["changed"] == (when == "after")


@pytest.mark.parametrize("when", ["before", "after"])
def test_what_cannot_be_found_out_is_said(simulator, order, sent, when):
    simulator.faults(
        {"kind": "reset", "operation": "cancelOrder", "when": when},
        {"kind": "status", "status": 500, "operation": "getOrder", "skip": 1, "times": None},
    )
    result = order(retries=1)
    assert sent() == [READ, CHANGE, READ, READ]
    assert result["failed"]
    assert (result["changed"], result["previous_payment_status"], result["payment_status"]) == (False, "UNPAID", None)
    assert "whether that took effect is unknown" in result["msg"]


def test_an_order_that_is_there_is_not_missing_because_its_change_was_answered_by_404(simulator, order, sent):
    simulator.faults({"kind": "status", "status": 404, "operation": "cancelOrder"})
    result = order(missing_order="skip")
    assert sent() == [READ, CHANGE, READ]
    assert result["failed"]
    assert result["results"][0]["outcome"] == "failed"
    assert (result["payment_status"], result["results"][0]["http_status"]) == ("UNPAID", 404)


def test_an_order_that_vanishes_before_it_is_changed_is_missing(simulator, order, sent):
    gone = {"kind": "status", "status": 404}
    simulator.faults({**gone, "operation": "cancelOrder"}, {**gone, "operation": "getOrder", "skip": 1})
    result = order(missing_order="skip")
    assert sent() == [READ, CHANGE, READ]
    assert not result.get("failed")
    assert result["results"][0]["outcome"] == "skipped"


def test_what_is_told_of_an_order_after_a_failed_change_is_what_was_read_last(simulator, order):
    """Somebody pays while the API refuses the change: the money must be seen."""
    simulator.faults(
        {"kind": "outside_change", "operation": "getOrder", "payment_status": "PAID"},
        {"kind": "status", "status": 400, "operation": "cancelOrder"},
    )
    simulator.patch_order(NUMBER, amountPaid=99.5)
    result = order(return_order="full")
    assert result["failed"]
    assert (result["previous_payment_status"], result["payment_status"]) == ("UNPAID", "PAID")
    assert result["order"]["paymentStatus"] == "PAID"
    assert result["results"][0]["amount_paid"] == 99.5


def test_a_key_that_is_refused_after_a_lost_change_stops_all(simulator, orders):
    simulator.faults(
        {"kind": "status", "status": 500, "operation": "cancelOrder"},
        {"kind": "status", "status": 401, "operation": "cancelOrder", "times": None},
    )
    result = orders([NUMBER, "2026-0816", "2026-0817"], concurrency=1)
    assert result["summary"]["failed"] == 1
    assert result["summary"]["not_attempted"] == 2
    assert len(simulator.log("POST")) == 2
    assert "because the API key was refused" in result["msg"]
    assert "Check api_key" in result["msg"]
    assert result["msg"].count("tried 2 times") == 1


def test_an_answer_that_asks_for_no_wait_is_not_taken_at_its_word(simulator, order, monkeypatch):
    monkeypatch.setattr("ansible_collections.community.komfortkasse.plugins.module_utils._retries.FIRST_BACKOFF", 0.4)
    simulator.faults({"kind": "status", "status": 429, "retry_after": 0, "operation": "cancelOrder"})
    began = time.monotonic()
    assert order()["changed"]
    assert time.monotonic() - began >= 0.2


def test_one_answer_after_another_goes_wrong(judged):
    kinds = [{"kind": "reset"}, {"kind": "status", "status": 429}, {"kind": "status", "status": 502}]
    reads = [{"kind": "truncated", "operation": "getOrder"}]
    result = judged([*({**kind, "operation": "cancelOrder"} for kind in kinds), *reads], "RRCRCCRC")
    assert result["changed"]


def test_a_lost_race_is_no_change_and_no_failure(simulator, order, sent):
    simulator.settings(repeat_status=400)
    simulator.faults({"kind": "outside_change", "operation": "getOrder", "payment_status": "CANCELLED"})
    result = order()
    assert sent() == [READ, CHANGE, READ]
    assert not result.get("failed")
    assert (result["changed"], result["payment_status"]) == (False, "CANCELLED")
    assert result["results"][0]["outcome"] == "unchanged"


def test_who_lost_the_race_does_not_warn_of_money(simulator, order):
    """Whoever was quicker has been warned."""
    simulator.settings(repeat_status=400)
    simulator.faults({"kind": "outside_change", "operation": "getOrder", "payment_status": "CANCELLED"})
    result = order("2026-0703")
    assert (result["changed"], result["warnings"]) == (False, [])


def test_a_change_by_somebody_else_in_between_is_reported(simulator, order, sent):
    simulator.faults(
        {"kind": "outside_change", "operation": "getOrder", "payment_status": "PAID"},
        {"kind": "status", "status": 500, "operation": "cancelOrder"},
    )
    result = order()
    assert sent() == [READ, CHANGE, READ]
    assert result["failed"]
    assert "the payment status has changed from UNPAID to PAID" in result["msg"]
    assert (result["changed"], result["payment_status"]) == (False, "PAID")


def test_a_change_that_takes_effect_late_is_still_ours(simulator, order, monkeypatch):
    """The first POST times out and is carried out afterwards, so the second one is refused."""
    simulator.settings(repeat_status=400)
    simulator.faults({"kind": "delay", "delay": 2.4, "operation": "cancelOrder"})
    monkeypatch.setattr("random.uniform", lambda low, high: high)
    monkeypatch.setattr("ansible_collections.community.komfortkasse.plugins.module_utils._retries.FIRST_BACKOFF", 1.2)
    result = order(timeout=2)
    assert [entry["changed"] for entry in simulator.log("POST")] == [True, False]
    assert not result.get("failed")
    assert (result["changed"], result["payment_status"]) == (True, "CANCELLED")


@pytest.mark.parametrize("state", ["removed", "paid", "unpaid"])
def test_the_other_states_are_as_careful(simulator, order, state):
    simulator.patch_order(NUMBER, paymentStatus="COLLECTION")
    operations = ["removeOrder", "setOrderPaid", "setOrderUnpaid"]
    simulator.faults({"kind": "reset", "operation": operations, "when": "after"})
    result = order(state=state)
    assert result["changed"]
    assert [entry["method"] for entry in simulator.log()] == ["GET", "POST", "GET"]


@pytest.mark.parametrize("name", FAULTS)
def test_check_mode_sends_no_change_whatever_happens(simulator, order, name):
    simulator.faults({**FAULTS[name], "operation": "getOrder"})
    result = order(timeout=timeout_for(FAULTS[name]), _ansible_check_mode=True)
    assert simulator.log("POST") == []
    assert result["changed"] == ("C" in AFTER_READ[name])


def test_an_order_that_vanishes_after_a_lost_change_is_not_taken_for_skipped(simulator, order, sent):
    simulator.faults(
        {"operation": "cancelOrder", "kind": "reset"},
        {"operation": "cancelOrder", "kind": "status", "status": 404},
        {"operation": "getOrder", "kind": "status", "status": 404, "skip": 2},
    )
    result = order(missing_order="skip")
    assert sent() == [READ, CHANGE, READ, CHANGE, READ]
    assert result["failed"]
    assert result["payment_status"] is None
    assert "whether that took effect is unknown" in result["msg"]
