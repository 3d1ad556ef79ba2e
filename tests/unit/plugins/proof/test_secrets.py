# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real runs of ansible-playbook into every fault, with all the verbosity there is: the key is in nothing they leave.

Looked through are stdout, stderr, Ansible's log, the journal, the reports, every file in the home and temporary
directories (with ANSIBLE_KEEP_REMOTE_FILES, so the modules as they were shipped, too), and the command lines of all
its processes while it runs. What goes to the system log, and what a crash prints, is seen in this process. That
every fault of the matrix keeps the key out of result and journal is checked by truth.told_honestly.

What is not ours: a key that is given as an option is in the module's arguments, which Ansible writes to a temporary
file; therefore, and only there, those files are left out. With the key in the environment of ansible-playbook they hold
none. A key in the keyword ``environment`` of a task is in a command line, for Ansible puts it there.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import syslog
import time
import traceback
from pathlib import Path

import pytest

from ansible.module_utils import basic

from ansible_collections.community.komfortkasse.plugins.module_utils import _fresh_orders, _results
from ansible_collections.community.komfortkasse.plugins.module_utils._module import KomfortkasseModule
from ansible_collections.community.komfortkasse.plugins.modules import komfortkasse_order, komfortkasse_order_info
from ansible_collections.community.komfortkasse.plugins.plugin_utils import _report, _report_files
from ansible_collections.community.komfortkasse.plugins.plugin_utils._report_shop import shop_of
from ansible_collections.community.komfortkasse.tests.unit.module_args import patch_module_args
from ansible_collections.community.komfortkasse.tests.unit.plugins import spellings
from ansible_collections.community.komfortkasse.tests.unit.plugins.conftest import read_result
from ansible_collections.community.komfortkasse.tests.unit.plugins.specimens import SPECIMENS

TREE = Path(__file__).resolve().parents[7]  # the directory that holds ansible_collections
SHIPPED = "remote"  # where Ansible puts modules and their arguments
STOPPERS = (401, 403)  # they end a run, so each is met by a task of its own
FQCN = "community.komfortkasse.komfortkasse_order"
# From this many orders on, a list is read, after the first of them.
MISSING = [f"missing-{n}" for n in range(_fresh_orders.LIST_FROM)]
UNREAD = (
    "told.results | selectattr('previous_payment_status', 'none') | map(attribute='order_number')"
    " | select('match', 'S-') | list"
)


def in_turn(specimen):
    """Those that tell the key first, for failures of the service end a run, and those that end any last."""
    return specimen.get("status") in STOPPERS, not specimen.kind.startswith("echo_key")


TURNS = sorted(SPECIMENS, key=in_turn)


def play(numbers, stoppers, echoing, folder, key):
    """A playbook that meets all faults, and writes the outcomes of most orders to told.json."""
    # Long enough for a busy machine: an order that cannot be read would not meet its fault.
    common = {"state": "cancelled", "timeout": 8, "retries": 0, "journal_path": f"{folder}/journal.jsonl", **key}
    common["return_order"] = "full"
    many = {"order_numbers": MISSING + numbers, "max_failures": 0, **common}
    info = {"timeout": 2, "retries": 0, **key}
    tasks = [
        {FQCN: many, "check_mode": True},
        {FQCN: many, "register": "told"},
        # A server may close an idle connection just as an order is read on it: that one meets its fault now.
        {FQCN: {**common, "order_numbers": f"{{{{ {UNREAD} }}}}"}},
        {"ansible.builtin.copy": {"content": "{{ told | to_json }}", "dest": f"{folder}/told.json"}},
        *({FQCN: {"order_number": number, **common}} for number in stoppers),
        {f"{FQCN}_info": {"order_numbers": numbers[-3:], **info}},
        {f"{FQCN}_info": {"order_numbers": ["{{ item }}"], **info}, "loop": echoing},
        # Each list meets a fault of its own, and the first two were read before the many orders.
        {f"{FQCN}_info": {"payment_statuses": ["CANCELLED"], **info}, "loop": list(range(2, len(TURNS)))},
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
    """Orders of which each meets a fault of its own, R-... when it is read and S-... when it is changed.

    Returns: the numbers but of those that end a run; these; of the first, those whose answers tell the key when read.
    """
    plan, numbers, stoppers, echoing = [], [], [], []
    for index, specimen in enumerate(TURNS):
        if in_turn(specimen) == (False, False):
            echoing.append(f"R-{index}")
        for number, operation, when in (
            (f"R-{index}", "getOrder", "before"),
            (f"S-{index}", "cancelOrder", "after"),
        ):
            (stoppers if specimen.get("status") in STOPPERS else numbers).append(number)
            fault = specimen.fault("CANCELLED", operation=operation, when=when, order_number=number)
            plan.append({**fault, "times": None})
    simulator.control("POST", "/orders/demo-shop", [{"number": number} for number in numbers + stoppers])
    simulator.faults(*plan, *(specimen.fault("CANCELLED", operation="readOrders") for specimen in TURNS))
    return numbers, stoppers, echoing


@pytest.fixture
def ansible(simulator, tmp_path):
    """Return a function that runs ansible-playbook -vvvvvv, and returns what it printed and all command lines seen."""

    def run(*arguments, **environment):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "KOMFORTKASSE_"))}
        kept.update(
            HOME=str(tmp_path),
            TMPDIR=str(tmp_path),
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
        command = [sys.executable, "-m", "ansible.cli.playbook", "-vvvvvv", "--diff", *arguments]
        out, lines = tmp_path / "stdout", set()
        with out.open("wb") as printed:
            process = subprocess.Popen(command, env=kept, cwd=str(tmp_path), stdout=printed, stderr=subprocess.STDOUT)
            while process.poll() is None:
                lines |= command_lines(process.pid)
                time.sleep(0.02)
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
    """Every file that a run has left, except in the directories of these names."""
    files = [path for path in folder.rglob("*") if path.is_file() and not set(path.relative_to(folder).parts) & {*but}]
    return {str(path.relative_to(folder)): path.read_bytes().decode("latin-1") for path in files}


def seen(lines, *words):
    """Tell whether a process was seen that has all these words in its command line."""
    return any(all(word in line for word in words) for line in lines)


@pytest.mark.parametrize("given_as", ["environment", "option"])
def test_the_key_is_in_nothing_that_a_run_leaves(simulator, troubled, ansible, tmp_path, given_as):
    numbers, stoppers, echoing = troubled
    key = simulator.api_key
    by_option = given_as == "option"
    lookup = {"api_key": "{{ lookup('ansible.builtin.env', 'SHOP_KEY') }}"} if by_option else {}
    playbook = tmp_path / "play.yml"
    playbook.write_text(json.dumps(play(numbers, stoppers, echoing, tmp_path, lookup)))
    environment = {"SHOP_KEY": key} if by_option else {"KOMFORTKASSE_API_KEY": key, "ANSIBLE_DEBUG": "1"}
    printed, lines = ansible(str(playbook), **environment)
    assert "********" in printed
    assert f"S-{len(SPECIMENS) - 1}" in printed
    assert "Traceback" not in printed
    assert {entry["order_number"] for entry in simulator.log() if entry["fault"]} >= {*numbers, *stoppers}
    assert all(fault["hits"] for fault in simulator.faults())
    assert seen(lines, "ansible", str(playbook))
    for module in ("komfortkasse_order", "komfortkasse_order_info"):
        assert seen(lines, f"/AnsiballZ_{module}.py")
    spellings.assert_absent(key, *lines)
    files = left_behind(tmp_path, [SHIPPED, "local"] if by_option else [])
    assert {"ansible.log", "journal.jsonl", "stdout"} <= set(files)
    assert any(name.startswith(SHIPPED) for name in files) != by_option
    for text in files.values():
        spellings.assert_absent(key, text)
    told = json.loads(files["told.json"])
    assert {result["order_number"] for result in told["results"]} == {*numbers, *MISSING}
    head = {"title": "x", "kind": "cancellation", "check_mode": False, "time": "2026-11-01T10:00:00Z"}
    head.update(local_time="", user="alice", job="")
    report = _report.report([shop_of("demo-shop", [told])], head)
    texts = [write(report) for write in _report_files.WRITERS.values()]
    assert all("********" in text for text in texts)
    spellings.assert_absent(key, *texts)


@pytest.fixture
def run(connection, capsys):
    """Return a function that runs a module in this process, which has to end in good order, and returns its result."""

    def run_module(module, **options):
        with patch_module_args({**connection, **options}), pytest.raises(SystemExit):
            module.main()
        printed = capsys.readouterr()
        assert printed.err == ""
        return read_result(printed.out)

    return run_module


@pytest.fixture
def telling(simulator):
    """Options for orders of which one comes with the key in it, and one is refused with words that tell the key."""
    numbers = ["2026-0815", "2026-0816"]
    kinds = ("echo_key_in_order", "echo_key")
    simulator.faults(*({"kind": kind, "order_number": number, "times": None} for kind, number in zip(kinds, numbers)))
    return {"order_numbers": numbers, "retries": 0}


def test_the_key_is_not_in_the_system_log(simulator, telling, run, monkeypatch):
    logged = []
    monkeypatch.setattr(basic, "has_journal", False)
    monkeypatch.setattr(syslog, "syslog", lambda _priority, text: logged.append(text))
    for module, options in ((komfortkasse_order, {"state": "cancelled"}), (komfortkasse_order_info, {})):
        logged.append("")
        assert "********" in run(module, **options, **telling, _ansible_debug=True)["msg"]
        assert re.search(r"api_key=(NOT_LOGGING_PARAMETER|\$REDACTED\$) ", logged[-1])  # the latter from 2.22 on
    spellings.assert_absent(simulator.api_key, logged)


@pytest.mark.parametrize("only_read", [False, True])
def test_a_crash_in_the_end_does_not_tell_the_key(simulator, connection, telling, capsys, monkeypatch, only_read):
    """All that a module has to tell is in the message here, which Python prints with the stack."""

    def crash(teller, **told):
        raise RuntimeError(f"bug in our code with {teller} {told}")

    if only_read:
        monkeypatch.setattr(KomfortkasseModule, "fail_json", crash)
    else:
        monkeypatch.setattr(_results.Report, "as_dict", crash)
    module = komfortkasse_order_info if only_read else komfortkasse_order
    options = {} if only_read else {"state": "cancelled", "return_order": "full"}
    with (
        patch_module_args({**connection, **telling, **options}),
        pytest.raises(RuntimeError, match="bug in our code") as error,
    ):
        module.main()
    printed = "".join([*traceback.format_exception(error.value), *capsys.readouterr()])
    assert "********" in printed
    spellings.assert_absent(simulator.api_key, printed)
