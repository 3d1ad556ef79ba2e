# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Forty shops, each a host with a key of its own: what goes wrong in one stays there."""

from __future__ import annotations

import json

import pytest
from conftest import requests

SHOPS = [f"shop-{serial:03d}" for serial in range(1, 41)]
REFUSED, UNDEFINED, DOWN, *WELL = SHOPS
ORDERS = ["G000001", "G000002"]


@pytest.fixture
def shops(start_simulator):
    return start_simulator("--shops", "40", "--generate", "2")


@pytest.fixture
def inventory(tmp_path, shops):
    """Give the options that choose the shops; the key of the first is wrong, that of the second undefined."""
    keys = {shop: f"demo-key-{shop}-for-the-simulator-" for shop in SHOPS}
    keys |= {REFUSED: "no-such-key", UNDEFINED: "{{ no_such_variable }}"}
    hosts = {shop: {"komfortkasse_api_key": key} for shop, key in keys.items()}
    content = {"shops": {"hosts": hosts, "vars": {"komfortkasse_api_url": shops.api_url}}}
    (tmp_path / "shops.json").write_text(json.dumps(content))
    return ["-i", "shops.json", "--forks", "10"]


@pytest.mark.parametrize("strategy", ["linear", "free"])
def test_a_shop_fails_alone_and_the_report_covers_all(play, shops, inventory, tmp_path, strategy):
    (tmp_path / "ansible.cfg").write_text(f"[defaults]\nstrategy = {strategy}\nany_errors_fatal = true\n")
    shops.faults({"kind": "status", "status": 500, "shop": DOWN, "times": None})
    variables = {"komfortkasse_hosts": "shops", "komfortkasse_order_numbers": ORDERS}
    played = play("cancel_orders", *inventory, simulator=shops, **variables)

    assert played.returncode == 2
    assert requests(shops.log(), "POST") == {(shop, number): 1 for shop in WELL for number in ORDERS}
    assert {host for host, changed in played.changed.items() if changed} == set(WELL)
    assert list(played.ended()) == SHOPS
    assert {shop for shop, ended in played.ended().items() if ended == "failed"} == {UNDEFINED}
    assert played.report["counts"]["changed"] == 2 * len(WELL)
    outcomes = played.outcomes()
    assert {shop for (shop, _number), outcome in outcomes.items() if outcome != "changed"} == {REFUSED, DOWN}
    reasons = {order["shop"]: order["reason"] + order["advice"] for order in played.report["orders"]}
    assert "401: API Key invalid" in reasons[REFUSED]
    assert "Check api_key" in reasons[REFUSED]
    assert "500: Internal error" in reasons[DOWN]
    [message] = [shop["message"] for shop in played.report["shops"] if shop["shop"] == UNDEFINED]
    assert "no_such_variable" in message

    shops.control("DELETE", "/faults")
    shops.clear_log()
    again = play("cancel_orders", *inventory, "--limit", DOWN, simulator=shops, **variables)
    assert again.returncode == 0
    assert requests(shops.log(), "POST") == {(DOWN, number): 1 for number in ORDERS}


def test_shops_may_share_a_journal(play, shops, inventory, tmp_path):
    variables = {"komfortkasse_hosts": WELL[:3], "komfortkasse_journal_path": "journal.jsonl"}
    numbers = {"komfortkasse_order_numbers": ORDERS}
    assert play("cancel_orders", *inventory, simulator=shops, **variables, **numbers).returncode == 0
    journal = [json.loads(line) for line in (tmp_path / "journal.jsonl").read_text().splitlines()]
    results = [(line["shop"], line["order_number"]) for line in journal if line["event"] == "result"]
    assert sorted(results) == [(shop, number) for shop in WELL[:3] for number in ORDERS]

    shops.patch_order(ORDERS[0], shop=WELL[1], paymentStatus="PAID", amountPaid=5.0)
    found = play("find_late_payments", *inventory, simulator=shops, **variables)
    assert found.returncode == 0
    assert [(order["shop"], order["order_number"]) for order in found.report["found"]] == [(WELL[1], ORDERS[0])]
