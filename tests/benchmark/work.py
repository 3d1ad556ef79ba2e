# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator, and the commands that are measured against it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
MEASURED = HERE / "measured.py"
API_KEY = "demo-key-0000-for-the-simulator-"
LATENCY_MS = 20
MODULE = "community.komfortkasse.komfortkasse_order"
EMPTY_MODULE = """
from ansible.module_utils.basic import AnsibleModule
AnsibleModule(argument_spec={"order_number": {}, "state": {}}).exit_json()
"""
ORDER_URL = "{{ lookup('ansible.builtin.env', 'KOMFORTKASSE_API_URL') }}/order/"
KEY_HEADER = {"X-Komfortkasse-API-Key": "{{ lookup('ansible.builtin.env', 'KOMFORTKASSE_API_KEY') }}"}

Task = dict[str, Any]


@dataclass
class Measured:
    """One run: seconds of the whole command, requests that arrived, and the memory of its largest process."""

    wall: float
    requests: int
    peak_mb: float


def nothing() -> list[Task]:
    """Tasks of a playbook that does nothing."""
    return [{"ansible.builtin.meta": "noop"}]


def empty_module(number: str) -> list[Task]:
    """A module that does nothing."""
    return [{"empty_module": {"order_number": number, "state": "cancelled"}}]


def uri(number: str) -> list[Task]:
    """What people write without this collection: read an order, and cancel it if it is not cancelled yet."""
    read: Task = {"ansible.builtin.uri": {"url": ORDER_URL + number, "headers": KEY_HEADER}, "register": "read"}
    cancel = {"url": f"{ORDER_URL}{number}/cancel", "method": "POST", "headers": KEY_HEADER}
    return [read, {"ansible.builtin.uri": cancel, "when": "read.json.paymentStatus != 'CANCELLED'"}]


def one(number: str) -> list[Task]:
    """Our module for one order."""
    return [{MODULE: {"order_number": number, "state": "cancelled"}}]


def many(numbers: list[str], workers: int, **options: Any) -> list[Task]:
    """Our module for many orders, in one batch."""
    usual = {"state": "cancelled", "only_from": ["UNPAID"], "batch_size": max(len(numbers), 1)}
    return [{MODULE: {**usual, "order_numbers": numbers, "concurrency": workers, **options}}]


class Bench:
    """A simulator with some shops, and the runs against it."""

    def __init__(self, folder: Path, shops: int) -> None:
        self._folder, self._shops = folder, [f"shop-{serial:03d}" for serial in range(1, shops + 1)]
        ready_file = folder / "ready.json"
        command = [sys.executable, "-m", "simulator", "--exit-on-stdin-eof", "--ready-file", str(ready_file)]
        self._simulator = subprocess.Popen(
            [*command, "--shops", str(shops), "--latency-ms", str(LATENCY_MS)],
            cwd=HERE.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        while not ready_file.exists():
            if self._simulator.poll() is not None:
                sys.exit("The simulator did not start; what it said is above.")
            time.sleep(0.05)
        ready = json.loads(ready_file.read_text())
        self._control_url = ready["control_url"]
        self._environment = {
            **os.environ,
            "ANSIBLE_LIBRARY": str(folder / "library"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "KOMFORTKASSE_API_URL": ready["api_url"],
            "KOMFORTKASSE_API_KEY": API_KEY,
        }
        (folder / "library").mkdir()
        (folder / "library" / "empty_module.py").write_text(EMPTY_MODULE)

    def fresh_orders(self, count: int, beside: int = 0) -> list[str]:
        """Forget all orders and make new ones, beside others that are cancelled."""
        self._control("POST", "/reset")
        self.generate(beside, prefix="C", paymentStatus="CANCELLED")
        return self.generate(count)

    def bare(self, how: str, numbers: list[str], workers: int) -> Measured:
        """Run a script without Ansible."""
        listed = self._folder / "numbers.json"
        listed.write_text(json.dumps(numbers))
        name = f"{how}, {len(numbers)} orders, {workers} workers"
        return self._measured(name, [sys.executable, str(HERE / "bare.py"), how, str(listed), str(workers)])

    def tasks(self, name: str, tasks: list[Task], hosts: str = "localhost", memory_of_module: bool = False) -> Measured:
        """Run a playbook of these tasks. ``memory_of_module``: not of the largest process (costs a start of Python)."""
        playbook, peak = self._folder / "playbook.yml", self._folder / "peak_of_module"
        playbook.write_text(json.dumps([{"hosts": hosts, "gather_facts": False, "tasks": tasks}]))
        interpreter = Path(sys.executable)
        if memory_of_module:
            interpreter = self._folder / "python"
            command = f'"{sys.executable}" "{MEASURED}" "{peak}" "{sys.executable}" "$@"'
            interpreter.write_text(f"#!/bin/sh\nexec {command}\n")
            interpreter.chmod(0o700)
        options = ["-e", f"ansible_python_interpreter='{interpreter}'", *self._inventory(hosts)]
        measured = self._measured(name, ["ansible-playbook", *options, str(playbook)])
        if memory_of_module:
            measured.peak_mb = float(peak.read_text())
        return measured

    def cancel_orders(self, name: str, numbers: list[str], workers: int, hosts: str = "localhost") -> Measured:
        """Run the playbook cancel_orders with a report."""
        variables = {
            "komfortkasse_order_numbers": numbers,
            "komfortkasse_max_changes": len(numbers),
            "komfortkasse_concurrency": workers,
            "komfortkasse_hosts": "" if hosts == "localhost" else hosts,
        }
        return self.playbook(name, "cancel_orders", variables, hosts)

    def playbook(self, name: str, playbook: str, variables: Mapping[str, Any], hosts: str = "localhost") -> Measured:
        """Run a playbook of the collection with a report."""
        given = self._folder / "variables.json"
        given.write_text(json.dumps({"komfortkasse_report_dir": str(self._folder / "reports"), **variables}))
        command = ["ansible-playbook", "-e", f"@{given}", *self._inventory(hosts)]
        return self._measured(name, [*command, f"community.komfortkasse.{playbook}"])

    def shops(self, count: int) -> list[str]:
        """Forget all orders, and make the same new ones in each shop."""
        self._control("POST", "/reset")
        numbers: list[str] = []
        for shop in self._shops:
            numbers = self.generate(count, shop=shop)
        return numbers

    def generate(self, count: int, prefix: str = "G", shop: str = "demo-shop", **fields: Any) -> list[str]:
        """Make orders, ``UNPAID`` unless the fields say otherwise."""
        body = {"generate": count, "prefix": prefix, "fields": fields}
        numbers: list[str] = self._control("POST", f"/orders/{shop}", body)["numbers"]
        return numbers

    def stop(self) -> None:
        """End the simulator."""
        self._simulator.terminate()
        self._simulator.wait()

    def _inventory(self, hosts: str) -> list[str]:
        if hosts == "localhost":
            return []
        inventory = self._folder / "inventory.json"
        keys = {shop: {"komfortkasse_api_key": f"demo-key-{shop}-for-the-simulator-"} for shop in self._shops}
        usual = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        inventory.write_text(json.dumps({hosts: {"hosts": keys, "vars": usual}}))
        return ["-i", str(inventory), "--forks", "10"]

    def _measured(self, name: str, command: list[str]) -> Measured:
        self._control("DELETE", "/log")
        peak = self._folder / "peak"
        command = [sys.executable, str(MEASURED), str(peak), *command]
        started = time.perf_counter()
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)
        wall = time.perf_counter() - started
        if done.returncode:
            raise RuntimeError(f"{name} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        print(f"  {name:<60} {wall:8.2f} s", file=sys.stderr, flush=True)
        return Measured(wall, len(self._control("GET", "/log")), float(peak.read_text()))

    def _control(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._control_url + path, data=data, method=method)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=120) as answer:
            return json.load(answer)


@contextmanager
def bench(shops: int) -> Iterator[Bench]:
    """Give a bench in a folder of its own, and end it."""
    with tempfile.TemporaryDirectory() as folder:
        started = Bench(Path(folder), shops)
        try:
            yield started
        finally:
            started.stop()
