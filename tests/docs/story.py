# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the code blocks of a page one after the other, as a reader would, against a simulated shop.

- A block with a caption is the file of that name, in the folder that everything runs in.
- ``console`` blocks hold commands after ``$ ``, and what each prints; ``...`` stands for anything. ``sh`` blocks
  hold commands only.
- Other YAML blocks are run: a play as it is, tasks in a play on localhost.
- ``text`` and ``json`` blocks are what the block before them printed, or a part of it.

Marks change that:

- ``sketch: why``: not run
- ``fails: 2``: ends with this exit status
- ``warns: why``: a warning is right here
- ``requests: GET=1 POST=0``: what the shop must have seen
- ``simulator: PUT /faults [...]``: this happens before, a call of the simulator's control interface
- ``provoked: {...}``: the text is the message that komfortkasse_order gives with these options, besides PROVOKED
- ``command: ...``: the text is what this command, which fails, prints
- ``folder: path``: this folder of the collection is copied here before
- ``environment: NAME=value``: from here on these variables are set
- ``service: tls proxy``: from here on the address is that of a service whose authority is in company-ca.pem, and there
  is a proxy
- ``excerpt: path``: the block is a part of this file of the collection
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import yaml
from blocks import Block

SECONDS = 300  # for one command
COLLECTION = Path(__file__).resolve().parents[2]
PROVOKED = {"order_number": "2026-0815", "state": "cancelled"}


class Shop(Protocol):
    """What a story needs of the simulator."""

    api_url: str
    api_key: str

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Call the control interface."""

    def log(self, method: str | None = None) -> list[dict[str, Any]]:
        """The requests so far."""

    def clear_log(self) -> None:
        """Forget them."""


class Services(NamedTuple):
    """Functions that start a service and return its address."""

    tls: Callable[
        [], str
    ]  # an API whose certificate is trusted only with company-ca.pem, written to the story's folder
    proxy: Callable[[], str]


class Story:
    """The blocks of one page in one folder. What is wrong with a block is an AssertionError."""

    def __init__(self, folder: Path, shop: Shop, services: Services, collections: str) -> None:
        self._folder = folder
        self._shop = shop
        self._services = services
        self._stdout = self._stderr = ""  # of the last command
        self._unused_playbooks: set[str] = set()
        self._scripts: dict[str, str] = {}
        self._environment = {
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "ANSIBLE_COLLECTIONS_PATH": collections,
            "ANSIBLE_NOCOLOR": "true",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_DEPRECATION_WARNINGS": "true",
            "ANSIBLE_PIPELINING": "true",
            "KOMFORTKASSE_API_KEY": shop.api_key,
            "KOMFORTKASSE_API_URL": shop.api_url,
        }

    def end(self) -> None:
        """Check that nothing was left lying about."""
        assert not self._unused_playbooks, f"no command runs: {', '.join(self._unused_playbooks)}"

    def run(self, block: Block) -> None:
        """Run one block, or do with it what its language and marks ask for."""
        if block.mark("sketch"):
            return
        for name, value in block.marks:
            if name == "simulator":
                method, path, *body = value.split(" ", 2)
                self._shop.control(method, path, *map(json.loads, body))
            if name == "folder":
                shutil.copytree(COLLECTION / value, self._folder, dirs_exist_ok=True)
            if name == "environment":
                self._environment.update(pair.split("=", 1) for pair in value.split())
            if name == "service" and "tls" in value:
                self._environment["KOMFORTKASSE_API_URL"] = self._services.tls()
            if name == "service" and "proxy" in value:
                self._environment["HTTPS_PROXY"] = self._services.proxy()
            if name == "excerpt":
                assert block.content in (COLLECTION / value).read_text(encoding="utf-8"), f"{value} says something else"
        self._shop.clear_log()
        if block.mark("excerpt"):
            pass
        elif block.caption:
            self._write(block)
        elif block.language == "console":
            self._run_console(block)
        elif block.language == "sh":
            self._command(block.content, block)
        elif block.language in ("yaml", "yaml+jinja"):
            self._run_yaml(block)
        elif block.language in ("text", "json", "ansible-output"):
            self._compare(block)
        else:
            raise AssertionError(f"nobody knows how to run a block in {block.language or 'no language'}")
        self._count_requests(block)

    def _write(self, block: Block) -> None:
        file = self._folder / str(block.caption)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{block.content}\n", encoding="utf-8")
        if block.language.startswith("yaml") and _is_playbook(yaml.safe_load(block.content)):
            self._unused_playbooks.add(str(block.caption))
        elif block.language == "bash":
            self._scripts[str(block.caption)] = block.content

    def _run_console(self, block: Block) -> None:
        commands = re.split(r"^\$ ", block.content, flags=re.MULTILINE)
        assert not commands[0].strip() and len(commands) > 1, "a console block begins with '$ ' and a command"
        for text in commands[1:]:
            command = re.match(r"(?:.*\\\n)*.*", text)
            assert command
            self._command(command[0], block)
            expected = text[command.end() :].strip()
            if expected:
                assert _pattern(expected).fullmatch(_plain(self._stdout)), self._told("printed something else")

    def _run_yaml(self, block: Block) -> None:
        content = yaml.safe_load(block.content)
        assert isinstance(content, list), "a YAML block without a caption is run, so it must be plays or tasks"
        if not _is_playbook(content):
            indented = "\n".join(f"    {line}" for line in block.content.splitlines())
            text = f"- hosts: localhost\n  gather_facts: false\n  tasks:\n{indented}\n"
        else:
            text = block.content
        (self._folder / "block.yml").write_text(text, encoding="utf-8")
        self._command("ansible-playbook -v block.yml", block)

    def _compare(self, block: Block) -> None:
        if block.mark("provoked"):
            self._provoke(block)
        if command := block.mark("command"):
            self._command(command, block, (1, 2, 4))
        if block.language == "json":
            expected = json.loads(block.content)
            results = list(_results_in(self._stdout))
            assert any(_holds(result, expected) for result in results), self._told("has no such result")
        else:
            results = [json.loads(self._stdout)] if block.mark("provoked") else _results_in(self._stdout)
            messages = [str(result.get("msg")) for result in results]
            printed = _plain("\n".join([self._stdout, self._stderr, *messages]))
            assert _pattern(block.content).search(printed), self._told("printed something else")

    def _provoke(self, block: Block) -> None:
        options = json.loads(str(block.mark("provoked")))
        if options.get("api_url") == "{tls_url}":
            options["api_url"] = self._services.tls()
        given = {name: value for name, value in {**PROVOKED, **options}.items() if value is not None}
        (self._folder / "options.json").write_text(json.dumps(given), encoding="utf-8")
        key = "" if options.get("api_key") == "" else self._shop.api_key
        script = f"python {COLLECTION / 'tests' / 'docs' / 'provoke.py'} options.json"
        self._command(f"KOMFORTKASSE_API_KEY={key} PYTHONPATH=$ANSIBLE_COLLECTIONS_PATH {script}", block, (0, 1))
        self._shop.control("POST", "/reset")

    def _command(self, command: str, block: Block, statuses: tuple[int, ...] = ()) -> None:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        self._stdout, self._stderr = done.stdout, done.stderr
        wanted = statuses or (int(block.mark("fails") or 0),)
        assert done.returncode in wanted, self._told(f"ended with {done.returncode}, not {wanted}: {command}")
        if not statuses and not block.mark("warns"):
            assert "WARNING]" not in done.stderr, self._told(f"warned: {command}")
        run = "\n".join([command, *(content for name, content in self._scripts.items() if name in command)])
        self._unused_playbooks -= {name for name in self._unused_playbooks if name in run}

    def _count_requests(self, block: Block) -> None:
        expected = block.mark("requests")
        if expected:
            seen = Counter(entry["method"] for entry in self._shop.log())
            wanted = {method: int(count) for method, count in (pair.split("=") for pair in expected.split())}
            assert {method: seen[method] for method in wanted} == wanted, f"the shop saw {dict(seen)}"

    def _told(self, problem: str) -> str:
        return f"{problem}\n--- stdout\n{self._stdout}\n--- stderr\n{self._stderr}"


def _is_playbook(content: object) -> bool:
    return isinstance(content, list) and any("hosts" in entry or "import_playbook" in str(entry) for entry in content)


def _plain(text: str) -> str:
    """Text without its line breaks and repeated blanks, which depend on the width of a terminal."""
    return " ".join(text.split())


def _pattern(expected: str) -> re.Pattern[str]:
    """What text is expected, with ``...`` for anything."""
    return re.compile(".*?".join(re.escape(part.strip()) for part in _plain(expected).split("...")), re.DOTALL)


def _results_in(stdout: str) -> list[Any]:
    """The results that ansible-playbook -v prints as JSON."""
    decoder = json.JSONDecoder()
    return [decoder.raw_decode(stdout, match.end() - 1)[0] for match in re.finditer(r"=> \{", stdout)]


def _holds(actual: Any, expected: Any) -> bool:
    """Whether everything that is expected is there; there may be more keys."""
    if isinstance(expected, dict):
        return isinstance(actual, dict) and all(_holds(actual.get(key), value) for key, value in expected.items())
    return bool(actual == expected)
