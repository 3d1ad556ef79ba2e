# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""The journal: the only record of what was changed, for the API keeps no time or cause of a cancellation."""

from __future__ import annotations

import datetime
import fcntl
import json
import os
import threading


class JournalError(Exception):
    """The journal cannot be opened or written. ``str(error)`` is a sentence."""


class Journal:
    """Appends JSON lines to a file, each by one write of its own, so that a killed process leaves whole lines only.

    Several runs may share one file: a lock keeps their lines apart.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._broken = False
        try:
            self._file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError as error:
            raise JournalError(f"The journal {path} cannot be opened: {error.strerror}. Nothing was changed.") from None

    def write(
        self,
        event: str,
        order_number: str,
        state: str,
        *,
        outcome: str | None = None,
        previous_payment_status: str | None = None,
        payment_status: str | None = None,
        http_status: int | None = None,
        msg: str | None = None,
    ) -> None:
        """Append one line. ``event`` is ``attempt`` (before a change) or ``result`` (after it)."""
        entry = {
            "time": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds"),
            "event": event,
            "order_number": order_number,
            "state": state,
            "outcome": outcome,
            "previous_payment_status": previous_payment_status,
            "payment_status": payment_status,
            "http_status": http_status,
            "msg": msg,
        }
        try:
            self._append(json.dumps(entry).encode() + b"\n")
        except OSError as error:
            raise JournalError(f"The journal {self._path} cannot be written: {error.strerror}.") from None

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _append(self, line: bytes) -> None:
        with self._lock:
            if self._broken:  # for good: a line that is missing cannot be made up for
                raise OSError(None, "an earlier line could not be written")
            self._broken = True
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                end = os.fstat(self._file).st_size
                if end and os.pread(self._file, 1, end - 1) != b"\n":
                    line = b"\n" + line  # a full disk may have cut the last line
                if os.write(self._file, line) != len(line):
                    raise OSError(None, "the disk is full")
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)
            self._broken = False
