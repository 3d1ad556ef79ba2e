# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook awx_setup with the real modules of awx.awx, on a controller that knows AWX's rules."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator

import controller as fake
import pytest
import rules
import yaml
from definitions import DEFINITIONS, LISTS, PROJECT, ROOT

PLAYBOOK = "community.komfortkasse.awx_setup"
URL = "https://git.example.com/awx-project.git"
KEY = "key-that-nobody-may-see"


class Setup:
    """A controller, and the playbook that sets it up."""

    def __init__(self, run, collections, controller, address):
        self.controller = controller
        self._run, self._collections, self._address = run, collections, address

    def __call__(self, *options: str, key: str = KEY, **variables) -> subprocess.CompletedProcess[str]:
        return self._run(
            "ansible-playbook",
            PLAYBOOK,
            *options,
            "-e",
            json.dumps({"komfortkasse_awx_project_url": URL, **variables}),
            ANSIBLE_COLLECTIONS_PATH=str(self._collections),
            CONTROLLER_HOST=self._address,
            CONTROLLER_OAUTH_TOKEN=fake.TOKEN,
            KOMFORTKASSE_API_KEY=key,
        )


@pytest.fixture(scope="module")
def setup(run, collections) -> Iterator[Setup]:
    """Give a controller that was set up once, and the way to do it again."""
    controller = fake.Controller()
    with fake.serving(controller) as address:
        setup = Setup(run, collections, controller, address)
        done = setup()
        assert done.returncode == 0, done.stdout + done.stderr
        assert "WARNING" not in done.stdout + done.stderr
        assert KEY not in done.stdout + done.stderr
        yield setup


def changed(done: subprocess.CompletedProcess[str]) -> int:
    assert done.returncode == 0, done.stdout + done.stderr
    (count,) = re.findall(r"changed=(\d+)", done.stdout)
    return int(count)


def test_once_more_and_nothing_changes(setup):
    before = list(setup.controller.writes)
    assert changed(setup()) == 0
    assert setup.controller.writes == before


def test_a_new_shop_and_a_new_key_are_all_that_changes_and_the_key_is_never_shown(setup):
    hosts = [{"name": name, "inventory": "Komfortkasse shops"} for name in ("my-shop", "other-shop")]
    done = setup("-vvv", controller_hosts=hosts, komfortkasse_awx_update_secrets="true")
    assert changed(done) == 2
    assert KEY not in done.stdout + done.stderr
    controller = setup.controller
    assert (
        controller.one("hosts", "other-shop")["inventory"] == controller.one("inventories", "Komfortkasse shops")["id"]
    )
    assert controller.one("credentials", "Komfortkasse")["inputs"] == {"api_key": KEY}


def test_braces_arrive_as_awx_wants_them(setup):
    injectors = setup.controller.one("credential_types", "Komfortkasse")["injectors"]
    assert injectors["env"]["KOMFORTKASSE_API_KEY"] == "{{ api_key }}"
    assert injectors["file"] == {"template.ca": "{{ ca }}", "template.shop_keys": "{{ shop_keys }}"}
    variables = json.loads(setup.controller.one("inventories", "Komfortkasse shops")["variables"])
    assert variables["komfortkasse_api_key"].startswith("{{ ''")


def test_the_workflow_is_plan_approval_apply(setup):
    controller = setup.controller
    plan, apply = (controller.one("workflow_job_template_nodes", name) for name in ("plan", "apply"))
    template = controller.one("job_templates", "Cancel orders")
    assert (plan["unified_job_template"], plan["job_type"]) == (template["id"], "check")
    assert (apply["unified_job_template"], apply["job_type"]) == (template["id"], "run")
    assert controller.linked("workflow_job_template_nodes", "plan", "success_nodes") == ["approval"]
    assert controller.linked("workflow_job_template_nodes", "approval", "success_nodes") == ["apply"]
    assert controller.linked("job_templates", "Cancel orders", "credentials") == ["Komfortkasse"]
    assert controller.one("workflow_approval_templates", "Cancel these orders?")["timeout"] == 86400


def test_the_surveys_arrive(setup):
    assert {path.split("/")[3] for path in setup.controller.surveys} == {"job_templates", "workflow_job_templates"}
    assert len(setup.controller.surveys) == 3
    for survey in setup.controller.surveys.values():
        assert list(rules.faults_of_survey(survey)) == []


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        ({"komfortkasse_awx_project_url": ""}, "Set komfortkasse_awx_project_url"),
        ({"key": ""}, "Set the environment variable KOMFORTKASSE_API_KEY"),
    ],
)
def test_what_is_missing_is_named_before_anything_is_written(setup, given, advice):
    before = list(setup.controller.writes)
    refused = setup(**given)
    assert refused.returncode == 2
    assert advice in " ".join((refused.stdout + refused.stderr).split())
    assert setup.controller.writes == before


def test_its_syntax_can_be_checked_with_awx_awx_and_without(run, collections):
    """The modules stand in a file that is included, so that nothing here needs that collection to be there."""
    checked = run("ansible-playbook", "--syntax-check", PLAYBOOK, ANSIBLE_COLLECTIONS_PATH=str(collections))
    assert checked.returncode == 0, checked.stderr
    assert "awx.awx" not in (ROOT / "playbooks" / "awx_setup.yml").read_text().split("tasks:")[1].split("#")[0]
    tasks = yaml.safe_load((ROOT / "playbooks" / "tasks" / "awx.yml").read_text())
    assert {key.rpartition(".")[0] for task in tasks for key in task if "." in key} == {"awx.awx"}


def test_every_key_of_the_definitions_is_passed_on():
    """A key that the tasks do not know would be left out in silence."""
    passed = {}
    for task in yaml.safe_load((ROOT / "playbooks" / "tasks" / "awx.yml").read_text()):
        (source,) = re.findall(r"controller_\w+", task["loop"])
        text = json.dumps(task)
        passed.setdefault(source, set()).update(re.findall(r"(?:item|item\.0|credential)\.([a-z]\w*)", text))
        passed.setdefault(f"{source} nodes", set()).update(re.findall(r"item\.1\.([a-z]\w*)", text))
    for name in LISTS:
        for item in DEFINITIONS[name]:
            assert set(item) - {"simplified_workflow_nodes"} <= passed[name], name
            for node in item.get("simplified_workflow_nodes", []):
                assert set(node) <= passed[f"{name} nodes"]


def test_the_templates_run_what_is_in_the_example_project():
    for template in DEFINITIONS["controller_templates"]:
        (play,) = yaml.safe_load((PROJECT / template["playbook"]).read_text())
        name = play["ansible.builtin.import_playbook"].removeprefix("community.komfortkasse.")
        assert (ROOT / "playbooks" / f"{name}.yml").is_file()
