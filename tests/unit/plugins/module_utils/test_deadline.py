# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers by the clock, at a socket; what they are to whole requests is in test_abuse_answers.py."""

from __future__ import annotations

import socket
import threading

import pytest

from ansible_collections.community.komfortkasse.plugins.module_utils import _deadline


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.fixture
def answer(ends):
    kind = type("Answer", (_deadline._Answer,), {"deadline": _deadline.Deadline(3000)})
    return kind(ends[0])


def test_a_socket_has_its_whole_time_again_when_an_answer_is_read(ends, answer):
    ends[1].sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n")
    answer.begin()
    rest = ends[0].gettimeout()
    assert 0 < rest < 3000
    ends[1].sendall(b"{")
    assert answer.read(1) == b"{"
    assert ends[0].gettimeout() == rest  # near enough: setting it takes long
    answer.deadline.timeout = 2000
    answer.deadline.renew()
    ends[1].sendall(b" ")
    assert answer.read(1) == b" "
    assert 0 < ends[0].gettimeout() <= 2000
    ends[1].sendall(b"}")
    assert answer.read() == b"}"
    assert answer.isclosed()
    assert ends[0].gettimeout() == 2000


def test_an_answer_takes_what_http_client_gives(ends):
    kind = type("Answer", (_deadline._Answer,), {"deadline": _deadline.Deadline(3000)})
    ends[1].sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n")
    answer = kind(ends[0], 1, method="HEAD")
    answer.debuglevel -= 1  # it would print
    answer.begin()
    assert (answer.read(), answer.debuglevel) == (b"", 0)


def test_a_line_has_an_end(ends, answer):
    sender = threading.Thread(target=ends[1].sendall, args=(b"x" * 200_000,))
    sender.start()
    assert len(answer.fp.readline()) == _deadline.LONGEST_LINE
    assert len(answer.fp.readline(10)) == 10
    answer.fp.read(200_000 - _deadline.LONGEST_LINE - 10)
    sender.join()
    reader = answer.fp.raw
    ends[0].close()
    for closed in (answer.fp, reader):  # the socket has gone with the first
        closed.close()


def test_each_thread_has_a_deadline_of_its_own():
    deadline = _deadline.Deadline(0.0)
    rests = []

    def look():
        deadline.timeout = 60
        deadline.renew()
        rests.append(deadline.rest())

    other = threading.Thread(target=look)
    other.start()
    other.join()
    assert 0 < rests[0] <= 60
    with pytest.raises(socket.timeout):
        deadline.rest()
