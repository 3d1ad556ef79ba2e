# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The recipes for notifications, with servers that keep what they get."""

from __future__ import annotations

import email
import http.server
import json
import socketserver
import threading
from collections.abc import Iterator
from email import policy

import pytest
from definitions import PROJECT, ROOT, load
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

RECIPE = load(ROOT / "docs" / "examples" / "awx-notifications.yml")
SUMMARY = {"check_mode": False, "shops": 2, "requested": 7, "changed": 4, "unchanged": 1}
SUMMARY |= {"skipped": 0, "failed": 2, "not_attempted": 0}
# What AWX gives the messages of a job, and those of an approval. It refuses a template with any other name.
OF_JOB = {"job": {"id": 4711, "name": "Cancel orders", "status": "failed"}, "url": "https://awx.example/#/jobs/4711"}
OF_APPROVAL = {"approval_node_name": "Cancel these orders?", "workflow_url": "https://awx.example/#/jobs/workflow/1"}


class Mailbox(socketserver.StreamRequestHandler):
    """Takes a mail (RFC 5321, as much as a client needs that sends one)."""

    def handle(self):
        self.wfile.write(b"220 sink\r\n")
        while line := self.rfile.readline().strip():
            if line.upper() == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.got = email.message_from_bytes(b"".join(lines), policy=policy.default)
            self.wfile.write(b"221 bye\r\n" if line.upper() == b"QUIT" else b"250 ok\r\n")


class Hook(http.server.BaseHTTPRequestHandler):
    """Takes a JSON document."""

    def do_POST(self):
        self.server.got = (self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Write no log."""


@pytest.fixture
def sink(request) -> Iterator[socketserver.BaseServer]:
    """Give a server of the wanted kind on a loopback address."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), request.param) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def tell(run, playbook, **variables):
    done = run("ansible-playbook", PROJECT / playbook, "-e", json.dumps({"komfortkasse_summary": SUMMARY, **variables}))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stderr


@pytest.mark.parametrize("sink", [Mailbox], indirect=True)
def test_mail_shows_the_figures(run, sink):
    host, port = sink.server_address
    tell(run, "mail_figures.yml", mail_host=host, mail_port=port, mail_to="team@shop.example")
    assert sink.got["To"] == "team@shop.example"
    assert sink.got["Subject"] == "Komfortkasse: 4 cancelled, 2 failed"
    assert "Orders:        7" in sink.got.get_body().get_content()


@pytest.mark.parametrize("sink", [Hook], indirect=True)
def test_chat_shows_the_figures(run, sink):
    tell(run, "chat_figures.yml", chat_url="http://{}:{}".format(*sink.server_address), chat_hook="hook")
    path, message = sink.got
    assert path == "/hooks/hook"
    assert message["text"] == "Komfortkasse: 4 of 7 orders cancelled, 2 failed, 0 not attempted."


def test_messages_of_awx_use_only_what_awx_gives():
    mail, chat = RECIPE["controller_notifications"]
    assert RECIPE["komfortkasse_awx_notify_on_error"] == [mail["name"]]
    assert RECIPE["komfortkasse_awx_notify_on_approval"] == [chat["name"]]
    render = ImmutableSandboxedEnvironment(undefined=StrictUndefined).from_string
    error = {name: render(text).render(OF_JOB) for name, text in mail["messages"]["error"].items()}
    assert error["message"] == "Komfortkasse: the job Cancel orders failed"
    assert error["body"].endswith(OF_JOB["url"])
    for message in chat["messages"]["workflow_approval"].values():
        assert OF_APPROVAL["workflow_url"] in json.loads(render(message["body"]).render(OF_APPROVAL))["text"]
