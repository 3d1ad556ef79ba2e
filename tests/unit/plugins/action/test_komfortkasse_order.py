# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many orders by the action, with the real module and a simulator: in batches as in one call, and when a batch dies."""

from __future__ import annotations

import json

import pytest

from ansible.errors import AnsibleConnectionFailure
from ansible.module_utils.common import warnings as ansible_warnings
from ansible.utils.display import Display

from ansible_collections.community.komfortkasse.plugins.action import komfortkasse_order as action
from ansible_collections.community.komfortkasse.plugins.action.komfortkasse_order import BATCH_SIZE, ActionModule
from ansible_collections.community.komfortkasse.plugins.module_utils._orders import TRANSITIONS
from ansible_collections.community.komfortkasse.plugins.modules import komfortkasse_order
from ansible_collections.community.komfortkasse.plugins.plugin_utils._batches import Task

DEAD = {"failed": True, "msg": "MODULE FAILURE\nSee stdout/stderr for the exact error.", "rc": 137, "module_stderr": ""}
SERVICE = {"kind": "status", "status": 500, "operation": "cancelOrder", "times": None}


@pytest.fixture
def lines(monkeypatch):
    """Return the lines that are displayed."""
    shown = []
    monkeypatch.setattr(Display, "display", lambda self, text, *args, **options: shown.append(text))
    return shown


@pytest.fixture
def run(play, run_module, connection, lines):
    """Run the action with the real module; ``before(n)`` is called before its call number n, and may answer instead."""

    def run(numbers=None, before=lambda n: None, **options):
        def module(args, check_mode):
            args = {name: value for name, value in args.items() if not name.startswith("_ansible")}
            diff = play.task.diff
            getattr(ansible_warnings, "_global_warnings", {}).clear()  # a process of its own has none of other calls
            answer = before(len(play.calls)) or run_module(**args, _ansible_check_mode=check_mode, _ansible_diff=diff)
            answer.pop("printed", None)
            return {name: value for name, value in answer.items() if name != "warnings" or value}

        play.calls.clear()
        play.answer = module
        given = {} if numbers is None else {"order_numbers": numbers}
        return play.run(ActionModule, **{**connection, "state": "cancelled", "retries": 0, **given, **options})

    return run


def outcomes(result):
    return [entry["outcome"] for entry in result["results"]]


def entry(number):
    """What the module returns of an order that was changed or would be."""
    return {
        "order_number": number,
        "outcome": "changed",
        "previous_payment_status": "UNPAID",
        "payment_status": "UNPAID",
    }


def previewed(numbers, **more):
    """What the module returns in check mode, and the orders of its plan."""
    summary = {"duplicates": 0, "requests": 1}
    answer = {"results": [entry(number) for number in numbers], "summary": summary, "_batch": {}, **more}
    return answer, {number: ["UNPAID", 22.5, "EUR", 5.0] for number in numbers}


def batches(play):
    """The sizes of the batches after the look."""
    assert play.calls[0].check_mode
    assert not any(call.check_mode for call in play.calls[1:])
    return [len(call.args["order_numbers"]) for call in play.calls[1:]]


def test_the_size_of_batches_is_the_one_documented(simulator, play, run, monkeypatch):
    assert f"    type: int\n    default: {BATCH_SIZE}\n  return_order" in komfortkasse_order.DOCUMENTATION
    monkeypatch.setattr(action, "BATCH_SIZE", 2)
    run(simulator.generate(3))
    assert batches(play) == [2, 1]


@pytest.mark.parametrize(("diff", "return_order"), [(False, "none"), (True, "summary")])
def test_the_result_of_batches_is_that_of_one_call(simulator, play, run, journal, diff, return_order):
    play.task.diff = diff
    with_money = ["2026-0602", "2026-0701", "2026-0703"]  # cancelled, paid, paid in part
    options = {"missing_order": "skip", "return_order": return_order, "max_changes": 99, "journal_path": journal.path}

    def one_of(**more):
        simulator.reset()
        numbers = [*simulator.generate(11), *with_money, "nope", "2026-0401", *with_money, "G000001"]
        simulator.faults({"kind": "status", "status": 409, "operation": "cancelOrder", "order_number": "G000003"})
        return run(numbers, validate_certs=False, **options, **more)

    one, many = one_of(), one_of(batch_size=4)
    assert batches(play) == [4, 4, 4, 2]
    assert (one["summary"]["changed"], one["summary"]["failed"], len(one["warnings"])) == (13, 1, 3)
    assert many["summary"].pop("requests") >= one["summary"].pop("requests")
    assert many["invocation"]["module_args"].pop("batch_size") == 4
    assert one["invocation"]["module_args"].pop("batch_size") == BATCH_SIZE
    assert json.dumps(many, sort_keys=True) == json.dumps(one, sort_keys=True)


def test_a_line_of_progress_follows_each_batch(simulator, run, lines):
    numbers = [*simulator.generate(5), "2026-0601", "nope"]
    run(numbers, batch_size=2)
    heads = [line.partition(", about ")[0] for line in lines]
    assert heads == [f"shop-a: {done} of 7 orders done, 1 failed" for done in (4, 6, 7)]
    assert ["left" in line for line in lines] == [True, True, False]


@pytest.mark.parametrize(
    ("count", "options"),
    [
        (3, {"batch_size": "3"}),
        (3, {"order_number": "2026-0815", "batch_size": 1}),
        (4, {"batch_size": 3, "check_mode": True}),
        (4, {"batch_size": 3, "async_val": 60}),
    ],
)
def test_what_needs_no_batches_is_one_call(simulator, play, run, lines, count, options):
    options = dict(options)
    numbers = None if "order_number" in options else simulator.generate(count) * 2
    for name in ("check_mode", "async_val"):
        setattr(play.task, name, options.pop(name, 0))
    result = run(numbers, **options)
    [call] = play.calls
    assert (call.args["shop"], "_batch" in call.args) == ("shop-a", False)
    assert "_batch" not in {*result, *result.get("invocation", {}).get("module_args", {})}
    assert (result["changed"], lines) == (True, [])


def test_a_name_of_the_shop_that_is_given_is_kept(play, run):
    run(["2026-0815"], shop="mine")
    assert play.calls[0].args["shop"] == "mine"


# What holds for the whole task


def test_more_changes_than_allowed_in_all_change_nothing(simulator, play, run):
    result = run([*simulator.generate(5), "2026-0601"], batch_size=2, max_changes=4)
    assert batches(play) == []
    assert (result["failed"], result["changed"], simulator.log("POST")) == (True, False, [])
    assert outcomes(result) == ["not_attempted"] * 5 + ["unchanged"]
    assert "5 orders would be changed" in result["msg"]
    assert not {"plan", "_batch"} & {*result}


def test_a_limit_that_holds_costs_a_batch_no_second_look(simulator, play, run):
    assert run(simulator.generate(5), batch_size=2, max_changes=5)["changed"]
    assert batches(play) == [2, 2, 1]
    assert ["max_changes" in call.args for call in play.calls] == [True, False, False, False]


def test_failures_count_over_all_batches(simulator, play, run):
    numbers = simulator.generate(9)
    simulator.faults(SERVICE)
    result = run(numbers, batch_size=2, max_failures=5, concurrency=1)
    assert outcomes(result) == ["failed"] * 5 + ["not_attempted"] * 4
    assert batches(play) == [2, 2, 2]
    assert "after 5 orders had failed" in result["stopped"]
    assert "4 orders were not attempted" in result["msg"]


def test_what_the_module_refuses_fails_before_the_first_batch(simulator, play, run):
    result = run(simulator.generate(3), batch_size=2, state="deleted")
    assert (result["failed"], "results" in result, batches(play)) == (True, False, [])


@pytest.mark.parametrize("size", ["many", 0])
def test_a_batch_size_that_is_none_is_left_to_the_module_to_refuse(simulator, play, run, size):
    result = run(["2026-0815", "2026-0816"], batch_size=size)
    assert "batch_size" in result["msg"]
    assert (result["failed"], len(play.calls), simulator.log()) == (True, 1, [])


def test_after_the_look_the_task_is_as_it_was(simulator, play, run):
    def die(n):
        raise AnsibleConnectionFailure("gone")

    with pytest.raises(AnsibleConnectionFailure):
        run(simulator.generate(3), die, batch_size=2)
    assert play.task.check_mode is False


# A batch that dies


def test_a_batch_that_dies_leaves_its_orders_unknown_and_the_rest_alone(simulator, play, run, lines):
    numbers = [*simulator.generate(6), "2026-0601"]
    result = run(numbers, lambda n: dict(DEAD) if n == 3 else None, batch_size=2)
    assert outcomes(result) == ["changed"] * 2 + ["failed"] * 2 + ["not_attempted"] * 2 + ["unchanged"]
    assert batches(play) == [2, 2]
    assert (result["failed"], result["changed"], result["rc"]) == (True, True, 137)
    before, *_others = [entry for entry in result["results"] if entry["outcome"] == "failed"]
    assert (before["previous_payment_status"], before["payment_status"]) == ("UNPAID", None)
    assert before["msg"] == "May have been changed or not: its batch ended without a result."
    assert before["advice"].startswith("Run it again")
    ended = "A batch of 2 orders ended without a result: MODULE FAILURE See stdout/stderr for the exact error."
    assert result["msg"].startswith(f"{ended} 2 of 7 orders failed. Order G000003 may have been changed or not")
    assert result["msg"].endswith("2 orders were not attempted: run it again to continue.")
    assert lines[-1] == "shop-a: 5 of 7 orders done, 2 failed, stopped"


def test_a_connection_that_breaks_keeps_the_outcomes_of_earlier_batches(simulator, run):
    def die(n):
        if n == 3:
            raise AnsibleConnectionFailure("no route to host")

    result = run(simulator.generate(3), die, batch_size=1)
    assert outcomes(result) == ["changed", "failed", "not_attempted"]
    assert "A batch of 1 order ended without a result: no route to host." in result["msg"]


def test_what_the_journal_lacks_is_told_of_every_batch(simulator, play, run):
    def answer(n):
        numbers = play.calls[-1].args["order_numbers"]
        results = [{"order_number": number, "outcome": "changed"} for number in numbers]
        batch = {"service_failures": 0, "broken": f"Missing: {numbers[0]}."}
        return n > 1 and {"results": results, "summary": {"requests": 1}, "_batch": batch}

    result = run(simulator.generate(4), answer, batch_size=2)
    assert result["msg"] == "Missing: G000001. Missing: G000003."


@pytest.mark.parametrize(("seconds", "left"), [(10, "30 s"), (39, "117 s"), (40, "2 min"), (100, "5 min")])
def test_progress_tells_how_long_the_rest_will_take(seconds, left):
    task = Task(*previewed("abcd"))
    task.add("a", {"results": [entry("a")], "summary": {"requests": 1}, "_batch": {}})
    assert task.progress(seconds) == f"1 of 4 orders done, 0 failed, about {left} left"


def test_each_warning_of_the_preview_and_the_batches_is_given_once():
    task = Task(*previewed("ab", warnings=["odd"]))
    for number, warnings in (("a", ["odd", "slow"]), ("b", ["late"])):
        answer = {"results": [entry(number)], "summary": {"requests": 1}, "_batch": {}, "warnings": warnings}
        task.add(number, answer)
    result = task.result(TRANSITIONS["cancelled"], with_diff=False)
    assert result["warnings"] == ["odd", "slow", "late"]
    assert not {"failed", "msg"} & {*result}


def test_a_preview_that_was_stopped_is_followed_by_no_batch():
    task = Task(*previewed("ab", stopped="It was stopped."))
    assert list(task.batches(1)) == []
    result = task.result(TRANSITIONS["cancelled"], with_diff=False)
    assert "It was stopped. 2 orders were not attempted" in result["msg"]
    assert [entry["amount_paid"] for entry in result["results"]] == [5.0, 5.0]  # a long plan alone shows it


# What was read is known to the next call


def test_a_batch_is_told_what_was_read_as_long_as_it_is_fresh(simulator, play, run, monkeypatch):
    numbers = simulator.generate(3)
    clock = iter([94.0, 100.0, 101.0, 101.0, 200.0, 200.0])  # one second before and one after a module
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    facts = ["UNPAID", 10.0, "EUR", 0]

    def answer(n):
        look = play.calls[-1].check_mode
        asked = numbers if look else play.calls[-1].args["order_numbers"]
        results = [{"order_number": number, "outcome": "changed"} for number in asked]
        plan = {"plan": {"orders": dict.fromkeys(numbers, facts)}} if look else {}
        batch = {"service_failures": 2, "list_from": 60, "fresh_seconds": 8.0, "seconds": 4.0}
        return {"results": results, "summary": {"requests": 1, "duplicates": 0}, "_batch": batch, **plan}

    run(numbers, answer, batch_size=2)
    assert [call.args["_batch"] for call in play.calls] == [
        {},
        {"service_failures": 2, "list_from": 60, "known": dict.fromkeys(numbers[:2], facts), "fresh_for": 3.0},
        {"service_failures": 2, "list_from": 60},
    ]


# Plans


@pytest.fixture
def plan_file(tmp_path):
    """Return a function that writes a plan file and returns its path."""

    def write(content):
        path = tmp_path / "plan.json"
        path.write_text(content if isinstance(content, str) else json.dumps({"plans": content}))
        return str(path)

    return write


def test_the_plan_of_a_file_binds_in_every_batch(simulator, play, run, plan_file):
    numbers = simulator.generate(5)
    play.task.check_mode = True
    plan = run(numbers)["plan"]
    play.task.check_mode = False
    simulator.patch_order(numbers[3], amount=1.0)
    result = run([*numbers, "2026-0815"], plan_file=plan_file({"shop-a": plan, "other": {}}), batch_size=2)
    assert outcomes(result) == ["changed"] * 3 + ["failed", "changed"]
    assert "its amount is 1.00, not " in result["results"][3]["msg"]
    assert batches(play) == [2, 2]
    assert [list(call.args["plan"]["orders"]) for call in play.calls[1:]] == [numbers[:2], [numbers[2], numbers[4]]]
    assert result["plan_created"] == plan["created"]


def test_a_host_without_a_plan_changes_nothing_and_says_so(simulator, play, run, plan_file):
    path = plan_file({"other": {"orders": {}}})
    result = run(plan_file=path)
    assert (result["changed"], result["results"], result["summary"]["requested"]) == (False, [], 0)
    assert result["msg"] == f"The plan file {path} has no plan for shop-a, so nothing was changed."
    assert (play.calls, simulator.log()) == ([], [])


def test_a_plan_alone_is_worked_through_in_batches(simulator, play, run):
    play.task.check_mode = True
    plan = run(simulator.generate(3))["plan"]
    play.task.check_mode = False
    assert outcomes(run(plan=plan, batch_size=2)) == ["changed"] * 3
    assert batches(play) == [2, 1]


def test_without_orders_and_plan_nothing_is_sent(play, run):
    assert run() == {"failed": True, "changed": False, "msg": action.NOTHING_TO_DO}
    assert play.calls == []


def test_an_empty_plan_changes_nothing(simulator, play, run):
    result = run(["2026-0815"], plan={})
    assert (result["changed"], result["results"]) == (False, [])
    assert result["msg"] == "The plan is empty, so nothing was changed."
    assert (play.calls, simulator.log()) == ([], [])


def test_in_check_mode_a_plan_file_is_not_read(play, run):
    play.task.check_mode = True
    assert len(run(["2026-0815"], plan_file="/nowhere")["plan"]["orders"]) == 1
    assert "plan_file" not in play.calls[0].args


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("plans: {}", "is not JSON"),
        ('{"plans": []}', 'is not of the form {"plans": {host: plan}}'),
        ("[]", "is not of the form"),
        ({"shop-a": {"orders": []}}, "The plan of the host shop-a in "),
        ({"shop-a": "x"}, "The plan of the host shop-a in "),
    ],
)
def test_a_file_that_is_no_plan_file_is_refused(play, run, plan_file, content, words):
    result = run(plan_file=plan_file(content))
    assert result["failed"]
    assert words in result["msg"]
    assert play.calls == []


def test_a_plan_file_that_cannot_be_read_is_refused(run, tmp_path):
    assert run(plan_file=f"{tmp_path}/none")["msg"].endswith("/none cannot be read: No such file or directory.")
    (tmp_path / "latin").write_bytes(b"\xff")
    assert run(plan_file=f"{tmp_path}/latin")["msg"].endswith("/latin cannot be read: it is not UTF-8.")


def test_two_plans_are_refused(play, run, plan_file):
    assert run(plan={}, plan_file=plan_file({}))["msg"] == "Both plan and plan_file are set: set only one of them."
    assert play.calls == []
