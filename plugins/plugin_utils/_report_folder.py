# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release.

"""The files of reports and plans: names that stay in the folder, private modes, no report overwritten."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

FOLDER_MODE, REPORT_MODE = 0o750, 0o640
LONGEST_PART = 100  # of a name made of two parts, a time and an ending: file systems take 255 bytes
STRANGE = re.compile(r"[^A-Za-z0-9._-]+")


class FolderError(ValueError):
    """A report or plan cannot be written. ``str(error)`` is a sentence."""


def provide(folder: str) -> None:
    """Make the folder if there is none, and check that a file can be written there.

    Raises: FolderError.
    """
    path = Path(folder)
    try:
        for missing in reversed([part for part in (path, *path.parents) if not part.exists()]):
            missing.mkdir(FOLDER_MODE, exist_ok=True)
            missing.chmod(FOLDER_MODE)  # whatever the umask is
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise FolderError(f"No file can be written into the folder {folder}: {error.strerror}.") from None


def check_plan_file(path: str) -> None:
    """Check that a plan can be written. The folder must be there.

    Raises: FolderError.
    """
    if os.path.isdir(path):
        raise FolderError(f"The plan cannot be written to {path}: it is a folder.")
    try:
        with tempfile.TemporaryFile(dir=os.path.dirname(path)):
            pass
    except OSError as error:
        raise FolderError(f"The plan cannot be written to {path}: {error.strerror}.") from None


def stem_of(title: str, time: str, job: str) -> str:
    """The name of a report without its ending. Neither part can lead out of the folder, or hide the file."""
    name = f"{_tame(title) or 'report'}-{time}"
    return f"{name}-job{_tame(job)}" if _tame(job) else name


def _tame(part: str) -> str:
    return STRANGE.sub("_", part).strip("._")[:LONGEST_PART]


def write_reports(folder: str, stem: str, texts: Mapping[str, str]) -> list[str]:
    """Write the texts, by the ending of their file, and return the paths. No file is overwritten.

    Raises: FolderError.
    """
    written: list[str] = []
    try:
        free = next(name for name in _names(stem) if not any(_exists(folder, name, ending) for ending in texts))
        for ending, text in texts.items():
            path = os.path.join(folder, f"{free}.{ending}")
            _write_new(path, text)
            written.append(path)
    except OSError as error:
        for path in written:
            with contextlib.suppress(OSError):
                os.unlink(path)
        raise FolderError(f"The report cannot be written into {folder}: {error.strerror}.") from None
    return written


def _names(stem: str) -> Iterator[str]:
    """The name, and others for runs that end in the same second."""
    return itertools.chain([stem], (f"{stem}-{number}" for number in itertools.count(2)))


def _exists(folder: str, name: str, ending: str) -> bool:
    return os.path.lexists(os.path.join(folder, f"{name}.{ending}"))


def _write_new(path: str, text: str) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, REPORT_MODE)
    with open(file, "wb") as stream:
        os.fchmod(file, REPORT_MODE)  # whatever the umask is
        stream.write(text.encode())


def write_plan(path: str, plans: Mapping[str, object]) -> None:
    """Write the plans of all hosts at once, in place of an older file.

    Raises: FolderError.
    """
    try:
        file, draft = tempfile.mkstemp(dir=os.path.dirname(path))  # mkstemp gives the mode 0600
        try:
            with open(file, "wb") as stream:
                stream.write(json.dumps({"plans": plans}, indent=1).encode())
            os.replace(draft, path)
        except BaseException:
            os.unlink(draft)
            raise
    except OSError as error:
        raise FolderError(f"The plan cannot be written to {path}: {error.strerror}.") from None
