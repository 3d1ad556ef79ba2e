# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fault matrix of what is only read: the list that a large run asks for first, and komfortkasse_order_info.

A list that fails costs a large run nothing but that one request.
"""

from __future__ import annotations

from itertools import product

import pytest

from ansible_collections.community.komfortkasse.plugins.module_utils import _fresh_orders
from ansible_collections.community.komfortkasse.plugins.module_utils._orders import TRANSITIONS
from ansible_collections.community.komfortkasse.plugins.modules import komfortkasse_order_info
from ansible_collections.community.komfortkasse.tests.unit.module_args import patch_module_args
from ansible_collections.community.komfortkasse.tests.unit.plugins.conftest import read_result
from ansible_collections.community.komfortkasse.tests.unit.plugins.proof import oracle, scale, spellings, truth
from ansible_collections.community.komfortkasse.tests.unit.plugins.proof.specimens import SPECIMENS
from ansible_collections.community.komfortkasse.tests.unit.plugins.proof.witness import Nature, watch

NUMBERS = ["2026-0815", "2026-0816", "2026-0817"]
DONE = NUMBERS[1]  # is where it should be before the run
BEFORE = "PAID_PARTIAL"
STATES = list(TRANSITIONS)
CASES = list(scale.cells([SPECIMENS], [STATES, (False, True)], [(True, False)]))
INFO_CASES = list(scale.cells([SPECIMENS], [(False, True)], [oracle.TIMES]))


def name_of(value):
    """The part of a test's name that stands for this value."""
    return "for ever" if value is None else str(value)


@pytest.fixture
def witnessed(simulator):
    """Return a function that lets the witness read the list through a fault, with all put back before and after."""

    def see(specimen, target, path="/orders", number=None):
        prepare(target)
        simulator.faults(specimen.fault(target))
        sight = watch(simulator, "GET", path, number, BEFORE, timeout=specimen.timeout)
        prepare(target)
        return sight

    def prepare(target):
        simulator.reset()
        for number in NUMBERS:
            simulator.patch_order(number, paymentStatus=target if number == DONE else BEFORE)

    return see


@pytest.mark.parametrize(("specimen", "state", "check_mode", "guarded"), CASES, ids=name_of)
def test_a_fault_of_the_list_before_a_large_run(
    simulator, run_module, connection, journal, impatient, monkeypatch, witnessed, specimen, state, guarded, check_mode
):
    """Whatever the list says or not, what it does not make known is read, and all ends well."""
    target = TRANSITIONS[state].payment_status
    asked_for = frozenset({target, BEFORE} if guarded else {target})
    sight = witnessed(specimen, target, f"/orders?paymentStatus={','.join(sorted(asked_for))}")
    simulator.faults(specimen.fault(target, operation="readOrders", times=None))
    monkeypatch.setattr(_fresh_orders, "LIST_FROM", 1)
    monkeypatch.setattr(_fresh_orders, "LIST_MIB", 64)
    if specimen.kind == "endless":
        monkeypatch.setattr(_fresh_orders, "LEAST_LIST_SECONDS", 2.0)
    options = {"state": state, "retries": oracle.RETRIES, "return_order": "full", "journal_path": journal.path}
    options.update({"only_from": [BEFORE]} if guarded else {})

    def run():
        return run_module(**connection, **options, order_numbers=NUMBERS, _ansible_check_mode=check_mode)

    result = run()
    truth.told_honestly(simulator, result, truth.entries_of(journal), check_mode)
    outcomes = {entry["order_number"]: entry["outcome"] for entry in result["results"]}
    assert outcomes == {number: "unchanged" if number == DONE else "changed" for number in NUMBERS}
    assert result["warnings"] == []
    if not check_mode:
        assert {simulator.order(number)["paymentStatus"] for number in NUMBERS} == {target}
    listed = {number for number, status in sight.listed if sight.nature is Nature.GOOD and status in asked_for}
    expected = {None: "R"}
    for place, number in enumerate(NUMBERS):
        known = place > 0 and number in listed
        script = ("" if known else "R") + ("" if check_mode or number == DONE else "C")
        expected.update({number: script} if script else {})
    assert truth.scripts(simulator) == expected
    impatient()
    truth.repaired(simulator, run, target, check_mode=check_mode, listed=asked_for)


@pytest.mark.parametrize(("specimen", "by_number", "times"), INFO_CASES, ids=name_of)
def test_a_fault_while_orders_are_only_read(
    simulator, connection, capsys, impatient, witnessed, specimen, by_number, times
):
    path, asked = (f"/order/{NUMBERS[0]}", NUMBERS[0]) if by_number else ("/orders", None)
    sight = witnessed(specimen, BEFORE, path, asked)
    before = simulator.orders()
    where = {"operation": "getOrder", "order_number": asked} if by_number else {"operation": "readOrders"}
    simulator.faults(specimen.fault(BEFORE, **where, times=times))
    options = {"order_numbers": NUMBERS[:1]} if by_number else {"max_age": 1000}
    with patch_module_args({**connection, **options, "retries": oracle.RETRIES}), pytest.raises(SystemExit):
        komfortkasse_order_info.main()
    printed, errors = capsys.readouterr()
    assert errors == ""
    result = read_result(printed)

    truth.without_a_trace(result)
    spellings.assert_absent(simulator.api_key, result)
    requests = simulator.log()
    assert {entry["method"] for entry in requests} == {"GET"}
    count, ok = oracle.tries(sight, times)
    if sight.nature is Nature.OTHER_STATUS:
        ok = True  # it is what the API says
    assert len(requests) == count
    assert not result.get("changed")
    if sight.nature is Nature.NOT_FOUND and by_number:
        assert (result["missing"], result["orders"]) == ([asked], [])
    elif ok:
        assert not result.get("failed"), result["msg"]
        assert len(result["orders"]) == (1 if by_number else len(before)) or specimen.kind == "body"
    else:
        assert result["failed"]
        assert f"Order {asked} could not be read" in result["msg"] or not by_number
        assert truth.ADVICE.search(result["msg"])
        assert not truth.PYTHON.search(result["msg"]), result["msg"]
        assert truth.words_of(sight, simulator.api_key) in result["msg"]


def test_the_whole_matrix_leaves_nothing_out():
    assert [case[:-1] for case in CASES] == [*product(SPECIMENS, STATES, (False, True))]
    assert [case[:-1] for case in INFO_CASES] == [*product(SPECIMENS, (False, True))]
