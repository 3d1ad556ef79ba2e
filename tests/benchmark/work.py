# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work that is measured: playbooks with ansible.builtin.uri and with the module, and bare Python."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ORDERS_URL = "{{ lookup('ansible.builtin.env', 'KOMFORTKASSE_API_URL') }}/order"
KEY_HEADER = {"X-Komfortkasse-API-Key": "{{ lookup('ansible.builtin.env', 'KOMFORTKASSE_API_KEY') }}"}
MODULE = "community.komfortkasse.komfortkasse_order"

Task = dict[str, Any]


@dataclass
class Measured:
    """One run. ``wall`` is the whole command's; the others are the module's process (or the bare Python's)."""

    wall: float
    cpu: float = 0.0
    peak_mb: float = 0.0
    requests: int = 0


def nothing() -> list[Task]:
    """What a playbook costs that does nothing."""
    return [{"ansible.builtin.debug": {"msg": "nothing"}}]


def uri_loop(numbers: list[str]) -> list[Task]:
    """What people write today: read each order, and cancel those that are not cancelled yet."""
    return [
        {
            "ansible.builtin.uri": {"url": f"{ORDERS_URL}/{{{{ item }}}}", "headers": KEY_HEADER},
            "loop": numbers,
            "register": "read",
        },
        {
            "ansible.builtin.uri": {
                "url": f"{ORDERS_URL}/{{{{ item.item }}}}/cancel",
                "method": "POST",
                "headers": KEY_HEADER,
            },
            "loop": "{{ read.results }}",
            "loop_control": {"label": "{{ item.item }}"},
            "when": "item.json.paymentStatus != 'CANCELLED'",
            "changed_when": True,
        },
    ]


def module_loop(numbers: list[str]) -> list[Task]:
    """The module once for each order."""
    return [{MODULE: {"order_number": "{{ item }}", "state": "cancelled"}, "loop": numbers}]


def module_bulk(numbers: list[str], concurrency: int, check_mode: bool = False) -> list[Task]:
    """The module once for all orders."""
    options = {"order_numbers": numbers, "state": "cancelled", "concurrency": concurrency}
    return [
        {MODULE: options, "register": "cancelled", "check_mode": check_mode},
        {"ansible.builtin.debug": {"var": "cancelled.summary.requests"}},
    ]


def run_playbook(tasks: list[Task], folder: Path, environment: dict[str, str]) -> Measured:
    """Run a playbook with these tasks and measure it."""
    usage_file = folder / "usage.json"
    usage_file.unlink(missing_ok=True)
    interpreter = folder / "python"
    interpreter.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{HERE / "measured.py"}" "{usage_file}" "$@"\n')
    interpreter.chmod(0o700)
    playbook = folder / "playbook.yml"
    play = {"hosts": "localhost", "gather_facts": False, "tasks": tasks}
    playbook.write_text(json.dumps([play]))
    wall, output = timed(["-e", f"ansible_python_interpreter='{interpreter}'", str(playbook)], environment)
    usage = json.loads(usage_file.read_text()) if usage_file.exists() else {"cpu": 0.0, "peak_mb": 0.0}
    told = re.search(r'"cancelled.summary.requests": "?(\d+)', output)
    return Measured(wall, usage["cpu"], usage["peak_mb"], int(told.group(1)) if told else 0)


def run_cancel_orders(numbers: list[str], concurrency: int, folder: Path, environment: dict[str, str]) -> Measured:
    """Run the playbook cancel_orders over these orders, with a report, and measure it."""
    variables = {
        "komfortkasse_order_numbers": numbers,
        "komfortkasse_max_changes": len(numbers),
        "komfortkasse_concurrency": concurrency,
        "komfortkasse_report_dir": str(folder / "reports"),
    }
    (folder / "variables.json").write_text(json.dumps(variables))
    arguments = ["-e", f"@{folder / 'variables.json'}", "community.komfortkasse.cancel_orders"]
    return Measured(timed(arguments, environment)[0])


def timed(arguments: list[str], environment: dict[str, str]) -> tuple[float, str]:
    """Run ansible-playbook to its good end; return how many seconds that took, and what it printed."""
    started = time.perf_counter()
    done = subprocess.run(
        ["ansible-playbook", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    wall = time.perf_counter() - started
    if done.returncode:
        raise RuntimeError(f"The playbook failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return wall, done.stdout


def run_bare(numbers: list[str], concurrency: int, folder: Path, environment: dict[str, str]) -> Measured:
    """The same work by a script without Ansible."""
    listed = folder / "numbers.json"
    listed.write_text(json.dumps(numbers))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    subprocess.run([sys.executable, str(HERE / "bare.py"), str(listed), str(concurrency)], env=environment, check=True)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measured(wall, cpu, requests=2 * len(numbers))


def environment_for(api_url: str, api_key: str) -> dict[str, str]:
    """The environment of all measured commands."""
    quiet = {"ANSIBLE_LOCALHOST_WARNING": "false", "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false"}
    return {**os.environ, **quiet, "KOMFORTKASSE_API_URL": api_url, "KOMFORTKASSE_API_KEY": api_key}
