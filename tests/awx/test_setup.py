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

PLAYBOOK = "community.komfortkasse.awx_setup"
URL = "https://git.example.com/awx-project.git"
KEY = "key-that-nobody-may-see"
JOURNAL = "/var/log/komfortkasse/{{ inventory_hostname }}.jsonl"


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
    """Give a controller that was set up at the second attempt: the first update of its project failed."""
    controller = fake.Controller()
    controller.update_statuses = ["failed"]
    with fake.serving(controller) as address:
        setup = Setup(run, collections, controller, address)
        assert "Project update failed" in setup().stdout
        changed(setup())
        yield setup


def changed(done: subprocess.CompletedProcess[str]) -> int:
    """Return how many tasks changed something in a run that went well."""
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "WARNING" not in said
    assert KEY not in said
    (count,) = re.findall(r"changed=(\d+)", done.stdout)
    return int(count)


def test_the_first_run_sets_up_everything(setup):
    controller = setup.controller
    injectors = controller.one("credential_types", "Komfortkasse")["injectors"]
    assert injectors["file"]["template.api_key"] == "{{ api_key }}"
    assert controller.one("credentials", "Komfortkasse")["inputs"] == {"api_key": KEY}
    assert controller.linked("job_templates", "Cancel orders", "credentials") == ["Komfortkasse"]
    assert controller.one("schedules", "Find late payments every week")["extra_data"]["komfortkasse_hosts"] == "all"
    nodes = "workflow_job_template_nodes"
    for node, template in (("plan", "Plan cancellations"), ("apply", "Cancel orders")):
        assert controller.one(nodes, node)["unified_job_template"] == controller.one("job_templates", template)["id"]
    assert controller.linked(nodes, "plan", "success_nodes") == ["approval"]
    assert controller.linked(nodes, "approval", "success_nodes") == ["apply"]
    assert controller.one("workflow_approval_templates", "Cancel these orders?")["timeout"] == 86400
    assert len(controller.surveys) == 6


def test_the_second_run_keeps_what_an_admin_added(setup):
    controller = setup.controller
    template = controller.one("job_templates", "Cancel orders")
    own_credential = controller.add("credentials", name="Vault", inputs={})
    own_notification = controller.add("notification_templates", name="Chat")
    own_question = {"variable": "komfortkasse_concurrency", "type": "integer", "required": False, "question_name": "?"}
    own_node = controller.add("workflow_job_template_nodes", identifier="tell")
    controller.link("job_templates", "Cancel orders", "credentials", own_credential["id"])
    controller.link("job_templates", "Cancel orders", "notification_templates_error", own_notification["id"])
    controller.link("workflow_job_template_nodes", "apply", "always_nodes", own_node["id"])
    controller.link("workflow_job_template_nodes", "apply", "success_nodes", own_node["id"])
    controller.survey("job_templates", "Cancel orders")["spec"].append(own_question)
    controller.one("credentials", "Komfortkasse")["inputs"]["ca"] = "a certificate"
    controller.one("inventories", "Komfortkasse shops")["variables"] = "komfortkasse_timeout: 60"
    controller.one("schedules", "Find late payments every week").update(rrule="another time", enabled=False)
    template.update(extra_vars=f"komfortkasse_journal_path: '{JOURNAL}'", forks=20, timeout=600, verbosity=1)
    before = [list(controller.writes), json.dumps([controller.items, controller.surveys, controller.links])]

    assert changed(setup(key="")) == 0  # the key is stored already
    assert [controller.writes, json.dumps([controller.items, controller.surveys, controller.links])] == before

    # Now the variables for all templates, a new key and another list of shops. What the admin added stays beside them.
    controller.add("notification_templates", name="Mail")
    controller.add("execution_environments", name="Komfortkasse EE")
    done = setup(
        komfortkasse_awx_extra_vars={"komfortkasse_report_dir": "/reports"},
        komfortkasse_awx_execution_environment="Komfortkasse EE",
        komfortkasse_awx_slices=3,
        komfortkasse_awx_notify_on_error=["Mail"],
        komfortkasse_awx_notify_on_approval=["Mail"],
        komfortkasse_awx_update_secrets=True,
        controller_hosts=[{"name": "berlin", "inventory": "Komfortkasse shops"}],
        key="another-key",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "my-shop" in done.stdout and '"state: absent"' in done.stdout.replace("\\", "")
    assert "another-key" not in done.stdout + done.stderr
    variables = {"komfortkasse_journal_path": JOURNAL, "komfortkasse_report_dir": "/reports"}
    assert json.loads(template["extra_vars"]) == variables
    environment = controller.one("execution_environments", "Komfortkasse EE")["id"]
    kept = {"forks": 20, "timeout": 600, "verbosity": 1, "job_slice_count": 3, "execution_environment": environment}
    assert {name: template[name] for name in kept} == kept
    assert controller.one("job_templates", "Plan cancellations")["job_slice_count"] == 1
    assert controller.linked("job_templates", "Cancel orders", "credentials") == ["Komfortkasse", "Vault"]
    for association, names in {"error": ["Chat", "Mail"], "success": []}.items():
        assert controller.linked("job_templates", "Cancel orders", f"notification_templates_{association}") == names
    workflow = ("workflow_job_templates", "Cancel orders after approval")
    assert controller.linked(*workflow, "notification_templates_approvals") == ["Mail"]
    assert own_question in controller.survey("job_templates", "Cancel orders")["spec"]
    assert controller.linked("workflow_job_template_nodes", "apply", "always_nodes") == ["tell"]
    inputs = controller.one("credentials", "Komfortkasse")["inputs"]
    assert inputs == {"api_key": "another-key", "ca": "a certificate"}


def test_a_missing_project_is_refused_before_anything_is_written(setup):
    before = list(setup.controller.writes)
    refused = setup(komfortkasse_awx_project_url="")
    assert refused.returncode == 2
    assert "Set komfortkasse_awx_project_url" in refused.stdout + refused.stderr
    assert setup.controller.writes == before
