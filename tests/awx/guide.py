# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide on AWX: its files and commands, run as a shell would run them, and the output of jobs that it shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from definitions import ROOT
from docs.blocks import blocks_of

PAGE = ROOT / "docs" / "docsite" / "rst" / "guide_awx.rst"
BLOCKS = blocks_of(PAGE)
TIMES = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC, \d+ minutes?")
# Programs that would go to the network. The first succeeds, the second runs the command here.
STAND_INS = {"ansible-galaxy": "exit 0", "podman": 'shift 3; exec "$@"'}


def check_output(name: str, output: str) -> None:
    """Assert that the guide shows the output of a job as it is. In the guide, three dots stand for anything."""
    (block,) = [block for block in BLOCKS if block.mark("sketch") == f"tests/awx compares it with the job {name}"]
    seen = _plain(output)
    parts = [re.escape(part) for part in _plain(block.content).split("...")]
    assert re.fullmatch(".*?".join(parts), seen, re.DOTALL), f"{PAGE.name} shows another output than this one:\n{seen}"


def _plain(output: str) -> str:
    """Return the output of a job without times, and without blanks at the ends of lines."""
    return "\n".join(line.rstrip() for line in TIMES.sub("~", output).strip().splitlines())


class Shell:
    """Runs the guide's commands in a folder with its files, with an AWX at ``address`` instead of the example."""

    def __init__(self, folder: Path, address: str, collections: Path) -> None:
        self._folder, self._address = folder, address
        self.unused = [block for block in BLOCKS if block.language == "console"]
        programs = folder / "bin"
        programs.mkdir()
        for name, script in STAND_INS.items():
            (programs / name).write_text(f"#!/bin/sh\n{script}\n")
            (programs / name).chmod(0o755)
        self._environment = {
            "PATH": os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.defpath]),
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_PIPELINING": "true",
        }
        for block in BLOCKS:
            if block.caption:
                (folder / block.caption).write_text(f"{block.content}\n", encoding="utf-8")

    def run(self, part: str, stdin: str = "", more: str = "") -> subprocess.CompletedProcess[str]:
        """Run the block of commands with this text in it; ``more`` is added at its end. What it exports stays."""
        (block,) = [block for block in BLOCKS if block.language == "console" and part in block.content]
        self.unused = [other for other in self.unused if other is not block]
        commands = re.sub(r"^\$ ", "", block.content.strip(), flags=re.MULTILINE)
        kept = self._folder / "environment"
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", f"{commands}{more}\nenv -0 > {kept}"],
            cwd=self._folder,
            env=self._environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if done.returncode == 0:
            pairs = kept.read_text(encoding="utf-8").rstrip("\0").split("\0")
            self._environment = {**dict(pair.split("=", 1) for pair in pairs), "CONTROLLER_HOST": self._address}
        return done
