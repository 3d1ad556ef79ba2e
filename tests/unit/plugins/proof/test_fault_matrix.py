# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fault matrix: every fault x where it strikes x every state x one order and many x check mode or not.

How often it strikes takes turns.
The witness sees what the fault looks like, the oracle says what has to become of the order, and then the module runs
into it. Afterwards it runs again without faults: what can be repaired is, and a third run finds nothing to do.
"""

from __future__ import annotations

from itertools import product

import pytest

from ansible_collections.community.komfortkasse.plugins.module_utils import _client
from ansible_collections.community.komfortkasse.plugins.module_utils._orders import TRANSITIONS
from ansible_collections.community.komfortkasse.tests.simulator.faults import KINDS
from ansible_collections.community.komfortkasse.tests.unit.plugins.proof import oracle, scale, truth
from ansible_collections.community.komfortkasse.tests.unit.plugins.proof.oracle import Case
from ansible_collections.community.komfortkasse.tests.unit.plugins.proof.specimens import SPECIMENS
from ansible_collections.community.komfortkasse.tests.unit.plugins.proof.witness import Nature, watch

NUMBER, OTHERS = "2026/0816", ["2026-0816", "2026-0817"]
SEGMENT = "2026%2F0816"
BEFORE = "PAID_PARTIAL"  # not where any state leads
OPERATIONS = {"cancelled": "cancelOrder", "removed": "removeOrder", "paid": "setOrderPaid", "unpaid": "setOrderUnpaid"}
STATES = list(TRANSITIONS)

CASES = [
    *(
        Case(*cell)
        for cell in scale.cells([SPECIMENS], [oracle.PLACES, STATES, (False, True), [False]], [oracle.TIMES])
    ),
    *(
        Case(*cell)
        for cell in scale.cells([SPECIMENS], [[oracle.ON_READ], STATES, (False, True), [True]], [oracle.TIMES])
    ),
]


def prepare(simulator):
    """Bring the orders of the matrix where they are before; requests of earlier on cannot reach them any more."""
    simulator.reset()
    simulator.settings(repeat_status=400)  # stricter than what is documented
    for number in (NUMBER, *OTHERS):
        simulator.patch_order(number, paymentStatus=BEFORE, amountPaid=5.0)


def plan(case):
    """The faults of a case for the simulator."""
    target = TRANSITIONS[case.state].payment_status
    change = {"order_number": NUMBER, "operation": OPERATIONS[case.state]}
    read = {"order_number": NUMBER, "operation": "getOrder"}
    if case.place == oracle.ON_READ:
        return [case.specimen.fault(target, **read, times=case.times)]
    if case.place in oracle.ON_CHANGE:
        return [case.specimen.fault(target, **change, times=case.times, when=case.when)]
    lost = {"kind": "reset", **change, "when": case.when}
    return [lost, case.specimen.fault(target, **read, times=case.times, skip=1)]


def witnessed(simulator, case):
    """Let the witness meet the fault where the module will, and put everything back."""
    prepare(simulator)
    transition = TRANSITIONS[case.state]
    simulator.faults({**plan(case)[-1], "times": 1, "skip": 0})
    if case.place in oracle.ON_CHANGE:
        path = _client.PATHS[transition.state].format(number=SEGMENT)
        sight = watch(simulator, "POST", path, NUMBER, transition.payment_status, timeout=case.specimen.timeout)
    else:
        sight = watch(simulator, "GET", f"/order/{SEGMENT}", NUMBER, BEFORE, timeout=case.specimen.timeout)
    assert simulator.faults()[0]["hits"] == 1
    prepare(simulator)
    return sight


def run(case, run_module, connection, journal):
    """Run the module as the case says."""
    numbers = {"order_numbers": [OTHERS[0], NUMBER, OTHERS[1]]} if case.many else {"order_number": NUMBER}
    options = {"state": case.state, "retries": oracle.RETRIES, "concurrency": 2, "journal_path": journal.path}
    return run_module(**connection, **numbers, **options, return_order="full", _ansible_check_mode=case.check_mode)


def judge(case, sight, expected, result, simulator):
    """Compare the outcome of the order with the expected one."""
    entry = {e["order_number"]: e for e in result["results"]}[NUMBER]
    target = TRANSITIONS[case.state].payment_status
    made = any(post["changed"] for post in simulator.log("POST") if post["order_number"] == NUMBER)
    now = simulator.order(NUMBER)["paymentStatus"]
    assert truth.scripts(simulator).get(NUMBER) == expected.script
    assert entry["outcome"] in expected.outcomes
    truth.sent_with_care(simulator, NUMBER)
    if case.check_mode:
        assert now == BEFORE or case.specimen.kind == "outside_change"
    elif expected.deceived:
        assert made == (entry["outcome"] != "changed")
        assert now == (target if made else BEFORE)
        assert entry["payment_status"] == (BEFORE if entry["outcome"] == "failed" else target)
    elif entry["outcome"] != "failed":
        if not case.race:
            assert (entry["outcome"] == "changed") == made
        assert entry["payment_status"] == target
        assert now in (entry["payment_status"], case.specimen.get("payment_status"))
    elif expected.known:
        assert entry["payment_status"] == now
    else:
        assert entry["payment_status"] is None or sight.nature is Nature.OTHER_STATUS
    if entry["outcome"] == "failed":
        words = truth.words_of(sight, simulator.api_key)
        assert words in entry["msg"]
        assert words in result["msg"]
        assert entry.get("http_status") == (None if case.place in oracle.ON_CHECK else sight.status)
    judge_the_facts(case, sight, result, entry)
    judge_the_others(sight, result, simulator, case)


def judge_the_facts(case, sight, result, entry):
    """The facts of the order, for one order also at the top, are those that were read; none if none were read."""
    read = case.place != oracle.ON_READ or entry["outcome"] != "failed"
    before = entry["previous_payment_status"]
    if case.place == oracle.ON_READ and sight.nature is Nature.OTHER_STATUS:
        assert before not in (None, BEFORE)
    else:
        assert before == (BEFORE if read else None)
    order = (entry if case.many else result).get("order")
    assert bool(order) == read
    if order:
        assert order["number"] == NUMBER
        assert order["paymentStatus"] == (before if case.check_mode else entry["payment_status"] or before)
    if not case.many:
        assert result["previous_payment_status"] == before
        assert result["payment_status"] == entry["payment_status"]


def judge_the_others(sight, result, simulator, case):
    """What happens to one order is nothing to the others, unless the key was refused."""
    for entry in result["results"]:
        if entry["order_number"] != NUMBER:
            fine = ("changed", "not_attempted") if sight.nature is Nature.KEY_REFUSED else ("changed",)
            assert entry["outcome"] in fine, entry
            there = simulator.order(entry["order_number"])["paymentStatus"] != BEFORE
            assert there == (entry["outcome"] == "changed" and not case.check_mode)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_fault(simulator, run_module, connection, journal, impatient, case):
    sight = witnessed(simulator, case)
    expected = oracle.expect(case, sight)
    simulator.faults(*plan(case))
    result = run(case, run_module, connection, journal)
    judge(case, sight, expected, result, simulator)
    truth.told_honestly(simulator, result, truth.entries_of(journal), case.check_mode)

    target = TRANSITIONS[case.state].payment_status
    impatient()
    for _time in range(2):
        last = truth.repaired(
            simulator, lambda: run(case, run_module, connection, journal), target, check_mode=case.check_mode
        )
    assert case.check_mode or not last["changed"]


def test_every_kind_of_fault_is_in_the_matrix():
    assert {case.specimen.kind for case in CASES} == set(KINDS)
    assert {case.specimen for case in CASES} == set(SPECIMENS)
    assert {(case.state, case.place) for case in CASES} == {(s, p) for s in STATES for p in oracle.PLACES}
    assert {case.times for case in CASES} == set(oracle.TIMES)


def test_the_whole_matrix_leaves_nothing_out():
    for_real = {*product(SPECIMENS, oracle.PLACES, STATES, (False, True), (False,))}
    in_check_mode = {*product(SPECIMENS, [oracle.ON_READ], STATES, (False, True), (True,))}  # it changes nothing
    cells = for_real | in_check_mode
    assert {(case.specimen, case.place, case.state, case.many, case.check_mode) for case in CASES} == cells
    assert len(CASES) == len(cells)
