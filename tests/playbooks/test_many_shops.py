# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Forty shops, each a host with a key of its own: what goes wrong in one stays there."""

from __future__ import annotations

import json

import pytest
from conftest import requests

SHOPS = [f"shop-{serial:03d}" for serial in range(1, 41)]
ORDERS = ["G000001", "G000002"]


@pytest.fixture
def shops(start_simulator):
    return start_simulator("--shops", "40", "--generate", "2")


@pytest.fixture
def inventory(tmp_path, shops):
    """Give the options that choose the shops, the first of which has a wrong key."""
    keys = {shop: f"demo-key-{shop}-for-the-simulator-" for shop in SHOPS} | {SHOPS[0]: "no-such-key"}
    hosts = {shop: {"komfortkasse_api_key": key} for shop, key in keys.items()}
    content = {"shops": {"hosts": hosts, "vars": {"komfortkasse_api_url": shops.api_url}}}
    (tmp_path / "shops.json").write_text(json.dumps(content))
    return ["-i", "shops.json", "--forks", "10"]


@pytest.mark.parametrize("strategy", ["linear", "free"])
def test_a_wrong_key_and_an_outage_fail_those_shops_alone(play, shops, inventory, tmp_path, strategy):
    (tmp_path / "ansible.cfg").write_text(f"[defaults]\nstrategy = {strategy}\n")
    refused, down, *well = SHOPS
    shops.faults({"kind": "status", "status": 500, "shop": down, "times": None})
    variables = {"komfortkasse_hosts": "shops", "komfortkasse_order_numbers": ORDERS}

    played = play("cancel_orders", *inventory, simulator=shops, **variables)

    assert played.returncode == 2
    assert requests(shops.log(), "POST") == {(shop, number): 1 for shop in well for number in ORDERS}
    assert {host for host, changed in played.changed.items() if changed} == set(well)
    report = played.report
    assert {shop for shop, ended in played.ended().items() if ended != "done"} == {refused}
    assert played.ended()[refused] == "stopped"
    assert report["counts"]["changed"] == 2 * len(well)
    assert [shop["shop"] for shop in report["shops"]] == SHOPS
    troubled = {order["shop"] for order in report["orders"] if order["outcome"] not in ("changed", "unchanged")}
    assert troubled == {refused, down}
    reasons = {order["shop"]: order["reason"] + order["advice"] for order in report["orders"] if order["reason"]}
    assert "401 Unauthorized: API Key invalid" in reasons[refused]
    assert "Check api_key" in reasons[refused]
    assert "500 Internal Server Error" in reasons[down]

    shops.control("DELETE", "/faults")
    shops.clear_log()
    again = play("cancel_orders", *inventory, "--limit", down, simulator=shops, **variables)
    assert again.returncode == 0
    assert requests(shops.log(), "POST") == {(down, number): 1 for number in ORDERS}


@pytest.mark.parametrize("well", [[], SHOPS[2:4]])
def test_a_shop_that_cannot_be_asked_is_in_the_report(play, shops, inventory, tmp_path, well):
    content = json.loads((tmp_path / "shops.json").read_text())
    hosts = content["shops"]["hosts"]
    hosts[SHOPS[0]]["komfortkasse_api_key"] = "{{ no_such_variable }}"
    hosts[SHOPS[1]]["komfortkasse_order_numbers"] = ""
    for shop in [SHOPS[0], *well]:
        hosts[shop]["komfortkasse_order_numbers"] = ORDERS
    variables = {"komfortkasse_hosts": ",".join([*SHOPS[:2], *well])}
    (tmp_path / "shops.json").write_text(json.dumps(content))
    played = play("cancel_orders", *inventory, simulator=shops, **variables)
    assert played.returncode == 2
    assert played.ended() == {SHOPS[0]: "failed", SHOPS[1]: "failed", **dict.fromkeys(well, "done")}
    messages = [shop["message"] for shop in played.report["shops"]]
    assert "'no_such_variable' is undefined" in messages[0]
    assert "Set either komfortkasse_order_numbers" in messages[1]
    assert [order["shop"] for order in played.report["orders"]] == [SHOPS[0]] * 2 + [
        shop for shop in well for _order in ORDERS
    ]
    assert {shop for shop, _number in requests(shops.log(), "POST")} == set(well)


@pytest.mark.parametrize(
    ("pattern", "stranger"),
    [
        ("shpos", "shpos"),
        ("shop-002,shop_003", "shop_003"),
        ("shop-002:shop_003", "shop_003"),
        (["shop-002", "nobody"], "nobody"),
        ("shops:!shops", "it"),
        ([], "(nothing)"),
        ("{{ groups.shpos | default([]) }}", "(nothing)"),
    ],
)
def test_shops_that_the_inventory_does_not_have_are_no_success(begin, shops, inventory, pattern, stranger):
    run = begin("cancel_orders", *inventory, komfortkasse_hosts=pattern, komfortkasse_order_numbers=ORDERS)
    output, _nothing = run.communicate(timeout=300)
    assert run.returncode
    assert f"but no host of the inventory matches {stranger}. Nothing was sent. Check the names, and" in output
    assert shops.log() == []


@pytest.mark.parametrize(
    "pattern", ["shop-002:shop-003", ["shop-002", "shop-003"], "shops[1:2]", "shop-00*:&shops[1:2]"]
)
def test_shops_may_be_named_as_ansible_names_hosts(play, shops, inventory, pattern):
    played = play(
        "cancel_orders", *inventory, simulator=shops, komfortkasse_hosts=pattern, komfortkasse_order_numbers=ORDERS
    )
    assert played.returncode == 0
    assert played.ended() == {"shop-002": "done", "shop-003": "done"}


def test_an_undefined_name_of_shops_is_not_the_shop_of_the_environments_key(play, simulator):
    undefined = "{{ no_such_variable }}"
    played = play("cancel_orders", komfortkasse_hosts=undefined, komfortkasse_order_numbers=["2026-0815"])
    assert played.returncode
    assert "'no_such_variable' is undefined" in played.output
    assert simulator.log() == []
