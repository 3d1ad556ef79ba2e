# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run one job with ansible-runner, in a process of its own, so that it inherits nothing from the tests.

Usage: execute.py PRIVATE_DATA_DIR PLAYBOOK, with {"envvars", "cmdline"} as JSON on stdin. A file named `cancel` in the
directory cancels the job. Prints {"status", "rc"} as JSON.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from pathlib import Path

import ansible_runner


def main(private_data_dir: str, playbook: str) -> None:
    """Run the job to its end."""
    given = json.load(sys.stdin)
    ended = ansible_runner.run(
        private_data_dir=private_data_dir,
        ident="1",
        playbook=playbook,
        inventory=str(Path(private_data_dir) / "inventory"),
        envvars=given["envvars"],
        cmdline=given["cmdline"],
        suppress_env_files=True,
        cancel_callback=(Path(private_data_dir) / "cancel").exists,
    )
    if ended.status == "canceled":
        end_container(private_data_dir)
    print(json.dumps({"status": ended.status, "rc": ended.rc}))


def end_container(private_data_dir: str) -> None:
    """Kill what is left of a job, as the end of its container does: Ansible's workers are in sessions of their own."""
    mark = f"AWX_PRIVATE_DATA_DIR={private_data_dir}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (process / "environ").read_bytes().split(b"\0"):
                os.kill(int(process.name), signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
