# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real runs of ansible-playbook into every fault, with all the verbosity there is: the key is in nothing they leave.

Looked through are stdout, stderr, Ansible's log, the journal, the reports, every file in the home and temporary
directories (with ANSIBLE_KEEP_REMOTE_FILES, so the modules as they were shipped, too), and the command lines of all
its processes while it runs. That every fault of the matrix keeps the key out of result and journal is checked by
truth.told_honestly.

What is not ours: a key that is given as an option is in the module's arguments, which Ansible writes to a temporary
file; therefore, and only there, those files are left out. With the key in the environment of ansible-playbook they hold
none. A key in the keyword ``environment`` of a task is in a command line, for Ansible puts it there.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ansible_collections.community.komfortkasse.plugins.module_utils import _client
from ansible_collections.community.komfortkasse.tests.unit.plugins.proof import scale, spellings
from ansible_collections.community.komfortkasse.tests.unit.plugins.proof.specimens import SPECIMENS

TREE = Path(__file__).resolve().parents[7]  # the directory that holds ansible_collections
SHIPPED = "remote"  # where Ansible puts modules and their arguments
STOPPERS = (401, 403)  # they end a run, so each is met by a task of its own
FQCN = "community.komfortkasse.komfortkasse_order"


def play(numbers, stoppers, journal, key):
    """A playbook that meets all faults."""
    common = {"state": "cancelled", "timeout": 1, "retries": 0, "journal_path": journal, "return_order": "full", **key}
    many = {"order_numbers": numbers, "max_failures": 0, **common}
    info = {"timeout": 1, "retries": 0, **key}
    tasks = [
        {FQCN: many, "check_mode": True},
        {FQCN: many},
        *({FQCN: {"order_number": number, **common}} for number in stoppers),
        {f"{FQCN}_info": {"order_numbers": numbers[-3:], **info}},
        {f"{FQCN}_info": {"payment_statuses": ["CANCELLED"], **info}},
    ]
    return [
        {
            "hosts": "localhost",
            "gather_facts": False,
            "tasks": [{"name": f"Task {n}", **task, "ignore_errors": True} for n, task in enumerate(tasks)],
        }
    ]


@pytest.fixture
def troubled(simulator):
    """Orders of which each meets a fault of its own; the numbers, those that end a run apart."""
    plan, numbers, stoppers = [], [], []
    for index, specimen in enumerate(SPECIMENS):
        number = f"S-{index}"
        (stoppers if specimen.get("status") in STOPPERS else numbers).append(number)
        for operation, when in (("getOrder", "before"), ("cancelOrder", "after")):
            skip = 2 if operation == "getOrder" else 0  # the preview and the first read are let through
            fault = specimen.fault("CANCELLED", operation=operation, when=when, order_number=number, skip=skip)
            plan.append({**fault, "times": None})
    simulator.control("POST", "/orders/demo-shop", [{"number": number} for number in numbers + stoppers])
    simulator.faults(*plan, {"kind": "echo_key_in_order", "operation": "readOrders", "times": None})
    return numbers, stoppers


@pytest.fixture
def ansible(simulator, tmp_path):
    """Return a function that runs ansible-playbook -vvvv, and returns what it printed and all command lines seen."""

    def run(*arguments, **environment):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "KOMFORTKASSE_"))}
        kept.update(
            HOME=str(tmp_path),
            PYTHONPATH=os.pathsep.join(filter(None, sys.path)),
            ANSIBLE_COLLECTIONS_PATH=str(TREE),
            ANSIBLE_LOG_PATH=str(tmp_path / "ansible.log"),
            ANSIBLE_KEEP_REMOTE_FILES="1",
            ANSIBLE_REMOTE_TMP=str(tmp_path / SHIPPED),
            ANSIBLE_LOCAL_TEMP=str(tmp_path / "local"),
            ANSIBLE_PYTHON_INTERPRETER=sys.executable,
            KOMFORTKASSE_API_URL=simulator.api_url,
            **environment,
        )
        command = [sys.executable, "-m", "ansible.cli.playbook", "-vvvv", "--diff", *arguments]
        out, lines = tmp_path / "stdout", set()
        with out.open("wb") as printed:
            process = subprocess.Popen(command, env=kept, cwd=str(tmp_path), stdout=printed, stderr=subprocess.STDOUT)
            while process.poll() is None:
                lines |= command_lines(process.pid)
                time.sleep(0.1)
        return out.read_text(), lines

    return run


def command_lines(pid):
    """The command lines of a process and all that it has started, at this moment."""
    folder = Path("/proc") / str(pid)
    try:
        found = {(folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")}
        children = [child for task in folder.glob("task/*/children") for child in task.read_text().split()]
    except OSError:
        return set()  # it has ended
    return found.union(*(command_lines(child) for child in children))


def left_behind(folder, but):
    """Every file that a run has left, but those in the directories of these names."""
    files = [path for path in folder.rglob("*") if path.is_file() and not set(path.relative_to(folder).parts) & {*but}]
    return {str(path.relative_to(folder)): path.read_bytes().decode("latin-1") for path in files}


@pytest.mark.parametrize("given_as", ["environment", *(["option"] if scale.FULL else [])])
def test_the_key_is_in_nothing_that_a_run_leaves(simulator, troubled, ansible, tmp_path, given_as):
    numbers, stoppers = troubled
    key = simulator.api_key
    by_option = given_as == "option"
    lookup = {"api_key": "{{ lookup('ansible.builtin.env', 'SHOP_KEY') }}"} if by_option else {}
    playbook = tmp_path / "play.yml"
    playbook.write_text(json.dumps(play(numbers, stoppers, str(tmp_path / "journal.jsonl"), lookup)))
    printed, lines = ansible(str(playbook), **{"SHOP_KEY" if by_option else "KOMFORTKASSE_API_KEY": key})
    assert "********" in printed
    assert f"S-{len(SPECIMENS) - 1}" in printed
    assert "Traceback" not in printed
    assert {entry["order_number"] for entry in simulator.log("POST")} == {*numbers, *stoppers}
    assert any("ansible" in line and str(playbook) in line for line in lines)
    spellings.assert_absent(key, *lines)
    files = left_behind(tmp_path, [SHIPPED, "local"] if by_option else [])
    assert {"ansible.log", "journal.jsonl", "stdout"} <= set(files)
    assert any(name.startswith(SHIPPED) for name in files) != by_option
    for text in files.values():
        spellings.assert_absent(key, text)


def test_the_key_is_in_no_report(simulator, troubled, ansible, tmp_path):
    numbers, _stoppers = troubled
    variables = {
        "komfortkasse_order_numbers": numbers,
        "komfortkasse_report_dir": str(tmp_path / "reports"),
        "komfortkasse_journal_path": str(tmp_path / "journal.jsonl"),
    }
    (tmp_path / "variables.json").write_text(json.dumps(variables))
    environment = {"KOMFORTKASSE_API_KEY": simulator.api_key, "KOMFORTKASSE_TIMEOUT": "1"}
    _printed, lines = ansible(
        "community.komfortkasse.cancel_orders", "-e", f"@{tmp_path}/variables.json", **environment
    )
    spellings.assert_absent(simulator.api_key, *lines)
    files = left_behind(tmp_path, [])
    assert {Path(name).suffix for name in files if name.startswith("reports")} >= {".csv", ".json", ".html"}
    for text in files.values():
        spellings.assert_absent(simulator.api_key, text)


@pytest.mark.parametrize("many", [False, True])
def test_a_crash_does_not_tell_the_key(simulator, run_module, connection, journal, monkeypatch, many):
    ways = spellings.spellings(simulator.api_key)
    spelt = [ways[way] for way in ("plain", "URL-encoded throughout", "in JSON escapes", "in hexadecimal")]
    spelt += [base64.b64encode(f"{before}{simulator.api_key}.".encode()).decode() for before in ("", ".", "..")]

    def crash(*_arguments):
        raise RuntimeError(f"fault of ours with {' and '.join(spelt)}")

    monkeypatch.setattr(_client.Client, "change_order", crash)
    numbers = {"order_numbers": ["2026-0815", "2026-0816"]} if many else {"order_number": "2026-0815"}
    result = run_module(**connection, **numbers, state="cancelled", journal_path=journal.path)
    assert "please report it: RuntimeError: fault of ours with ********" in result["msg"]
    spellings.assert_absent(simulator.api_key, result, journal())
