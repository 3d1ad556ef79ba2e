# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which request meets which fault."""

from __future__ import annotations

import pytest

UNAVAILABLE = {"kind": "status", "status": 503}


def statuses(api, count, number="2026-0815"):
    return [api.get(number).status for _index in range(count)]


def test_once_by_default(api, simulator):
    simulator.faults(UNAVAILABLE)
    assert statuses(api, 3) == [503, 200, 200]
    assert [entry["fault"] for entry in simulator.log()] == [1, None, None]
    assert simulator.faults() == [{**UNAVAILABLE, "id": 1, "hits": 1}]


def test_skip_and_times(api, simulator):
    simulator.faults({**UNAVAILABLE, "skip": 1, "times": 2})
    assert statuses(api, 5) == [200, 503, 503, 200, 200]


def test_for_ever(api, simulator):
    simulator.faults({**UNAVAILABLE, "times": None})
    assert statuses(api, 20) == [503] * 20


def test_first_match_wins_and_used_up_ones_let_the_next_through(api, simulator):
    simulator.faults({**UNAVAILABLE, "times": 2}, {"kind": "status", "status": 429, "times": 1})
    assert statuses(api, 4) == [503, 503, 429, 200]
    assert [fault["hits"] for fault in simulator.faults()] == [2, 1]


def test_operation(api, simulator):
    simulator.faults({**UNAVAILABLE, "operation": "cancelOrder", "times": None})
    assert api.get("2026-0815").status == 200
    assert api.cancel("2026-0815").status == 503
    assert api("POST", "/order/2026-0815/setpaid").status == 200
    simulator.faults({**UNAVAILABLE, "operation": ["getOrder", "readOrders"], "times": None})
    assert api.get("2026-0815").status == api("GET", "/orders").status == 503
    assert api.cancel("2026-0815").status == 200


def test_order_number(api, simulator):
    simulator.faults({**UNAVAILABLE, "order_number": "2026/0816", "times": None})
    assert statuses(api, 1) == [200]
    assert statuses(api, 1, "2026/0816") == [503]
    assert api("GET", "/orders").status == 200


def test_shop(api, simulator):
    simulator.faults({**UNAVAILABLE, "shop": "second-shop", "times": None})
    assert statuses(api, 1) == [200]
    assert api("GET", "/orders", key=simulator.second_key).status == 503
    assert api("GET", "/orders", key=None).status == 401


def test_any_operation_but_no_unknown_path(api, simulator):
    simulator.faults({**UNAVAILABLE, "times": None})
    assert api("GET", "/nope").status == 404
    assert api("DELETE", "/orders").status == 405
    assert api("GET", "/orders", key=None).status == 503  # a gateway answers before the key is looked at


def test_probability_is_repeatable(api, simulator):
    def pattern(**fields):
        simulator.faults({**UNAVAILABLE, "times": None, "probability": 0.5, **fields})
        return statuses(api, 40)

    first = pattern(seed=7)
    assert 8 < first.count(503) < 32
    assert pattern(seed=7) == first
    assert pattern(seed=8) != first
    assert pattern() == pattern()
    assert pattern(probability=0.0).count(503) == 0


def test_post_put_delete(api, simulator):
    assert simulator.control("POST", "/faults", UNAVAILABLE) == {"id": 1}
    assert simulator.control("POST", "/faults", {"kind": "delay", "delay": 0}) == {"id": 2}
    assert statuses(api, 2) == [503, 200]
    assert [(fault["id"], fault["hits"]) for fault in simulator.faults()] == [(1, 1), (2, 1)]
    assert [(fault["id"], fault["hits"]) for fault in simulator.faults(UNAVAILABLE)] == [(1, 0)]
    assert simulator.control("DELETE", "/faults") == []
    assert statuses(api, 1) == [200]


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"kind": "unknown"},
        {"kind": "status"},
        {"kind": "status", "status": "503"},
        {"kind": "status", "status": 99},
        {"kind": "status", "status": 503, "location": "x"},
        {"kind": "delay"},
        {"kind": "delay", "delay": -1},
        {"kind": "body"},
        {"kind": "redirect"},
        {"kind": "outside_change"},
        {"kind": "reset", "operation": "cancel"},
        {"kind": "reset", "operation": ["getOrder", 1]},
        {"kind": "reset", "when": "never"},
        {"kind": "reset", "times": True},
        {"kind": "reset", "tims": 1},
        {"kind": "reset", "probability": "half"},
        ["reset"],
    ],
    ids=str,
)
def test_a_slip_of_the_pen_is_refused_and_the_old_plan_stays(api, simulator, fault):
    simulator.faults(UNAVAILABLE)
    for method, body in (("POST", fault), ("PUT", [UNAVAILABLE, UNAVAILABLE, fault])):
        with pytest.raises(RuntimeError, match=" 400 "):
            simulator.control(method, "/faults", body)
    assert len(simulator.faults()) == 1


def test_plan_is_a_list(simulator):
    with pytest.raises(RuntimeError, match="list of faults"):
        simulator.control("PUT", "/faults", UNAVAILABLE)
