# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the collection as users get it: the artifact, installed where there is nothing else.

Two builds from two copies of the sources have to be the same, and to hold nothing but what users need. The artifact is
installed offline, next to ansible-core and requests alone; there ansible-doc has to find every plugin, and the demo
runs the playbook by its full name against the simulator. Runs with a Python that has what the demo needs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
from pathlib import Path, PurePath

from build_artifact import build, date_of

ROOT = Path(__file__).resolve().parents[2]
NAME = "community.komfortkasse"
FOR_USERS = {
    *("MANIFEST.json", "FILES.json", "README.md", "CHANGELOG.md", "LICENSE", "LICENSES"),
    *("changelogs/changelog.yaml", "meta", "playbooks", "plugins"),
    *("docs/docsite", "docs/examples", "docs/performance.md", "docs/performance.svg"),
}
NOT_DOCUMENTED = {"doc_fragments", "module_utils", "plugin_utils"}


def main() -> int:
    """Check everything; what is wrong ends with a message and 1."""
    os.environ.setdefault("SOURCE_DATE_EPOCH", str(date_of(ROOT)))
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        first, second = (build(copy_to(folder / name), folder / name / "build") for name in ("first", "second"))
        if first.read_bytes() != second.read_bytes():
            sys.exit("Two builds of the same sources differ.")
        check_content(first)
        environment = install(first, folder)
        check_documentation(environment)
        print("Run the demo", flush=True)
        demo = subprocess.run([sys.executable, ROOT / "tests" / "demo"], env=environment, cwd=folder, check=False)
        return demo.returncode


def copy_to(folder: Path) -> Path:
    """Copy what git knows of the sources, new files included."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder


def check_content(artifact: Path) -> None:
    """See that nothing is in it that only developers need."""
    with tarfile.open(artifact) as archive:
        files = [member.name for member in archive if member.isfile()]
    print(f"{artifact.name} holds {len(files)} files:", *files, sep="\n  ")
    strange = [name for name in files if not FOR_USERS & {name, *map(str, PurePath(name).parents)}]
    if strange:
        sys.exit(f"Not for users: {', '.join(strange)}. Add it to build_ignore in galaxy.yml, or here to FOR_USERS.")


def install(artifact: Path, folder: Path) -> dict[str, str]:
    """Install it next to ansible-core and requests; return an environment in which there is nothing else."""
    venv.create(folder / "venv", with_pip=True)
    programs = folder / "venv" / "bin"
    pip: list[str | Path] = [programs / "python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, "-c", ROOT / "requirements" / "checks.txt", "ansible-core", "requests"], check=True)
    environment = {
        "PATH": f"{programs}{os.pathsep}{os.defpath}",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "ANSIBLE_COLLECTIONS_PATH": str(folder / "collections"),
    }
    command = ["ansible-galaxy", "collection", "install", "--offline", "-p", str(folder / "collections"), str(artifact)]
    subprocess.run(command, env=environment, check=True)
    return environment


def check_documentation(environment: dict[str, str]) -> None:
    """See that ansible-doc has the documentation of every plugin, without a warning."""
    for folder in sorted(ROOT.glob("plugins/*/")):
        if folder.name in NOT_DOCUMENTED:
            continue
        kind = folder.name.rstrip("s")  # the folder modules holds plugins of the type module
        expected = {f"{NAME}.{file.stem}" for file in folder.glob("*.py")}
        command = ["ansible-doc", "--json", "-t", kind, *expected]
        shown = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        documented = {name for name, plugin in json.loads(shown.stdout or "{}").items() if "doc" in plugin}
        if shown.returncode or shown.stderr or documented != expected or not expected:
            sys.exit(f"ansible-doc -t {kind} shows {documented} of {expected}, and says: {shown.stderr}")
        print(f"ansible-doc shows {', '.join(sorted(expected))}")


if __name__ == "__main__":
    sys.exit(main())
