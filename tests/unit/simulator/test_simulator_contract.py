# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator answers as docs/openapi/komfortkasse.yaml says: whatever is asked for, and for every order it has."""

from __future__ import annotations

import datetime
from itertools import product
from pathlib import Path
from urllib.parse import quote

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = ROOT / "docs" / "openapi" / "komfortkasse.yaml"
KEY_HEADER = "X-Komfortkasse-API-Key"
KEYS = {
    name: shop["api_key"]
    for name, shop in yaml.safe_load((ROOT / "tests" / "simulator" / "orders.yml").read_text("utf-8"))["shops"].items()
}
FLAGS = ("includePostings", "includeCollectionHistory", "includePaymentReminders", "includeRefunds")
# A second submit of an order is no part of the contract, though the simulator takes it.
METHODS_OF_NOBODY = {"delete", "patch", "put"}

schemathesis.openapi.format(
    "dd-MM-yyyy", st.dates(min_value=datetime.date(1000, 1, 1)).map(lambda date: date.strftime("%d-%m-%Y"))
)
SCHEMA = schemathesis.openapi.from_path(DOCUMENT, config=schemathesis.Config(seed=1))
SCHEMA.config.phases.coverage.unexpected_methods = METHODS_OF_NOBODY
NAMES = ("getOrder", "readOrders", "cancelOrder", "removeOrder", "setOrderPaid", "setOrderUnpaid")
OPERATIONS = {name: SCHEMA.find_operation_by_id(name) for name in NAMES}


@schemathesis.hook
def before_call(context, case, kwargs):
    """A key that was made up becomes a real one; a request that was to have none stays without."""
    if case.headers.get(KEY_HEADER):
        case.headers[KEY_HEADER] = KEYS["demo-shop"]


def test_the_document_is_valid():
    OpenAPIV31SpecValidator(yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))).validate()


def test_the_document_has_the_operations_that_the_modules_use_and_no_other():
    paths = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))["paths"]
    assert {
        found["operationId"] for path in paths.values() for name, found in path.items() if name in ("get", "post")
    } == {*NAMES}


@SCHEMA.parametrize()
@settings(
    derandomize=True,
    max_examples=40,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much, HealthCheck.too_slow],
)
def test_whatever_is_asked_for_is_answered_as_documented(case, simulator):
    case.call_and_validate(base_url=simulator.api_url)


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name != "readOrders"])
def test_every_order_is_answered_as_documented(simulator, name):
    """In every payment status, and with whatever the flags add: made-up order numbers hit none of these."""
    operation = OPERATIONS[name]
    queries = [{}, dict.fromkeys(FLAGS, "true")] if operation.query else [{}]
    for shop, key in KEYS.items():
        for number, query in product(simulator.orders(shop), queries):
            case = operation.Case(path_parameters={"orderNumber": quote(number, safe="")}, query=query)
            answer = case.call_and_validate(base_url=simulator.api_url, headers={KEY_HEADER: key})
            assert answer.status_code == 200
            assert answer.json()["number"] == number


@pytest.mark.parametrize("chosen", [{}, {"paymentStatus": "COLLECTION,PAID"}, {"minPostingDate": "01-01-2020"}])
def test_lists_are_answered_as_documented(simulator, chosen):
    case = OPERATIONS["readOrders"].Case(query={**chosen, "maxAge": "1000", **dict.fromkeys(FLAGS, "true")})
    answer = case.call_and_validate(base_url=simulator.api_url, headers={KEY_HEADER: KEYS["demo-shop"]})
    assert answer.status_code == 200
    assert answer.json()


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("given", [{}, {KEY_HEADER: "wrong"}], ids=["no key", "a wrong key"])
def test_who_has_no_key_is_refused_as_documented(simulator, name, given):
    case = OPERATIONS[name].Case(path_parameters={"orderNumber": "2026-0815"})
    answer = case.call(base_url=simulator.api_url, headers=given)
    case.validate_response(answer)
    assert answer.status_code == 401
