# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Put get-pip where ansible-test looks for it, also on machines that cannot reach Ansible's file server.

ansible-test downloads `get-pip-VERSION.py` from that server to set up its virtual environments.
Where the download fails, a stand-in is made from the same pip release of the Python package index.
Runs with a Python that has ansible-core and pip.
"""

from __future__ import annotations

import base64
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from types import SimpleNamespace

from ansible_test._internal.python_requirements import get_venv_packages

CACHE = Path.home() / ".ansible" / "test" / "cache"
URL = "https://ci-files.testing.ansible.com/ansible-test/get-pip-{version}.py"
PYTHONS = [f"3.{minor}" for minor in range(8, 16)]

# pip can run out of its own wheel. The arguments of get-pip that pip does not know are left out.
STAND_IN = """\
import base64, os, sys, tempfile

WHEEL_NAME = {name!r}
WHEEL = {wheel!r}

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, WHEEL_NAME)
    with open(path, "wb") as file:
        file.write(base64.b64decode(WHEEL))
    sys.path.insert(0, path)
    from pip._internal.cli.main import main

    args = [arg for arg in sys.argv[1:] if arg not in ("--no-setuptools", "--no-wheel")]
    sys.exit(main(["install", "--upgrade", "--force-reinstall", "--no-index", "--find-links", folder] + args))
"""


def download(version: str) -> bytes | None:
    """Return the original get-pip, None if its server does not answer."""
    try:
        with urllib.request.urlopen(URL.format(version=version), timeout=10) as answer:
            script: bytes = answer.read()
            return script
    except OSError:
        return None


def stand_in(version: str) -> bytes:
    """Return a script that installs this release of pip, with pip's wheel inside."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, f"pip=={version}"]
        subprocess.run(command, check=True)
        (wheel,) = Path(folder).glob("pip-*.whl")
        content = base64.b64encode(wheel.read_bytes()).decode()
        return STAND_IN.format(name=wheel.name, wheel=content).encode()


def provide(version: str) -> None:
    """Fill ansible-test's cache for one release of pip, at once and whole: another check may be doing the same."""
    target = CACHE / f"get_pip_{version.replace('.', '_')}.py"
    if target.exists():
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=CACHE, delete=False) as file:
        file.write(download(version) or stand_in(version))
    Path(file.name).replace(target)


if __name__ == "__main__":
    for pip_version in sorted({get_venv_packages(SimpleNamespace(version=python))["pip"] for python in PYTHONS}):
        provide(pip_version)
