# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action komfortkasse_report: what it reads, writes, returns and refuses."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import re
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.community.komfortkasse.plugins.action import komfortkasse_report
from ansible_collections.community.komfortkasse.plugins.plugin_utils import _action, _report_folder

PLAN = {"state": "cancelled", "created": "2026-11-30T20:00:00Z", "orders": {"A": ["UNPAID", 10.5, "EUR", 0]}}


def order(number="A", outcome="changed", **more):
    before, after = {"changed": ("UNPAID", "CANCELLED"), "unchanged": ("CANCELLED", "CANCELLED")}.get(
        outcome, ("PAID", "PAID")
    )
    return {
        "order_number": number,
        "outcome": outcome,
        "previous_payment_status": before,
        "payment_status": after,
        "amount": 10.5,
        "currency": "EUR",
        **more,
    }


def registered(*orders, **more):
    return {"changed": True, "results": list(orders), **more}


class HostVars(dict[str, Any]):
    """Ansible's, as far as the action needs them."""

    raw_get = dict.__getitem__


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """A login name, and a umask that would take rights away."""
    monkeypatch.setenv("LOGNAME", "alice")
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.fixture
def run():
    """Return a function that runs the action with options, for hosts with their variables."""

    def run(hosts=None, check_mode=False, variables=None, **options):
        hosts = {"shop": {}} if hosts is None else hosts
        task = SimpleNamespace(args=options, check_mode=check_mode, async_val=0, diff=False, action="an alias")
        connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir="unused"))
        action = komfortkasse_report.ActionModule(task, connection, None, None, None, None)
        task_vars = {
            "ansible_play_hosts_all": list(hosts),
            "hostvars": HostVars(hosts),
            "inventory_hostname": next(iter(hosts), None),
            **(variables or {}),
        }
        return action.run(task_vars=task_vars)

    return run


def assert_refused(result, pattern):
    assert (result["failed"], result["changed"]) == (True, False)
    assert re.search(pattern, result["msg"])


def files_in(folder):
    return {path.suffix[1:]: path for path in folder.iterdir()}


def test_without_results_it_only_makes_the_folder(run, tmp_path):
    folder = tmp_path / "a" / "b"
    assert run(path=str(folder)) == {"changed": False}
    for made in (folder, folder.parent):
        assert stat.S_IMODE(made.stat().st_mode) == 0o750
    assert list(folder.iterdir()) == []


def test_a_folder_that_another_run_makes_meanwhile_is_used(monkeypatch, tmp_path):
    monkeypatch.setattr(Path, "exists", lambda path: path != tmp_path)
    _report_folder.provide(str(tmp_path))


@pytest.mark.parametrize("folder", ["file", "file/reports"])
@pytest.mark.parametrize("results", [None, ["done"]])
def test_a_folder_that_cannot_be_written_to_fails(run, tmp_path, results, folder):
    (tmp_path / "file").write_text("")
    result = run({"shop": {"done": registered()}}, path=str(tmp_path / folder), results=results)
    assert_refused(result, rf"No file can be written into the folder {tmp_path}/{folder}: Not a directory\.")
    assert ("Nothing was sent" in result["msg"]) == (results is None)


def test_a_plan_that_could_not_be_written_fails_before_anything(run, tmp_path):
    nowhere = str(tmp_path / "nowhere" / "plan.json")
    assert_refused(run(check_mode=True, plan_file=nowhere), r"The plan cannot be written to .*Nothing was sent")
    assert_refused(run(check_mode=True, plan_file=str(tmp_path)), "it is a folder")
    assert run(plan_file=nowhere) == {"changed": False}  # another action reads it then


def test_the_report_tells_of_all_hosts_of_the_play(run, tmp_path):
    hosts = {
        "shop_de": {"done": registered(order("A"), order("B", "failed"), failed=True, msg="1 of 2 orders failed.")},
        "shop_at": {"found": {"failed": True, "msg": "The key was refused."}},
        "shop_ch": {},
    }
    result = run(hosts, results=["found", "done"], path=str(tmp_path), title="cancel_orders")
    assert result["changed"] is False
    assert not result.get("failed")
    counts = {"requested": 2, "changed": 1, "unchanged": 0, "skipped": 0, "failed": 1, "not_attempted": 0}
    assert result["counts"] == counts
    assert result["failures"]["shop_de"] == "1 of 2 orders failed."
    assert result["failures"]["shop_at"] == "The key was refused."
    assert result["failures"]["shop_ch"].startswith("Nothing was sent: something failed for this shop before")
    ended = {name: host["ended"] for name, host in result["hosts"].items()}
    assert ended == {"shop_de": "done", "shop_at": "failed", "shop_ch": "failed"}
    assert list(result["summary"]) == list(hosts)
    assert result["summary"]["shop_ch"][-1] == f"Report: {result['files'][0]} (also .csv and .json)"


def test_a_host_whose_turn_comes_later_did_not_fail(run):
    hosts = {"a": {"done": registered(order())}, "b": {}}
    result = run(hosts, results=["done"], variables={"ansible_play_hosts": ["a", "b"]})
    assert "has not registered any of the results yet" in result["failures"]["b"]


def test_the_first_variable_that_failed_speaks_for_the_host(run):
    hosts = {"shop": {"a": {"failed": True, "msg": "First"}, "b": registered(failed=True, msg="Second.")}}
    assert run(hosts, results=["a", "b"])["failures"] == {"shop": "First."}


@pytest.mark.parametrize(
    "msg",
    [
        "The lookup plugin 'community.komfortkasse.order_numbers' failed: Line 3 holds two.",
        "An unhandled exception occurred while running the lookup plugin 'community.komfortkasse.order_numbers'. Error"
        " was a <class 'ansible.errors.AnsibleError'>, original message: Line 3 holds two.",
        "Task failed: The filter plugin 'community.komfortkasse.order_numbers' failed:"
        " community.komfortkasse.order_numbers: Line 3 holds two.",
        "Task failed: Finalization of task args for 'ansible.builtin.set_fact' failed: Error while resolving value for"
        " 'x': The lookup plugin 'ansible.builtin.file' failed: Line 3 holds two.",
        "community.komfortkasse.order_numbers: Line 3 holds two.\n\nThe error appears to be in 'x': line 1",
        "Line 3 holds two",
    ],
)
def test_what_ansible_puts_around_a_plugins_sentence_goes(run, msg):
    hosts = {"shop": {"a": {"failed": True, "msg": msg}}}
    assert run(hosts, results=["a"])["failures"] == {"shop": "Line 3 holds two."}


def test_a_name_that_no_host_registered_is_an_error(run):
    result = run({"shop": {"done": registered()}}, results=["typo", "nix"])
    assert_refused(result, "registered any of the variables that results names: typo, nix")


def test_files_have_names_modes_and_contents(run, tmp_path):
    hosts = {"shop": {"done": registered(order("=1+1", amount_paid=10.5))}}
    result = run(hosts, results=["done"], path=str(tmp_path), title="cancel_orders", variables={"awx_job_id": 42})
    assert [os.path.splitext(path)[1] for path in result["files"]] == [".html", ".csv", ".json"]
    for path in result["files"]:
        assert re.fullmatch(r"cancel_orders-\d{8}T\d{6}Z-job42\.\w+", os.path.basename(path))
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o640
    files = files_in(tmp_path)
    [row] = csv.DictReader(io.StringIO(files["csv"].read_text(encoding="utf-8-sig")), delimiter=";")
    assert (row["order_number"], row["amount"], row["amount_paid"], row["run"]) == ("'=1+1", "10,50", "10,50", "real")
    text = files["json"].read_text()
    data = json.loads(text)
    assert text == json.dumps(data, indent=1) + "\n"
    assert (data["user"], data["job"], data["title"]) == ("alice", "42", "cancel_orders")
    assert data["sums"] == {"changed": {"EUR": 10.5}}
    assert [one["order_number"] for one in data["money_on_cancelled"]] == ["=1+1"]
    assert "=1+1" in files["html"].read_text()


def test_of_a_report_that_cannot_be_written_nothing_is_left(tmp_path):
    told = r"The report cannot be written into .*: No such file or directory\."
    with pytest.raises(_report_folder.FolderError, match=told):
        _report_folder.write_reports(str(tmp_path), "report", {"html": "x", "gone/csv": "x"})
    assert list(tmp_path.iterdir()) == []


def test_a_plan_that_cannot_be_written_leaves_the_older_one(monkeypatch, tmp_path):
    def full(draft, path):
        assert os.path.dirname(draft) == str(tmp_path)  # on the same file system, where replacing is atomic
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "plan").write_text("older")
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(_report_folder.FolderError, match=r"The plan cannot be written to .*/plan: No space left"):
        _report_folder.write_plan(str(tmp_path / "plan"), {})
    assert [path.read_text() for path in tmp_path.iterdir()] == ["older"]


def test_others_cannot_read_a_report_while_it_is_written(monkeypatch, tmp_path):
    monkeypatch.setattr(os, "fchmod", lambda file, mode: None)
    os.umask(0)
    [path] = _report_folder.write_reports(str(tmp_path), "report", {"html": "x"})
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o640


def test_a_second_report_of_the_same_name_overwrites_nothing(tmp_path):
    for text in ("first\r\n", "second\n", "third"):
        _report_folder.write_reports(str(tmp_path), "report", {"html": text, "csv": text})
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        f"report{number}.{ending}": text
        for number, text in {"": b"first\r\n", "-2": b"second\n", "-3": b"third"}.items()
        for ending in ("html", "csv")
    }


@pytest.mark.parametrize(
    ("title", "job", "name"),
    [
        ("../../etc/passwd", "../x", "etc_passwd-TIME-jobx"),
        ("..", "..", "report-TIME"),
        (".hidden", "7", "hidden-TIME-job7"),
        ("a/b\\c\0d\ne", "", "a_b_c_d_e-TIME"),
        ("X" * 300, "9" * 300, f"{'X' * 100}-TIME-job{'9' * 100}"),
    ],
)
def test_no_name_leaves_the_folder(run, tmp_path, title, job, name):
    folder = tmp_path / "inner" / "reports"
    hosts = {"shop": {"done": registered(order())}}
    run(hosts, results=["done"], path=str(folder), title=title, variables={"tower_job_id": job})
    names = {re.sub(r"\d{8}T\d{6}Z", "TIME", path.stem) for path in folder.iterdir()}
    assert names == {name}
    assert [path.name for path in tmp_path.iterdir()] == ["inner"]


def test_a_dry_run_writes_the_plans_of_all_hosts(run, tmp_path):
    plan_file = tmp_path / "plan.json"
    plan_file.write_text("older")
    hosts = {"a": {"done": registered(order(), plan=PLAN)}, "b": {"done": registered(plan=PLAN)}, "c": {}}
    result = run(hosts, check_mode=True, results=["done"], plan_file=str(plan_file))
    assert plan_file.read_text() == json.dumps({"plans": {"a": PLAN, "b": PLAN}}, indent=1)
    assert stat.S_IMODE(plan_file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]
    assert result["files"] == [str(plan_file)]
    assert result["summary"]["c"][-1] == f"Plan: {plan_file}. The same command without --check applies it."
    stats = result["ansible_stats"]
    assert stats["data"]["komfortkasse_plan"] == {"a": PLAN, "b": PLAN}
    assert (stats["per_host"], stats["aggregate"]) == (False, False)


def test_a_real_run_leaves_the_plan_file_alone(run, tmp_path):
    plan_file = tmp_path / "plan.json"
    result = run({"a": {"done": registered(order())}}, results=["done"], plan_file=str(plan_file))
    assert not plan_file.exists()
    assert result["ansible_stats"]["data"] == {
        "komfortkasse_summary": {**result["counts"], "check_mode": False, "shops": 1}
    }


def test_an_empty_option_counts_as_unset(run):
    hosts = {"shop": {"done": registered(order())}}
    assert run(hosts, results=["done"], path="", title="", kind="", unclear="", plan_file="")["files"] == []


@pytest.mark.parametrize("options", [{"api_key": "x"}, {"kind": "other"}, {"results": {"a": 1}}])
def test_an_option_that_is_invalid_is_refused(run, options):
    assert_refused(run(**options), next(iter(options)))


def test_an_old_core_is_refused(run, monkeypatch):
    monkeypatch.setattr(_action, "__version__", "2.15.13")
    assert_refused(run(), r"2\.15\.13")


UNCLEAR = [{"order_number": "U", "outcome": "skipped", "msg": "Its date is 'soon'."}]


@pytest.mark.parametrize(
    ("unclear", "variables"),
    [
        ("overdue", {"overdue": {"order_numbers": [], "unclear": UNCLEAR}}),
        ("overdue", {"overdue": UNCLEAR}),
        (UNCLEAR, {}),
        ({"order_numbers": [], "unclear": UNCLEAR}, {}),
        ({"first": UNCLEAR}, {}),
        ({"first": {"unclear": UNCLEAR}}, {}),
    ],
)
def test_orders_that_could_not_be_decided_are_left_alone(run, unclear, variables):
    hosts = {"first": {"done": registered(order()), **variables}, "second": {"done": registered(order())}}
    result = run(hosts, results=["done"], unclear=unclear)
    assert [host["counts"]["skipped"] for host in result["hosts"].values()] == [1, 0]
    assert "       U: Its date is 'soon'." in result["summary"]["first"]


PAYMENT = {
    "order_number": "L",
    "type": "PREPAYMENT",
    "payment_status": "CANCELLED",
    "amount_paid": 22.5,
    "amount": 22.5,
    "currency": "EUR",
    "last_posting": "2026-11-20",
    "cancelled": "2026-11-01T09:30:00.000+00:00",
    "cancelled_by": "alice",
}
LATE = {
    "found": [PAYMENT],
    "merely_overdue": [{**PAYMENT, "order_number": "I", "type": "INVOICE", "amount_paid": 5.0}],
    "unreadable": ["X", "Y"],
    "unreadable_journal_lines": 3,
    "sums": {"EUR": 22.5},
}


@pytest.mark.parametrize("late", [LATE, {"changed": False, "ansible_facts": {"late": LATE}}])
def test_late_payments_of_all_hosts(run, tmp_path, late):
    hosts = {"a": {"found": {"orders": []}, "late": late}, "b": {"found": {"failed": True, "msg": "No key."}}}
    result = run(hosts, results=["found", "late"], kind="late_payments", path=str(tmp_path))
    assert result["counts"] == {"found": 1, "merely_overdue": 1, "unreadable": 2, "unreadable_journal_lines": 3}
    assert result["failures"] == {"b": "No key."}
    assert result["summary"]["a"] == [
        "a: 1 cancelled order has money on it: 22.50 EUR",
        "    L: 22.50 EUR, last posting 2026-11-20, CANCELLED, cancelled 2026-11-01 by alice",
        "    Perhaps merely overdue: 1 invoice or cash on delivery order: 5.00 EUR",
        "    2 cancelled orders have no readable amountPaid: X, Y",
        "    3 lines of the journal cannot be read",
    ]
    assert result["summary"]["b"][1].endswith("1 cancelled order has money on it: 22.50 EUR; 1 shop FAILED")
    assert result["ansible_stats"]["data"] == {
        "komfortkasse_late_payments": {**result["counts"], "sums": {"EUR": 22.5}, "shops": {"a": 1, "b": 0}}
    }
    files = files_in(tmp_path)
    rows = list(csv.DictReader(io.StringIO(files["csv"].read_text(encoding="utf-8-sig")), delimiter=";"))
    assert [(row["list"], row["order_number"], row["amount_paid"]) for row in rows] == [
        ("found", "L", "22,50"),
        ("merely_overdue", "I", "5,00"),
        ("unreadable", "X", ""),
        ("unreadable", "Y", ""),
    ]
    assert "2026-11-01 09:30 UTC by" in files["html"].read_text()
