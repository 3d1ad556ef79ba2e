# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal: the only record of what was changed, and so a condition of changing anything."""

from __future__ import annotations

import datetime
import errno
import fcntl
import json
import os
import pwd
import signal
import stat
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from ansible_collections.community.komfortkasse.plugins.module_utils import _journal
from ansible_collections.community.komfortkasse.plugins.module_utils._client import Client
from ansible_collections.community.komfortkasse.plugins.module_utils._journal import (
    Journal,
    JournalError,
    login_name,
)
from ansible_collections.community.komfortkasse.plugins.module_utils._redact import Redactor

KEYS = {
    "time",
    "event",
    "order_number",
    "state",
    "outcome",
    "previous_payment_status",
    "payment_status",
    "http_status",
    "msg",
    "shop",
    "user",
}


PATIENT = "import ansible_collections.community.komfortkasse.plugins.module_utils._journal as journal"
PATIENT += "; journal.LOCK_SECONDS = 3600"


def wait_until(condition, process):
    """Wait for something that a process does."""
    deadline = time.monotonic() + 60
    while not condition():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)


def story(lines):
    """What a journal says, without the times."""
    return [(line["event"], line["order_number"], line["outcome"], line["payment_status"]) for line in lines]


def test_a_change_has_a_line_before_and_after(order, journal):
    began = datetime.datetime.now(datetime.timezone.utc)
    order(journal_path=journal.path, _ansible_check_mode=False)
    lines = journal()
    assert [set(line) for line in lines] == [KEYS, KEYS]
    assert story(lines) == [
        ("attempt", "2026-0815", None, "UNPAID"),
        ("result", "2026-0815", "changed", "CANCELLED"),
    ]
    assert {line["previous_payment_status"] for line in lines} == {"UNPAID"}
    assert {line["state"] for line in lines} == {"cancelled"}
    times = [datetime.datetime.fromisoformat(line["time"]) for line in lines]
    assert times[0].utcoffset() == datetime.timedelta(0)
    slack = datetime.timedelta(seconds=1)
    assert began - slack <= times[0] <= times[1] <= datetime.datetime.now(datetime.timezone.utc) + slack
    assert stat.S_IMODE(Path(journal.path).stat().st_mode) == 0o600


def test_the_attempt_is_on_disk_before_the_request_is_sent(simulator, start_module, journal):
    simulator.faults({"kind": "delay", "delay": 5, "operation": "cancelOrder"})
    process = start_module(order_number="2026-0815", journal_path=journal.path)
    while not simulator.log("POST"):
        assert process.poll() is None
    process.kill()
    assert story(journal()) == [("attempt", "2026-0815", None, "UNPAID")]


def test_no_change_leaves_no_line(order, journal):
    order("2026-0601", journal_path=journal.path)
    order("2026-0701", journal_path=journal.path, only_from=["UNPAID"])
    order("nowhere", journal_path=journal.path)
    assert journal() == []


def test_lines_are_appended_and_a_mode_is_kept(order, journal):
    path = Path(journal.path)
    path.write_text('{"old": 1}\n{"cut o')  # as a full disk leaves it
    path.chmod(0o644)
    order(journal_path=journal.path)
    first, cut, *lines = path.read_text().splitlines()
    assert (first, cut) == ('{"old": 1}', '{"cut o')
    assert story(map(json.loads, lines)) == [
        ("attempt", "2026-0815", None, "UNPAID"),
        ("result", "2026-0815", "changed", "CANCELLED"),
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_every_order_that_the_journal_lacks_is_named(simulator, orders, journal, monkeypatch):
    """The journal breaks while four changes are under way: all four took effect, and none was recorded."""
    numbers = simulator.generate(4)
    everybody = threading.Barrier(4)

    def write(self, event, *told, **more):
        if event == "result":
            everybody.wait(60)
            raise JournalError("The journal cannot be written: the disk is full.")

    monkeypatch.setattr(Journal, "write", write)
    result = orders(numbers, journal_path=journal.path, concurrency=4)
    assert result["failed"]
    assert result["summary"]["changed"] == 4
    missing = {f"{number} (changed)" for number in numbers}
    told, _between, named = result["msg"].partition(" It lacks the results of these orders: ")
    assert told == "The journal cannot be written: the disk is full."
    assert set(named.partition(". No further change was started.")[0].split(", ")) == missing
    assert named.endswith(". No further change was started.")


@pytest.mark.parametrize(("cut_off", "words"), [(False, "No space left on device"), (True, "the disk is full")])
def test_a_full_disk_stops_all(simulator, orders, journal, monkeypatch, cut_off, words):
    numbers = simulator.generate(10)

    def write(_file, line):
        if cut_off:
            return len(line) - 1
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", write)
        result = orders(numbers, journal_path=journal.path, concurrency=2)
    assert result["failed"]
    assert not result["changed"]
    assert simulator.log("POST") == []
    problem = f"The journal {journal.path} cannot be written: {words}."
    assert problem in result["msg"]
    assert result["stopped"] == "No further change was started."
    assert {entry["outcome"] for entry in result["results"]} == {"failed", "not_attempted"}
    assert f"Was left alone: {problem}" in {entry.get("msg") for entry in result["results"]}
    assert "Traceback" not in str(result)


def test_several_runs_share_a_journal(tmp_path):
    path = str(tmp_path / "journal")
    journals = [Journal(path, threading.Event()) for _index in range(4)]

    def fill(journal):
        for index in range(50):
            journal.write("attempt", f"{index}", "cancelled", msg="x" * 3000)
        journal.close()

    threads = [threading.Thread(target=fill, args=(journal,)) for journal in journals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([json.loads(line) for line in Path(path).read_text().splitlines()]) == 200


@pytest.mark.parametrize(
    ("environment", "user"),
    [
        ({"LOGNAME": "erika", "USER": "root"}, "erika"),
        ({"USER": "erika"}, "erika"),
        ({"LOGNAME": ""}, "of the uid"),
    ],
)
def test_each_line_names_the_shop_and_who_did_it(journal, monkeypatch, environment, user):
    monkeypatch.setattr(pwd, "getpwuid", lambda _uid: SimpleNamespace(pw_name="of the uid"))
    for name in ("LOGNAME", "USER"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    Journal(journal.path, threading.Event(), "shop-a").write("attempt", "1001", "cancelled")
    assert [(line["shop"], line["user"]) for line in journal()] == [("shop-a", user)]


def test_a_uid_without_a_name_is_named_by_its_number(monkeypatch):
    def unknown(_uid):
        raise KeyError

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    for name in ("LOGNAME", "USER"):
        monkeypatch.delenv(name, raising=False)
    assert login_name() == f"uid {os.getuid()}"


@pytest.mark.parametrize("kind", ["device", "pipe", "folder", "nowhere", "link", "link to nothing"])
def test_what_is_no_regular_file_is_refused_before_anything_is_sent(simulator, order, tmp_path, kind):
    path, target = tmp_path / "journal", tmp_path / "target"
    words = " is not a regular file"
    if kind == "device":
        path = Path("/dev/null")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
        words = " cannot be opened: Is a directory"
    elif kind == "nowhere":
        path = path / "journal"
        words = " cannot be opened: No such file or directory"
    else:
        path.symlink_to(target)
        words = " cannot be opened: it is a symbolic link"
        if kind == "link":
            target.touch()
    result = order(journal_path=str(path))
    assert result["msg"] == f"The journal {path}{words}. Nothing was changed."
    assert result["results"][0]["outcome"] == "not_attempted"
    assert simulator.log() == []
    assert not target.exists() or target.read_bytes() == b""


@pytest.mark.parametrize("replaced", [False, True])
def test_a_journal_that_is_removed_or_replaced_stops_the_run(simulator, orders, journal, monkeypatch, replaced):
    first, second, third = simulator.generate(3)
    get_order = Client.get_order

    def remove(self, number, *query):
        if number == second:
            Path(journal.path).unlink()
            if replaced:
                Path(journal.path).write_text("")
        return get_order(self, number, *query)

    monkeypatch.setattr(Client, "get_order", remove)
    result = orders([first, second, third], journal_path=journal.path, concurrency=1)
    problem = f"The journal {journal.path} cannot be written: it was removed or replaced."
    assert [entry["outcome"] for entry in result["results"]] == ["changed", "failed", "not_attempted"]
    assert result["results"][1]["msg"] == f"Was left alone: {problem}"
    assert [entry["order_number"] for entry in simulator.log("POST")] == [first]
    assert not replaced or Path(journal.path).read_text() == ""


def test_after_a_line_that_failed_no_other_is_written(journal, monkeypatch):
    writer = Journal(journal.path, threading.Event())
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", lambda _file, line: len(line) - 1)
        with pytest.raises(JournalError, match="the disk is full"):
            writer.write("attempt", "1001", "cancelled")
    with pytest.raises(JournalError, match="an earlier line could not be written"):
        writer.write("attempt", "1002", "cancelled")
    assert journal() == []


def test_the_lock_is_free_between_two_lines(journal):
    writer = Journal(journal.path, threading.Event())
    writer.write("attempt", "1001", "cancelled")
    with open(journal.path, "rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    writer.close()


@pytest.fixture
def locked(journal):
    """Hold the lock on the journal as another process would."""
    with open(journal.path, "w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.mark.usefixtures("locked")
def test_a_lock_that_is_never_released_stops_the_run(simulator, orders, journal, monkeypatch):
    monkeypatch.setattr(_journal, "LOCK_SECONDS", 0.1)
    numbers = simulator.generate(3)
    result = orders(numbers, journal_path=journal.path, concurrency=1)
    assert [entry["outcome"] for entry in result["results"]] == ["failed", "not_attempted", "not_attempted"]
    assert f"The journal {journal.path} cannot be written: another process holds its lock." in result["msg"]
    assert simulator.log("POST") == []


@pytest.mark.usefixtures("locked")
def test_a_signal_ends_the_wait_for_a_lock(simulator, start_module, finish, journal):
    [number] = simulator.generate(1)
    process = start_module(f"{PATIENT}\n", order_number=number, journal_path=journal.path)
    wait_until(lambda: simulator.log("GET"), process)
    process.send_signal(signal.SIGTERM)
    result = finish(process)
    assert result["stopped"] == result["msg"] == "The run was stopped by SIGTERM."
    assert result["results"][0]["outcome"] == "not_attempted"
    assert result["payment_status"] == "UNPAID"
    assert simulator.log("POST") == []
    assert journal() == []


def test_a_line_contains_neither_the_key_nor_half_a_character(tmp_path):
    key = "demo-key-0000-for-the-simulator-"
    journal = Journal(str(tmp_path / "journal"), threading.Event(), None, Redactor(key))
    journal.write("result", "1001", "cancelled", msg=f"by {key} \ud83d", payment_status=key.replace("-", "%2D"))
    journal.close()
    line = json.loads((tmp_path / "journal").read_text())
    assert (line["msg"], line["payment_status"]) == ("by ******** \ufffd", "********")
