# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests share: the playbooks as people run them, and the results."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

BIN = Path(sys.executable).parent

# The fixtures simulator, start_simulator, run and collections.
pytest_plugins = ["unit.conftest", "installed"]


@dataclass
class Played:
    """How a run of a playbook ended."""

    returncode: int
    output: str
    folder: Path

    @cached_property
    def report(self) -> dict[str, Any]:
        """The newest report, as JSON."""
        newest = max((self.folder / "reports").glob("*.json"), key=lambda file: file.stat().st_mtime_ns)
        return json.loads(newest.read_text(encoding="utf-8"))

    @property
    def changed(self) -> dict[str, int]:
        """How many tasks reported a change, by host."""
        return {host: int(count) for host, count in re.findall(r"^(\S+) +: ok=\d+ +changed=(\d+)", self.output, re.M)}

    def ended(self) -> dict[str, str]:
        """How each shop ended."""
        return {shop["shop"]: shop["ended"] for shop in self.report["shops"]}

    def outcomes(self) -> dict[tuple[str, str], str]:
        """The outcome of each order, by shop and order number."""
        return {(order["shop"], order["order_number"]): order["outcome"] for order in self.report["orders"]}

    def tasks(self) -> list[str]:
        """The names of the tasks that were run."""
        return re.findall(r"^TASK \[(.+)\] \*", self.output, re.M)


@pytest.fixture
def begin(collections: Path, simulator: Any, tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Return a function that begins a playbook, or a file of the test, in a process group of its own."""

    def begin(playbook: str, *options: str, simulator: Any = simulator, **variables: Any) -> subprocess.Popen[str]:
        variables = {"komfortkasse_report_dir": str(tmp_path / "reports"), **variables}
        (tmp_path / "variables.json").write_text(json.dumps(variables))
        name = playbook if playbook.endswith(".yml") else f"community.komfortkasse.{playbook}"
        command = [BIN / "ansible-playbook", name, "-e", "@variables.json", *options]
        environment = {
            "PATH": f"{BIN}{os.pathsep}{os.defpath}",
            "HOME": str(tmp_path),
            "LANG": "C.UTF-8",
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            "ANSIBLE_DEPRECATION_WARNINGS": "true",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_SHOW_CUSTOM_STATS": "true",
            "KOMFORTKASSE_API_KEY": simulator.api_key,
            "KOMFORTKASSE_API_URL": simulator.api_url,
        }
        return subprocess.Popen(
            list(map(str, command)),
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    return begin


@pytest.fixture
def play(begin: Callable[..., subprocess.Popen[str]], tmp_path: Path) -> Callable[..., Played]:
    """Return a function that runs a playbook to its end; it must not warn of anything, nor show a key."""

    def play(playbook: str, *options: str, **variables: Any) -> Played:
        process = begin(playbook, *options, **variables)
        output, _nothing = process.communicate(timeout=300)
        played = Played(process.returncode, output, tmp_path)
        assert "WARNING" not in output
        assert "Traceback" not in output
        assert "for-the-simulator" not in output
        return played

    return play


def requests(log: list[dict[str, Any]], method: str) -> Counter[tuple[str, str]]:
    """Count the requests about single orders by shop and order number."""
    return Counter(
        (entry["shop"], entry["order_number"]) for entry in log if entry["method"] == method and entry["order_number"]
    )
