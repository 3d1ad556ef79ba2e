# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documented operations do: reading, transitions, keys."""

from __future__ import annotations

import pytest

STATUSES = {
    "UNPAID": "2026-0815",
    "PAID": "2026-0701",
    "PAID_PARTIAL": "2026-0703",
    "CANCELLED": "2026-0601",
    "REFUNDED": "2026-0501",
    "REFUNDED_PARTIAL": "2026-0502",
    "COLLECTION": "2026-0401",
    "DISAPPEARED": "2026-0402",
    "LEGACY": "2026-0403",
}
TRANSITIONS = {
    "cancelOrder": ("/order/{}/cancel", "CANCELLED"),
    "removeOrder": ("/order/remove/{}", "DISAPPEARED"),
    "setOrderPaid": ("/order/{}/setpaid", "PAID"),
    "setOrderUnpaid": ("/order/{}/setunpaid", "UNPAID"),
}
FLAGS = {
    "includePostings": {"postings", "hasBankDetailsForRefund"},
    "includeCollectionHistory": {"collectionHistory"},
    "includePaymentReminders": {"paymentReminders"},
    "includeRefunds": {"refunds"},
}
HIDDEN = set().union(*FLAGS.values())


@pytest.mark.parametrize(("status", "number"), STATUSES.items())
def test_every_known_status_can_be_read(api, status, number):
    reply = api.get(number)
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"
    assert (reply.json["number"], reply.json["paymentStatus"]) == (number, status)
    assert ("amountPaid" in reply.json) == (status != "UNPAID")
    assert ("collectionPartner" in reply.json) == (status == "COLLECTION")
    assert not HIDDEN & set(reply.json)


def test_amount_paid_is_postings_less_refunds(api, simulator):
    for number, order in simulator.orders().items():
        received = sum(posting["amount"] for posting in order["postings"])
        returned = sum(refund["amount"] for refund in order["refunds"])
        assert order["amountPaid"] == pytest.approx(received - returned), number


def test_late_money_on_a_cancelled_order(api):
    order = api.get("2026-0602").json
    assert (order["paymentStatus"], order["amountPaid"]) == ("CANCELLED", 119.0)


@pytest.mark.parametrize("flag", FLAGS)
def test_include_flags_of_one_order(api, flag):
    assert FLAGS[flag] <= set(api.get("2026-0401", f"{flag}=true").json)
    assert set(api.get("2026-0401", f"{flag}=false").json) & HIDDEN == set()
    assert api.get("2026-0401", f"{flag}=1").status == 400


def test_all_include_flags_together_and_in_the_list(api):
    query = "&".join(f"{flag}=true" for flag in FLAGS)
    assert set(api.get("2026-0401", query).json) >= HIDDEN
    listed = api("GET", f"/orders?paymentStatus=COLLECTION&{query}").json
    assert [set(order) & HIDDEN for order in listed] == [HIDDEN]


def test_collection_history_only_while_collection_is_active(api):
    assert "collectionHistory" not in api.get("2026-0815", "includeCollectionHistory=true").json
    assert not {"collectionPartner", "collectionFile", "collectionStatus"} & set(api.cancel("2026-0401").json)
    assert "collectionHistory" not in api.get("2026-0401", "includeCollectionHistory=true").json


@pytest.mark.parametrize("operation", TRANSITIONS)
@pytest.mark.parametrize(("status", "number"), STATUSES.items())
def test_transition_from_every_status(api, simulator, operation, status, number):
    path, target = TRANSITIONS[operation]
    reply = api("POST", path.format(number))
    assert reply.status == 200
    assert (reply.json["number"], reply.json["paymentStatus"]) == (number, target)
    assert simulator.order(number)["paymentStatus"] == target
    (entry,) = simulator.log()
    assert (entry["operation"], entry["from"], entry["to"]) == (operation, status, target)
    assert entry["changed"] == (status != target)


@pytest.mark.parametrize("operation", TRANSITIONS)
def test_transition_to_the_status_it_has_may_be_refused(api, simulator, operation):
    path, target = TRANSITIONS[operation]
    number = STATUSES[target]
    simulator.settings(repeat_status=400)
    reply = api("POST", path.format(number))
    assert (reply.status, reply.json) == (400, {"error": f"Order is already {target}"})
    assert simulator.log()[0]["changed"] is False


def test_only_remove_takes_include_flags(api):
    assert not HIDDEN & set(api("POST", "/order/2026-0701/cancel?includePostings=true").json)
    assert "postings" in api("POST", "/order/remove/2026-0701?includePostings=true").json


def test_cancelling_keeps_the_money(api):
    assert "amountPaid" not in api.get("2026-0815").json
    assert api.cancel("2026-0703").json["amountPaid"] == 50.0
    assert "amountPaid" not in api("POST", "/order/2026-0703/setunpaid").json


@pytest.mark.parametrize("path", ["/order/nope", "/orders?x=1"])
def test_key_is_checked(api, path):
    for key, error in ((None, "API Key missing"), ("wrong", "API Key invalid")):
        reply = api("GET", path, key=key)
        assert (reply.status, reply.json) == (401, {"error": error})


@pytest.mark.parametrize("operation", TRANSITIONS)
def test_nothing_changes_without_a_key(api, simulator, operation):
    before = simulator.orders()
    path = TRANSITIONS[operation][0].format("2026-0815")
    assert [api("POST", path, key=key).status for key in (None, "wrong")] == [401, 401]
    assert simulator.orders() == before


def test_unknown_order(api):
    for method, path in [("GET", "/order/nope")] + [
        ("POST", path.format("nope")) for path, _to in TRANSITIONS.values()
    ]:
        reply = api(method, path)
        assert (reply.status, reply.json) == (404, {"error": "Order not found"}), path


def test_a_key_belongs_to_one_shop(api, simulator):
    assert api("GET", "/order/S-1").status == 404
    assert api("GET", "/order/S-1", key=simulator.second_key).status == 200
    assert api("POST", "/order/2026-0815/cancel", key=simulator.second_key).json["amount"] == 410.0
    assert simulator.order("2026-0815")["paymentStatus"] == "UNPAID"
    assert simulator.log("POST")[0]["shop"] == "second-shop"
