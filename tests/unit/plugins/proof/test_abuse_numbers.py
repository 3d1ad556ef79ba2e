# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is given as an order number: the request line is that of this number, or nothing is sent.

What encoding a number gives is shown in test_orders.py and test_client.py; here it is the bytes on the wire that count.
"""

from __future__ import annotations

import re
import urllib.parse

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ansible_collections.community.komfortkasse.plugins.module_utils._client import PATHS
from ansible_collections.community.komfortkasse.plugins.module_utils._orders import TRANSITIONS
from ansible_collections.community.komfortkasse.plugins.modules import komfortkasse_order_info
from ansible_collections.community.komfortkasse.tests.unit.module_args import patch_module_args
from ansible_collections.community.komfortkasse.tests.unit.plugins.conftest import read_result
from ansible_collections.community.komfortkasse.tests.unit.plugins.proof import scale

TRICKS = ["/", "..", ".", "%2e", "%2F", "%00", "%", "?", "#", ";", "\\", "//", "@", ":", "\r\n", "\x00", "\u202e"]
WORDS = ["remove", "cancel", "orders", "setpaid", "_control", "http:", "1001", "\u00e4", "\U0001f4b6", " "]
NUMBERS = (
    st.text(max_size=30)
    | st.lists(st.sampled_from(TRICKS + WORDS), min_size=1, max_size=8).map("".join)
    | st.sampled_from(["x", "/", "%", "\u00e4", "\U0001f4b6", "../"]).map(lambda sign: sign * (10_000 // len(sign)))
)
SEGMENT = "[A-Za-z0-9._~-]|%[0-9A-F]{2}"
LONGEST_LINE = 0xFFFF  # bytes of a path; a longer one the simulator's HTTP parser refuses with 400
INFO = "only read"


@pytest.fixture
def run_info(capsys):
    """Return a function that runs komfortkasse_order_info with these options and returns what it prints."""

    def run(**options):
        with patch_module_args(options), pytest.raises(SystemExit):
            komfortkasse_order_info.main()
        return read_result(capsys.readouterr().out)

    return run


@pytest.mark.parametrize("state", [*TRANSITIONS, INFO])
def test_no_number_reaches_another_path(simulator, run_module, run_info, connection, state):
    @given(NUMBERS, st.booleans())
    @example("../../_control/reset", False)
    @example("remove/2026-0815", True)
    @example("x" * 10_000, False)
    @example("../" * 3333, True)
    @example("%" * 10_000, False)
    @example("\U0001f4b6" * 10_000, True)
    @settings(max_examples=200 if scale.FULL else 20, suppress_health_check=list(HealthCheck))
    def reach(number, many):
        if number and number not in simulator.orders():
            simulator.control("POST", "/orders/demo-shop", [{"number": number, "paymentStatus": "LEGACY"}])
        before = simulator.orders()
        simulator.clear_log()
        numbers = ["2026-0815", number] if many else [number]
        if state == INFO:
            result = run_info(**connection, order_numbers=numbers, retries=0)
        else:
            given_number = {"order_numbers": numbers} if many else {"order_number": number}
            result = run_module(**connection, **given_number, state=state, retries=0)
        after = simulator.orders()
        changed = {name for name in after if after[name] != before[name]}
        assert changed <= (set() if state == INFO else set(numbers))
        log = simulator.log()
        if "results" not in result and "orders" not in result:
            by_syslog = "\0" in number and "syslog" in result["msg"]  # of some Pythons, before the module begins
            assert "Nothing was sent" in result["msg"] or by_syslog
            assert log == []
            return
        assert len(log) == (len(set(numbers)) if state == INFO else result["summary"]["requests"]) > 0
        too_long = len("/api/v2/order/" + urllib.parse.quote(number, safe="")) > LONGEST_LINE
        read, changes = ([e["order_number"] for e in log if e["method"] == method] for method in ("GET", "POST"))
        assert (number in read) != too_long
        due = state != INFO and before[number]["paymentStatus"] != TRANSITIONS[state].payment_status
        assert (number in changes) == (due and not too_long)
        for entry in log:
            if entry["operation"] is None:  # logged in part
                assert entry["status"] == 400
                assert too_long
                assert re.fullmatch(f"/api/v2/order/(remove/)?(?:{SEGMENT})*%?[0-9A-F]?", entry["raw_path"])
                continue
            assert entry["method"] == "GET" or state != INFO
            template = "/order/{number}" if entry["method"] == "GET" else PATHS[state]
            pattern = "/api/v2" + re.escape(template).replace(r"\{number\}", f"((?:{SEGMENT})+)")
            match = re.fullmatch(pattern, entry["raw_path"])
            assert match, entry["raw_path"]
            assert urllib.parse.unquote(match[1], errors="strict") in (number, "2026-0815")
            assert entry["query"] == ""
        told = result["orders"] if state == INFO else result["results"]
        assert {entry["number" if state == INFO else "order_number"] for entry in told} <= {number, "2026-0815"}

    reach()
