# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules send is what docs/openapi/komfortkasse.yaml describes.

The fixture ``simulator`` sees to that in every test. Here are runs that send all there is, and requests that must not
pass.
"""

from __future__ import annotations

import json
import sys
from itertools import product
from urllib.parse import parse_qsl

import pytest

from ansible_collections.community.komfortkasse.plugins.module_utils import _client, _orders
from ansible_collections.community.komfortkasse.plugins.modules import komfortkasse_order_info
from ansible_collections.community.komfortkasse.tests.unit.module_args import patch_module_args

if sys.version_info >= (3, 11):  # as in conftest.py
    from ansible_collections.community.komfortkasse.tests.unit.contract import Contract

ODD_NUMBERS = [
    "2026/0816",
    "ä#?%+&",
    "../orders",
    "%2e%2e",
]


@pytest.fixture
def contract(simulator):
    return Contract.load()


@pytest.fixture
def info(connection, capsys):
    def run(**options):
        with patch_module_args({**connection, **options}), pytest.raises(SystemExit):
            komfortkasse_order_info.main()
        printed, errors = capsys.readouterr()
        assert errors == ""
        return json.loads(printed)

    return run


def operations_in(log):
    return {entry["operation"] for entry in log}


def test_every_operation_of_the_document_is_sent_and_no_other(simulator, contract, order, orders, info):
    for state, number in product(_orders.TRANSITIONS, ["2026-0815", *ODD_NUMBERS]):
        order(number, state=state, missing_order="skip")
    orders(simulator.generate(60), state="removed")  # enough to ask for a list first
    info(order_numbers=ODD_NUMBERS, include=list(_client.INCLUDE))
    info(payment_statuses=["UNPAID", "NEW_ONE"], min_posting_date="01-01-2026", max_age=10**6)
    info(include=list(_client.INCLUDE))
    log = simulator.log()
    contract.check(log)
    assert operations_in(log) == {operation.name for operation in contract.operations}
    asked = {(entry["operation"], name) for entry in log for name, _value in parse_qsl(entry["query"])}
    described = {(found.name, name) for found in contract.operations for name in found.query}
    assert asked <= described
    assert {found for found in described if found[0] != "removeOrder"} <= asked


GOOD = {
    "method": "GET",
    "raw_path": "/api/v2/orders",
    "query": "maxAge=120&paymentStatus=UNPAID,PAID&minPostingDate=31-12-2026&includeRefunds=true",
    "headers": {"x-komfortkasse-api-key": "<key>"},
    "body": "",
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"method": "POST"}, "there is no such operation"),
        ({"raw_path": "/api/v2/order/%2E", "query": ""}, "cannot be a segment of a path"),
        ({"raw_path": "/api/v2/order/1", "query": "maxAge=1"}, "there is no parameter maxAge"),
        ({"query": "maxAge=1&maxAge=1"}, "maxAge is given twice"),
        ({"query": "minPostingDate=2026-12-31"}, "minPostingDate: '2026-12-31' is not a 'dd-MM-yyyy'"),
        ({"headers": {"x-komfortkasse-api-key": "<key>, <key>"}}, "the API key has to be there, once"),
        ({"body": "{}"}, "there is a body"),
    ],
)
def test_another_request_does_not_pass(contract, change, words):
    contract.check([GOOD])
    [complaint] = contract.complaints({**GOOD, **change})
    assert words in complaint
    with pytest.raises(AssertionError, match="Not what"):
        contract.check([GOOD, {**GOOD, **change}])
