# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A job as AWX 24 runs it: what it lays into the private data directory, what it starts, what it keeps of the end."""

from __future__ import annotations

import itertools
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from definitions import DEFINITIONS, PROJECT
from jinja2.sandbox import SandboxedEnvironment

MOST_EVENT_DATA = 700_000  # bytes; AWX drops the result of an event that is larger
QUESTIONS_OF_TEXT = ("text", "textarea")

SHOP = "demo-shop"  # the simulator's
USER_EMAIL = "alice@awx.example"

_serials = itertools.count(4711)


def posts(simulator: Any) -> list[str]:
    """Return the numbers of the orders that something was to be done with, as often as it was."""
    return [entry["order_number"] for entry in simulator.log("POST")]


class Text(str):
    """A string that Ansible is not to evaluate, as all that comes from outside a job template."""


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(Text, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text), style="'"))


def guarded(value: Any) -> Any:
    """Mark all the strings in a value as not to be evaluated."""
    if isinstance(value, dict):
        return {Text(key): guarded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [guarded(each) for each in value]
    return Text(value) if isinstance(value, str) else value


@dataclass
class Job:
    """What a launch decides.

    template: the name of a job template; shops: host variables by shop; answers: of the survey, by variable;
    credential: the inputs that were filled in; artifacts: what the nodes before it in a workflow left;
    launch_variables: those of a template that takes any (ours do not); slice_number: from 1.
    """

    template: str
    shops: dict[str, dict[str, Any]]
    credential: dict[str, str]
    answers: dict[str, Any] = field(default_factory=dict)
    job_type: str = "run"
    limit: str = ""
    artifacts: dict[str, Any] = field(default_factory=dict)
    template_variables: dict[str, Any] = field(default_factory=dict)
    launch_variables: dict[str, Any] = field(default_factory=dict)
    slice_number: int = 1
    slice_count: int = 1
    forks: int = 0

    @property
    def definition(self) -> dict[str, Any]:
        """Return the job template."""
        return next(each for each in DEFINITIONS["controller_templates"] if each["name"] == self.template)

    def hosts(self) -> list[str]:
        """Return the shops of this slice."""
        return sorted(self.shops)[self.slice_number - 1 :: self.slice_count]

    def slices(self, count: int) -> list[Job]:
        """Return the jobs that AWX makes of this one."""
        count = min(count, len(self.shops))
        return [Job(**{**vars(self), "slice_number": n, "slice_count": count}) for n in range(1, count + 1)]

    def variables(self, serial: int) -> dict[str, Any]:
        """Return the extra variables: the template's as they are, all others guarded."""
        asked = {question["variable"]: question for question in self.definition["survey_spec"]["spec"]}
        unanswered = {
            name: "" if question["type"] in QUESTIONS_OF_TEXT else question.get("default")
            for name, question in asked.items()
            if not question["required"] or "default" in question
        }
        defaults = {name: question["default"] for name, question in asked.items() if question.get("default", "") != ""}
        answers = {name: value for name, value in self.answers.items() if name in asked}
        from_outside = {**unanswered, **defaults, **answers, **self.artifacts, **self.launch_variables}
        meta = {
            f"{prefix}_{name}": value
            for prefix in ("awx", "tower")
            for name, value in {
                "job_id": serial,
                "job_launch_type": "manual",
                "job_template_name": self.template,
                "user_name": "alice",
                "user_email": USER_EMAIL,
                "inventory_name": "Komfortkasse shops",
            }.items()
        }
        of_template = {**self.definition.get("extra_vars", {}), **self.template_variables}
        return {**of_template, **guarded(from_outside), **guarded(meta)}

    def options(self) -> list[str]:
        """Return the options of ansible-playbook."""
        options = ["--check"] if self.job_type == "check" else []
        options += ["--forks", str(self.forks)] if self.forks else []
        return options + (["--limit", self.limit] if self.limit else [])


@dataclass
class Ended:
    """What is left of a job: its status (as ansible-runner says it), and the private data directory."""

    status: str
    folder: Path
    serial: int

    @cached_property
    def events(self) -> list[dict[str, Any]]:
        """Return the events in their order."""
        files = (self.folder / "artifacts" / "1" / "job_events").glob("*-*.json")
        whole = [json.loads(file.read_text(encoding="utf-8")) for file in files if "partial" not in file.name]
        return sorted(whole, key=lambda event: event["counter"])

    @property
    def output(self) -> str:
        """Return what people see of the job."""
        return "\n".join(event["stdout"] for event in self.events)

    @property
    def artifacts(self) -> dict[str, Any]:
        """Return what set_stats left, as AWX keeps it."""
        (stats,) = [event["event_data"] for event in self.events if event["event"] == "playbook_on_stats"]
        return stats.get("artifact_data", {})

    def sizes(self) -> Iterator[tuple[str, int]]:
        """Yield the task and the size in bytes of every result."""
        for event in self.events:
            data = event["event_data"]
            if "res" in data:
                yield data.get("task", event["event"]), len(json.dumps(data["res"]))

    def files(self) -> Iterator[Path]:
        """Yield all files that it left, but one: ansible-runner's own record of the environment it started with."""
        for file in (self.folder / "artifacts").rglob("*"):
            if file.is_file() and file.name != "command":
                yield file


class Node:
    """An execution node: runs jobs with the collection in `collections`, each in a folder of its own."""

    def __init__(self, folder: Path, collections: Path) -> None:
        self._folder, self._collections = folder, collections
        self.ended: list[Ended] = []

    def start(self, job: Job) -> Running:
        """Lay out a job and start it."""
        serial = next(_serials)
        folder = self._folder / f"awx_{serial}"
        (folder / "env").mkdir(parents=True)
        shutil.copytree(PROJECT, folder / "project")
        (folder / "requirements_collections").symlink_to(self._collections)
        self._lay_inventory(folder, job)
        variables = yaml.dump(job.variables(serial), Dumper=_Dumper, allow_unicode=True)
        _write(folder / "env" / "extravars", variables, 0o600)
        # Seconds between two looks whether the job is to be cancelled; AWX has five.
        settings = {"pexpect_timeout": 0.2, "suppress_ansible_output": True}
        _write(folder / "env" / "settings", json.dumps(settings), 0o600)
        envvars = {**self._environment(folder, serial), **lay_credential(folder, job.credential)}
        return Running(job, folder, serial, envvars, self.ended)

    def run(self, job: Job) -> Ended:
        """Run a job to its end."""
        return self.start(job).wait()

    @staticmethod
    def _lay_inventory(folder: Path, job: Job) -> None:
        variables = DEFINITIONS["controller_inventories"][0]["variables"]
        own = {"remote_tower_enabled": "true", "remote_tower_id": 1}
        content = {
            "all": {"hosts": job.hosts(), "vars": variables},
            "_meta": {"hostvars": {name: {**job.shops[name], **own} for name in job.hosts()}},
        }
        (folder / "inventory").mkdir()
        script = f"#! /usr/bin/env python3\n# -*- coding: utf-8 -*-\nprint({json.dumps(content)!r})\n"
        _write(folder / "inventory" / "hosts", script, 0o700)

    @staticmethod
    def _environment(folder: Path, serial: int) -> dict[str, str]:
        return {
            "ANSIBLE_FORCE_COLOR": "True",
            "ANSIBLE_HOST_KEY_CHECKING": "False",
            "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
            "ANSIBLE_PARAMIKO_RECORD_HOST_KEYS": "False",
            "ANSIBLE_RETRY_FILES_ENABLED": "False",
            "ANSIBLE_COLLECTIONS_PATH": f"{folder}/requirements_collections:/usr/share/ansible/collections",
            "ANSIBLE_ROLES_PATH": f"{folder}/requirements_roles:/usr/share/ansible/roles",
            "AWX_PRIVATE_DATA_DIR": str(folder),
            "JOB_ID": str(serial),
            "INVENTORY_ID": "1",
            "PROJECT_REVISION": "0123456789abcdef0123456789abcdef01234567",
            # AWX has MOST_EVENT_DATA here, and larger results are emptied; the tests are to see how large they are.
            "MAX_EVENT_RES": str(1000 * MOST_EVENT_DATA),
        }


class Running:
    """A job that was started."""

    def __init__(self, job: Job, folder: Path, serial: int, envvars: dict[str, str], all_ended: list[Ended]) -> None:
        self._folder, self._serial, self._all_ended = folder, serial, all_ended
        (folder / "home").mkdir()
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}"
        command = [sys.executable, "-I", str(Path(__file__).with_name("execute.py")), str(folder)]
        self._process = subprocess.Popen(
            [*command, job.definition["playbook"]],
            cwd=folder,
            env={"PATH": path, "HOME": str(folder / "home"), "LANG": "C.UTF-8"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"envvars": envvars, "cmdline": shlex.join(job.options())}))
        self._process.stdin.close()
        self._process.stdin = None

    def cancel(self) -> Ended:
        """Cancel the job, and wait until it is gone."""
        (self._folder / "cancel").touch()
        return self.wait()

    def wait(self) -> Ended:
        """Wait until the job has ended."""
        out, _err = self._process.communicate(timeout=300)
        self._all_ended.append(Ended(json.loads(out)["status"], self._folder, self._serial))
        return self._all_ended[-1]


def lay_credential(folder: Path, inputs: dict[str, str]) -> dict[str, str]:
    """Write the files of a credential of our type; return its environment. An input that was left out is ''."""
    (kind,) = DEFINITIONS["controller_credential_types"]
    values: dict[str, Any] = {each["id"]: inputs.get(each["id"], "") for each in kind["inputs"]["fields"]}
    render = SandboxedEnvironment().from_string
    files = {}
    for name, template in kind["injectors"]["file"].items():
        path = folder / "env" / f"tmp_{name}"
        _write(path, render(template).render(values), 0o600)
        files[name.partition(".")[2]] = str(path)
    values["tower"] = {"filename": files}
    return {name: render(template).render(values) for name, template in kind["injectors"]["env"].items()}


def _write(path: Path, content: str, mode: int) -> None:
    path.write_text(content, encoding="utf-8")
    path.chmod(mode)
