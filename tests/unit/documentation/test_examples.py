# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in the documentation run: those of each plugin as one playbook, against the simulator.

A new example is picked up by itself. Where it needs an order, take one that tests/simulator/orders.yml has; files that
it reads are FILES here.
"""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from ansible_collections.community.komfortkasse.tests.unit.contract import Contract

ROOT = Path(__file__).resolve().parents[3]
PLUGINS = {
    **{path.stem: path for path in [*ROOT.glob("plugins/modules/*.py"), *ROOT.glob("plugins/filter/*.yml")]},
    "lookup/order_numbers": ROOT / "plugins" / "lookup" / "order_numbers.py",
}

FILES = {
    "cancelled.txt": b"# Called off this week\n2026-0817\n2026-0701\n1999-0001\n",
    "orders.txt": b"2026-0818\n",
    "cancelled.csv": "\ufeffBestellnummer;Käufer\r\n0123;Müller\r\n2026/0816;Doe\r\n".encode(),
    "failed.csv": b'\xef\xbb\xbf"shop";"order_number"\r\n"localhost";"A 1001"\r\n',
}
ORDERS = [
    {"number": "#1001", "type": "PREPAYMENT"},
    {"number": "A 1001", "type": "PREPAYMENT"},
    {"number": "O-1", "type": "PREPAYMENT", "age": 31},
    {"number": "O-2", "type": "PREPAYMENT", "age": 300},
    {"number": "O-3", "type": "INVOICE", "age": 31},
    {"number": "O-4", "type": "PREPAYMENT", "age": 30},
]
# What the example for prepaid orders that are older than 30 days makes of these.
OLDER_THAN_30_DAYS = {"O-1": "CANCELLED", "O-2": "CANCELLED", "O-3": "UNPAID", "O-4": "UNPAID"}


def examples_of(plugin):
    """The examples as text. They are not read with Ansible's own means, which would make this process a controller."""
    path = PLUGINS[plugin]
    if path.suffix == ".yml":
        return yaml.safe_load(path.read_text(encoding="utf-8"))["EXAMPLES"]
    plugins = "ansible_collections.community.komfortkasse.plugins"
    return importlib.import_module(f"{plugins}.{path.parent.name}.{path.stem}").EXAMPLES


def tasks_in(tasks):
    """All tasks, those in blocks included."""
    return [found for task in tasks for found in (tasks_in(task["block"]) if "block" in task else [task])]


@pytest.fixture
def play(simulator, tmp_path):
    """Return a function that runs tasks with ansible-playbook and returns what it prints."""
    simulator.control("POST", "/orders/demo-shop", ORDERS)
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "inventory").write_text(
        f"localhost ansible_connection=local ansible_python_interpreter={sys.executable}\n"
    )
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "KOMFORTKASSE_"))
    }
    environment.update(
        ANSIBLE_COLLECTIONS_PATH=str(ROOT.parents[2]),
        ANSIBLE_HOME=str(tmp_path / "home"),
        ANSIBLE_NOCOLOR="1",
        ANSIBLE_PIPELINING="1",
        KOMFORTKASSE_API_KEY=simulator.api_key,
        KOMFORTKASSE_API_URL=simulator.api_url,
        PYTHONPATH=os.pathsep.join(filter(None, sys.path)),
    )

    def run(tasks):
        for task in tasks_in(tasks):
            if "delay" in task:  # how long it takes is not what is tested
                task["delay"] = 0
        variables = {"vault_komfortkasse_api_key": simulator.api_key}
        playbook = tmp_path / "playbook.yml"
        playbook.write_text(
            yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": tasks}])
        )
        ended = subprocess.run(
            [sys.executable, "-m", "ansible.cli.playbook", "-i", "inventory", playbook.name],
            cwd=tmp_path,
            env=environment,
            text=True,
            capture_output=True,
            timeout=300,
            check=False,
        )
        assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout + ended.stderr
        return ended.stdout

    return run


@pytest.mark.parametrize("plugin", sorted(PLUGINS))
def test_the_examples_run(simulator, play, plugin):
    examples = examples_of(plugin)
    assert f"community.komfortkasse.{PLUGINS[plugin].stem}" in examples
    tasks = yaml.safe_load(examples)
    # Somebody pays the order that is waited for, after the first look at it.
    simulator.faults(
        {"kind": "outside_change", "payment_status": "PAID", "operation": "getOrder", "order_number": "2026-0820"}
    )
    printed = play(tasks)
    recap = dict(re.findall(r"(\w+)=(\d+)", printed.rpartition("PLAY RECAP")[2]))
    assert int(recap["ok"]) == len(tasks_in(tasks)) > 0, printed
    assert (recap["failed"], recap["skipped"], recap["ignored"]) == ("0", "0", "0"), printed
    assert "WARNING" not in printed, printed
    Contract.load().check(simulator.log())
    if plugin == "overdue_orders":
        orders = simulator.orders()
        assert {number: orders[number]["paymentStatus"] for number in OLDER_THAN_30_DAYS} == OLDER_THAN_30_DAYS
