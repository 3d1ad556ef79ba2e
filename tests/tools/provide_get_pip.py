# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Put get-pip where ansible-test looks before it downloads it: not every machine reaches Ansible's file server."""

from __future__ import annotations

import os
from pathlib import Path

VERSIONS = ("24.2", "25.2")  # what the supported releases of ansible-test ask for
SCRIPT = """\
import subprocess, sys
subprocess.check_call([sys.executable, "-m", "ensurepip"])
subprocess.check_call([sys.executable, "-m", "pip", "install", "pip=={version}"])
"""

cache = Path.home() / ".ansible" / "test" / "cache"
cache.mkdir(parents=True, exist_ok=True)
for version in VERSIONS:
    script = cache / f"get_pip_{version.replace('.', '_')}.py"
    if not script.exists():
        whole = script.with_suffix(f".{os.getpid()}.tmp")  # another check may be doing the same
        whole.write_text(SCRIPT.format(version=version))
        whole.replace(script)
