# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""The journal: the only record of what was changed, because the API keeps neither time nor cause of a cancellation."""

from __future__ import annotations

import datetime
import errno
import fcntl
import json
import os
import pwd
import stat
import threading
import time

from ansible_collections.community.komfortkasse.plugins.module_utils._redact import Redactor

FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
LOCK_SECONDS = 30.0  # how long another process may hold the lock
LOCK_SECONDS_STOPPING = 1.0  # the same once the run has been told to stop
LOCK_POLL = 0.02  # seconds


class JournalError(Exception):
    """The journal cannot be opened or written. ``str(error)`` is a sentence."""


class Journal:
    """Appends JSON lines to a regular file, each with a single write, so that a killed process leaves whole lines only.

    Several runs may share one file: a lock keeps their lines apart. ``stopping`` shortens the wait for that lock.
    ``redactor`` keeps the API key out of the file.
    """

    def __init__(
        self, path: str, stopping: threading.Event, shop: str | None = None, redactor: Redactor | None = None
    ) -> None:
        self._path = path
        self._stopping = stopping
        self._origin = {"shop": shop, "user": login_name()}
        self._redactor = redactor or Redactor()
        self._lock = threading.Lock()
        self._broken = False
        try:
            self._file = os.open(path, FLAGS, 0o600)
        except OSError as error:
            reason = "it is a symbolic link" if error.errno == errno.ELOOP else error.strerror
            raise JournalError(f"The journal {path} cannot be opened: {reason}. Nothing was changed.") from None
        if not stat.S_ISREG(os.fstat(self._file).st_mode):
            os.close(self._file)
            raise JournalError(f"The journal {path} is not a regular file. Nothing was changed.")

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
            **self._origin,
        }
        try:
            self._append(json.dumps(self._redactor.value(entry)).encode() + b"\n")
        except OSError as error:
            raise JournalError(f"The journal {self._path} cannot be written: {error.strerror}.") from None

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _append(self, line: bytes) -> None:
        with self._lock:
            if self._broken:
                raise OSError(None, "an earlier line could not be written")
            self._broken = True  # for good, unless this line gets written
            self._acquire()
            try:
                there = os.fstat(self._file)
                self._check_place(there)
                if there.st_size and os.pread(self._file, 1, there.st_size - 1) != b"\n":
                    line = b"\n" + line  # a full disk may have cut the last line
                if os.write(self._file, line) != len(line):
                    raise OSError(None, "the disk is full")
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)
            self._broken = False

    def _acquire(self) -> None:
        """Wait for the lock that keeps several runs apart, for a limited time."""
        waited = 0.0
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if waited >= (LOCK_SECONDS_STOPPING if self._stopping.is_set() else LOCK_SECONDS):
                    raise OSError(None, "another process holds its lock") from None
            time.sleep(LOCK_POLL)
            waited += LOCK_POLL

    def _check_place(self, ours: os.stat_result) -> None:
        """Raise OSError if the path no longer leads to the open file: its lines would be lost."""
        try:
            same = os.path.samestat(ours, os.stat(self._path))
        except FileNotFoundError:
            same = False
        if not same:
            raise OSError(None, "it was removed or replaced")


def login_name() -> str:
    """Who runs this: the login name from the environment, or that of the user id."""
    for variable in ("LOGNAME", "USER"):
        if os.environ.get(variable):
            return os.environ[variable]
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container may run under a user id without a name
        return f"uid {os.getuid()}"
