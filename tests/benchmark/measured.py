# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stands in for the Python that modules run with, and notes what the module's process used: measured.py FILE ARGS..."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Run Python with the arguments, write CPU seconds and peak memory (MB) into the file; the last run counts."""
    status = subprocess.call([sys.executable, *sys.argv[2:]])
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    usage = {"cpu": used.ru_utime + used.ru_stime, "peak_mb": used.ru_maxrss / 1024}
    Path(sys.argv[1]).write_text(json.dumps(usage))
    return status


if __name__ == "__main__":
    sys.exit(main())
