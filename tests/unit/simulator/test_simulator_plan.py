# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which request meets which fault."""

from __future__ import annotations

import pytest

UNAVAILABLE = {"kind": "status", "status": 503}


@pytest.fixture
def statuses(api, simulator):
    """Return a function that makes a plan and reads an order this many times."""

    def read(count, *plan):
        simulator.faults(*plan)
        return [api.get("2026-0815").status for _index in range(count)]

    return read


def test_a_fault_comes_once_by_default(simulator, statuses):
    assert statuses(3, UNAVAILABLE) == [503, 200, 200]
    assert [entry["fault"] for entry in simulator.log()] == [1, None, None]
    assert simulator.faults() == [{**UNAVAILABLE, "id": 1, "hits": 1}]


def test_skip_and_times(statuses):
    assert statuses(5, {**UNAVAILABLE, "skip": 1, "times": 2}) == [200, 503, 503, 200, 200]
    assert statuses(20, {**UNAVAILABLE, "times": None}) == [503] * 20


def test_first_match_wins_and_a_used_up_one_lets_the_next_through(simulator, statuses):
    assert statuses(4, {**UNAVAILABLE, "times": 2}, {"kind": "status", "status": 429}) == [503, 503, 429, 200]
    assert [fault["hits"] for fault in simulator.faults()] == [2, 1]


def test_operation_number_and_shop(api, simulator):
    simulator.faults({**UNAVAILABLE, "operation": ["cancelOrder", "readOrders"], "times": None})
    assert (api.get("0123").status, api.cancel("0123").status, api("GET", "/orders").status) == (200, 503, 503)
    simulator.faults({**UNAVAILABLE, "order_number": "2026/0816", "times": None})
    assert (api.get("0123").status, api.get("2026/0816").status, api("GET", "/orders").status) == (200, 503, 200)
    simulator.faults({**UNAVAILABLE, "shop": "second-shop", "times": None})
    assert [api("GET", "/orders", key=key).status for key in ("", simulator.second_key, None)] == [200, 503, 401]


def test_unknown_paths_meet_no_fault_but_requests_without_a_key_do(api, simulator):
    simulator.faults({**UNAVAILABLE, "times": None})
    assert (api("GET", "/nope").status, api("DELETE", "/orders").status) == (404, 405)
    assert api("GET", "/orders", key=None).status == 503  # a gateway answers before the key is looked at


def test_probability_is_repeatable(statuses):
    def pattern(**fields):
        return statuses(40, {**UNAVAILABLE, "times": None, "probability": 0.5, **fields})

    first = pattern(seed=7)
    assert 8 < first.count(503) < 32
    assert pattern(seed=7) == first
    assert pattern(seed=8) != first


@pytest.mark.parametrize(
    "plan",
    [
        UNAVAILABLE,
        [UNAVAILABLE, {"kind": "unknown"}],
        [{"kind": "status"}],
        [{"kind": "status", "status": "503"}],
        [{"kind": "status", "status": 99}],
        [{"kind": "status", "status": 503, "location": "x"}],
        [{"kind": "delay", "delay": -1}],
        [{"kind": "reset", "operation": ["getOrder", 1]}],
        [{"kind": "reset", "when": "never"}],
        [{"kind": "reset", "times": True}],
        [{"kind": "reset", "tims": 1}],
        [["reset"]],
    ],
    ids=str,
)
def test_a_slip_of_the_pen_is_refused_and_the_old_plan_stays(simulator, plan):
    simulator.faults({"kind": "reset"})
    with pytest.raises(RuntimeError, match=" 400 "):
        simulator.control("PUT", "/faults", plan)
    assert [fault["kind"] for fault in simulator.faults()] == ["reset"]
    assert simulator.control("DELETE", "/faults") == []
