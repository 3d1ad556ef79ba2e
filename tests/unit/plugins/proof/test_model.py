# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random orders, runs, faults and other people's changes in between, against a model of what must always hold."""

from __future__ import annotations

from collections import Counter
from itertools import count

from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from ansible_collections.community.komfortkasse.plugins.module_utils import _fresh_orders
from ansible_collections.community.komfortkasse.plugins.module_utils._orders import PAYMENT_STATUSES, TRANSITIONS
from ansible_collections.community.komfortkasse.plugins.module_utils._results import OUTCOMES
from ansible_collections.community.komfortkasse.tests.unit.plugins import truth
from ansible_collections.community.komfortkasse.tests.unit.plugins.conftest import JournalFile
from ansible_collections.community.komfortkasse.tests.unit.plugins.proof import model
from ansible_collections.community.komfortkasse.tests.unit.plugins.specimens import (
    BUSY,
    FINE,
    LATE,
    REFUSED,
    SCRIPTS,
    SPECIMENS,
    STOPPED,
)

NUMBERS = [f"M/{index}" for index in range(1, 8)]
MISSING = "M/0"
STATUS = st.sampled_from([*PAYMENT_STATUSES, "NEW_IN_2027"])
CHANGES = ["cancelOrder", "removeOrder", "setOrderPaid", "setOrderUnpaid"]
BIG = ("endless", "enormous", "gzip_bomb")  # they take their time, and the matrix has them
QUICK = [s for s in SPECIMENS if s.kind not in (*BIG, "outside_change") and s.get("delay") != LATE]

WISHES = st.builds(
    model.DesiredState,
    numbers=st.lists(st.sampled_from([*NUMBERS, MISSING]), min_size=1, max_size=9).map(tuple),
    state=st.sampled_from(sorted(TRANSITIONS)),
    only_from=st.none() | st.lists(STATUS, min_size=1, max_size=5).map(tuple),
    skip=st.booleans(),
    check_mode=st.sampled_from([False, False, False, True]),
)
MANNERS = st.fixed_dictionaries(
    {
        "concurrency": st.sampled_from([1, 1, 4]),
        "retries": st.integers(0, 2),
        "max_failures": st.sampled_from([0, 1, 5]),
        "prefetch_days": st.sampled_from([0, 120]),
    }
)
HITS = {
    "order_number": st.none() | st.sampled_from(NUMBERS),
    "skip": st.integers(0, 2),
    "times": st.integers(1, 4),
}


def strategy_of_faults():
    """Faults that do not lie: what says that nothing was done has done nothing, and what says it was has done it."""

    def on_change(specimen):
        if SCRIPTS[str(specimen)] in (REFUSED, STOPPED, BUSY):
            whens = ["before"]
        else:
            whens = ["after"] if SCRIPTS[str(specimen)] == FINE else ["before", "after"]
        return fault(specimen, CHANGES, whens)

    def fault(specimen, operations, whens):
        hits = {"operation": st.just(operations), "when": st.sampled_from(whens), **HITS}
        return st.fixed_dictionaries(hits).map(lambda hits: specimen.fault("", **hits))

    meddling = st.builds(
        dict,
        kind=st.just("outside_change"),
        operation=st.sampled_from([["getOrder"], CHANGES, ["readOrders"]]),
        payment_status=STATUS,
        changed_number=st.sampled_from(NUMBERS),
        skip=st.integers(0, 5),
    )

    def race(number, status, answer):
        """Somebody else changes an order after it was read, and what was sent for it is lost, or the order is gone."""
        return [
            {"kind": "outside_change", "operation": "getOrder", "order_number": number, "payment_status": status},
            {**answer, "operation": CHANGES, "order_number": number},
        ]

    answers = [
        {"kind": "reset", "when": "before"},
        {"kind": "reset", "when": "after"},
        {"kind": "status", "status": 404},
    ]
    races = st.just([]) | st.builds(race, HITS["order_number"], STATUS, st.sampled_from(answers))
    reads = [s for s in QUICK if s.kind != "stale_status" and s.get("field") != "paymentStatus"]
    others = st.lists(
        st.sampled_from(QUICK).flatmap(on_change)
        | st.sampled_from(reads).flatmap(lambda specimen: fault(specimen, ["getOrder"], ["before"]))
        | st.sampled_from(QUICK).flatmap(lambda specimen: fault(specimen, ["readOrders"], ["before"]))
        | meddling,
        max_size=6,
    )
    return st.builds(lambda race, others: race + others, races, others)


def machine(simulator, run_module, connection, folder, met):
    """The state machine, as a class that knows these fixtures. met: counts how often what was met and came out."""
    places = count()

    class Shop(RuleBasedStateMachine):
        @initialize(statuses=st.lists(STATUS, min_size=len(NUMBERS), max_size=len(NUMBERS)))
        def open(self, statuses):
            simulator.reset()
            simulator.settings(repeat_status=400)
            orders = [{"number": n, "paymentStatus": status} for n, status in zip(NUMBERS, statuses)]
            simulator.control("POST", "/orders/demo-shop", orders)

        @rule(number=st.sampled_from(NUMBERS), status=STATUS)
        def somebody_else_changes_an_order(self, number, status):
            simulator.patch_order(number, paymentStatus=status)

        @rule(desired=WISHES, manners=MANNERS, faults=strategy_of_faults())
        def a_run_in_trouble(self, desired, manners, faults):
            self.run(desired, manners, faults)

        @rule(desired=WISHES, manners=MANNERS)
        def a_run_while_all_is_well(self, desired, manners):
            before = self.statuses()
            result = self.run(desired, manners, [])
            for entry in result["results"]:
                assert entry["outcome"] == desired.outcome(before.get(entry["order_number"]))

        def statuses(self):
            return {number: order["paymentStatus"] for number, order in simulator.orders().items()}

        def run(self, desired, manners, faults):
            note(f"faults: {faults}")
            before = self.statuses()
            simulator.control("PUT", "/faults", faults)
            simulator.clear_log()
            journal = JournalFile(str(folder / f"{next(places)}.jsonl"))
            skipping = dict.fromkeys(("unexpected_status", "missing_order"), "skip" if desired.skip else "fail")
            result = run_module(
                **connection,
                **manners,
                **skipping,
                **({} if desired.only_from is None else {"only_from": list(desired.only_from)}),
                order_numbers=list(desired.numbers),
                state=desired.state,
                journal_path=journal.path,
                _ansible_check_mode=desired.check_mode,
            )
            self.judge(desired, manners, before, result, truth.entries_of(journal))
            return result

        def judge(self, desired, manners, before, result, journal):
            truth.told_honestly(simulator, result, journal, desired.check_mode)
            entries = {entry["order_number"]: entry for entry in result["results"]}
            assert list(entries) == list(dict.fromkeys(desired.numbers))
            in_turn = manners["concurrency"] == 1
            stories, expected, meddled = model.retell(desired, simulator.log(), simulator.faults(), before, in_turn)
            assert set(stories) <= set(desired.numbers)
            now = self.statuses()
            # Where several work, the log does not tell whether somebody else's change or ours was the last.
            assert {n for n in now if now[n] != expected[n]} <= (set() if in_turn else meddled)
            assert {number for number in now if now[number] != before[number]} <= {*desired.numbers, *meddled}
            for number, entry in entries.items():
                story = stories.get(number, model.Story(number))
                assert story.posts <= manners["retries"] + 1
                model.check_entry(desired, entry, story, now.get(number), number in meddled)
                met.update([*story.met, entry["outcome"]])

    return Shop


def test_what_must_hold_holds(simulator, run_module, connection, tmp_path, monkeypatch):
    monkeypatch.setattr(_fresh_orders, "LIST_FROM", 4)
    monkeypatch.setattr(_fresh_orders, "LIST_MIB", 8)
    met = Counter()
    run_state_machine_as_test(
        machine(simulator, run_module, connection, tmp_path, met),
        settings=settings(
            max_examples=60,
            stateful_step_count=15,
            phases=[Phase.generate],  # making a failure short takes longer than all other tests together
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert all(met[what] for what in (*model.TROUBLE, *OUTCOMES)), met
