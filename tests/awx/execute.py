# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run one job with ansible-runner, in a process of its own, so that it inherits nothing from the tests.

Usage: execute.py PRIVATE_DATA_DIR PLAYBOOK, with {"envvars", "cmdline"} as JSON on stdin. Prints the status.
"""

from __future__ import annotations

import json
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
    )
    print(ended.status)


if __name__ == "__main__":
    main(*sys.argv[1:])
