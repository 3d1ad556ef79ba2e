# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A job as AWX 24 runs it: what it lays into the private data directory, what it starts, what it keeps of the end."""

from __future__ import annotations

import itertools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from definitions import DEFINITIONS, PROJECT
from jinja2.sandbox import SandboxedEnvironment

QUESTIONS_OF_TEXT = ("text", "textarea")
LEAK = 6  # characters in a row of a key that are found by no accident
COLOR = re.compile(r"\x1b\[[0-9;]*m")

_serials = itertools.count(4711)


class Text(str):
    """A string that Ansible must not evaluate, as all that comes from outside a job template."""


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(Text, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text), style="'"))


def guarded(value: Any) -> Any:
    """Mark all strings in a value as not to be evaluated."""
    if isinstance(value, dict):
        return {Text(key): guarded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [guarded(each) for each in value]
    return Text(value) if isinstance(value, str) else value


@dataclass
class Job:
    """What a launch decides.

    template: the name of a job template; shops: the hosts of the inventory; answers: of its survey, by variable;
    credential: the inputs that were filled in; limit: of a relaunch, since no template prompts for it; extra_vars:
    those that an admin gave the template; environment: of an unusual execution environment. In a workflow, artifacts:
    what the nodes before it left; workflow_answers: those of the workflow's survey.
    """

    template: str
    shops: list[str]
    credential: dict[str, str]
    answers: dict[str, Any] = field(default_factory=dict)
    limit: str = ""
    artifacts: dict[str, Any] = field(default_factory=dict)
    workflow_answers: dict[str, Any] = field(default_factory=dict)
    extra_vars: dict[str, Any] = field(default_factory=dict)
    verbosity: int = 0
    forks: int = 0
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def definition(self) -> dict[str, Any]:
        """Return the job template."""
        return next(each for each in DEFINITIONS["controller_templates"] if each["name"] == self.template)

    def variables(self, serial: int) -> dict[str, Any]:
        """Return the extra variables: the template's as they are, all others guarded."""
        asked = {question["variable"]: question for question in self.definition["survey_spec"]["spec"]}
        defaults = {
            name: question.get("default", "")
            for name, question in asked.items()
            if question.get("default", "") != "" or (not question["required"] and question["type"] in QUESTIONS_OF_TEXT)
        }
        answers = {name: value for name, value in self.answers.items() if name in asked}
        # AWX lets the answers of a workflow win over what its nodes left, and gives them to every job.
        from_outside = {**defaults, **answers, **self.artifacts, **self.workflow_answers}
        meta = {
            f"{prefix}_{name}": value
            for prefix in ("awx", "tower")
            for name, value in {
                "job_id": serial,
                "job_launch_type": "manual",
                "job_template_name": self.template,
                "user_name": "alice",
                "user_email": "alice@awx.example",
                "inventory_name": "Komfortkasse shops",
            }.items()
        }
        return {**self.extra_vars, **guarded(from_outside), **guarded(meta)}

    def options(self) -> list[str]:
        """Return the options of ansible-playbook."""
        options = ["--check"] if self.definition["job_type"] == "check" else []
        options += [f"-{'v' * self.verbosity}"] if self.verbosity else []
        options += ["--forks", str(self.forks)] if self.forks else []
        return options + (["--limit", self.limit] if self.limit else [])


@dataclass
class Ended:
    """What is left of a job: its status (as ansible-runner says it), and the private data directory."""

    job: Job
    status: str
    folder: Path

    @cached_property
    def events(self) -> list[dict[str, Any]]:
        """Return the events in their order."""
        files = (self.folder / "artifacts" / "1" / "job_events").glob("*-*.json")
        whole = [json.loads(file.read_text(encoding="utf-8")) for file in files if "partial" not in file.name]
        return sorted(whole, key=lambda event: event["counter"])

    @property
    def output(self) -> str:
        """Return what people see of the job, with its folder named as in a container."""
        written = (self.folder / "artifacts" / "1" / "stdout").read_text(encoding="utf-8").replace("\r\n", "\n")
        return COLOR.sub("", written).replace(str(self.folder), "/runner")

    @property
    def artifacts(self) -> dict[str, Any]:
        """Return what set_stats left, as AWX keeps it."""
        (stats,) = [event["event_data"] for event in self.events if event["event"] == "playbook_on_stats"]
        return stats.get("artifact_data", {})

    def relaunch(self) -> Job:
        """Return the job that AWX makes of this one on its failed hosts."""
        (stats,) = [event["event_data"] for event in self.events if event["event"] == "playbook_on_stats"]
        return replace(self.job, limit=",".join(sorted({*stats["failures"], *stats["dark"]})))

    def leaks(self) -> list[str]:
        """Return the files with a part of a key: all that the job was given or has left, but the credential's files."""
        given = [value for name, value in self.job.credential.items() if name != "api_url"]
        traces = {trace for value in given for key in re.findall(r"\w{20,}", value) for trace in _traces(key)}
        pattern = re.compile("|".join(map(re.escape, traces)))
        files = [file for file in self.folder.rglob("*") if file.is_file() and not file.name.startswith("tmp_template")]
        return [str(file) for file in files if pattern.search(file.read_text(encoding="utf-8", errors="replace"))]


def _traces(key: str) -> Iterator[str]:
    """Yield every part of a key that would give it away, also backwards."""
    for text in (key, key[::-1]):
        yield from (text[start : start + LEAK] for start in range(len(text) - LEAK + 1))


class Node:
    """An execution node: runs jobs with the collection in `collections`, each in a folder of its own."""

    def __init__(self, folder: Path, collections: Path) -> None:
        self._folder, self._collections = folder, collections
        self.ended: list[Ended] = []

    def run(self, job: Job) -> Ended:
        """Lay out a job, and run it to its end."""
        serial = next(_serials)
        folder = self._folder / f"awx_{serial}"
        (folder / "env").mkdir(parents=True)
        shutil.copytree(PROJECT, folder / "project")
        (folder / "requirements_collections").symlink_to(self._collections)
        content = {"all": {"hosts": job.shops}, "_meta": {"hostvars": {name: {} for name in job.shops}}}
        (folder / "inventory").mkdir()
        script = f"#! /usr/bin/env python3\n# -*- coding: utf-8 -*-\nprint({json.dumps(content)!r})\n"
        _write(folder / "inventory" / "hosts", script, 0o700)
        variables = yaml.dump(job.variables(serial), Dumper=_Dumper, allow_unicode=True)
        _write(folder / "env" / "extravars", variables, 0o600)
        _write(folder / "env" / "settings", json.dumps({"suppress_ansible_output": True}), 0o600)
        envvars = {**self._environment(folder, serial), **lay_credential(folder, job.credential), **job.environment}
        (folder / "home").mkdir()
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}"
        command = [sys.executable, "-I", str(Path(__file__).with_name("execute.py")), str(folder)]
        done = subprocess.run(
            [*command, job.definition["playbook"]],
            cwd=folder,
            env={"PATH": path, "HOME": str(folder / "home"), "LANG": "C.UTF-8"},
            input=json.dumps({"envvars": envvars, "cmdline": shlex.join(job.options())}),
            stdout=subprocess.PIPE,
            text=True,
            timeout=300,
            check=True,
        )
        self.ended.append(Ended(job, done.stdout.strip(), folder))
        return self.ended[-1]

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
            "MAX_EVENT_RES": "700000",  # bytes; a larger result is emptied
        }


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
