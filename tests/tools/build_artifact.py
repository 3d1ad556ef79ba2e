# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the collection's artifact, the same bytes from the same sources.

Usage: build_artifact.py SOURCES FOLDER

`ansible-galaxy` takes files in the order in which the file system has them, and puts times of the checkout and of the
build into the archive. Here they are sorted, and every time is SOURCE_DATE_EPOCH: seconds since 1970, else those of the
last commit. Prints the artifact's path.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any


def build(sources: Path, folder: Path) -> Path:
    """Let ansible-galaxy build the artifact, put that into order, and return its path."""
    with tempfile.TemporaryDirectory() as built:
        galaxy = [sys.executable, "-m", "ansible", "galaxy", "collection"]
        subprocess.run([*galaxy, "build", str(sources), "--output-path", built], check=True, stdout=subprocess.DEVNULL)
        (artifact,) = Path(built).iterdir()
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / artifact.name
        target.write_bytes(in_order(artifact, build_date()))
        return target


def in_order(artifact: Path, date: int) -> bytes:
    """Return an artifact with its files sorted, and all times set to this one."""
    with tarfile.open(artifact) as archive:
        members = {member.name: member for member in archive}
        contents = {name: read(archive, member) for name, member in members.items()}
    # The manifest comes first, and holds the checksum of the list, which holds those of all other files.
    files, manifest = json.loads(contents["FILES.json"]), json.loads(contents["MANIFEST.json"])
    files["files"].sort(key=lambda file: file["name"])
    contents["FILES.json"] = as_json(files)
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(contents["FILES.json"]).hexdigest()
    contents["MANIFEST.json"] = as_json(manifest)

    result = io.BytesIO()
    with (
        gzip.GzipFile(filename="", fileobj=result, mode="wb", mtime=date) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name in sorted(members, key=lambda name: (name != "MANIFEST.json", name != "FILES.json", name)):
            member = members[name]
            member.mtime, member.size = date, len(contents[name])
            member.pax_headers = {}
            archive.addfile(member, io.BytesIO(contents[name]))
    return result.getvalue()


def read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    """Return the content of a member, nothing for a folder."""
    file = archive.extractfile(member) if member.isfile() else None
    return file.read() if file else b""


def as_json(value: Any) -> bytes:
    """Write JSON as ansible-galaxy does."""
    return json.dumps(value, indent=True).encode()


def build_date() -> int:
    """Return the time that all files get."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if not given:
        command = ["git", "-C", str(Path(__file__).parent), "log", "-1", "--format=%ct"]
        given = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return int(given)


if __name__ == "__main__":
    print(build(Path(sys.argv[1]), Path(sys.argv[2])))
