# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""As much of AWX's API as the modules of awx.awx need to set things up: it keeps what it gets and returns it."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

BASE = "/api/v2"
TEMPLATES = ("job_templates", "workflow_job_templates")
VERSION = {"X-API-Product-Name": "AWX", "X-API-Product-Version": "24.6.1"}
ENCRYPTED = "$encrypted$"

Item = dict[str, Any]


class Controller:
    """The objects by kind, and the requests that change any of them.

    ``update_statuses`` holds how the next updates of a project end; when it is empty, they are successful.
    """

    def __init__(self) -> None:
        self.items: dict[str, dict[int, Item]] = {"organizations": {1: {"id": 1, "name": "Default"}}}
        self.surveys: dict[str, Item] = {}
        self.links: dict[str, list[int]] = {}
        self.writes: list[str] = []
        self.update_statuses: list[str] = []

    def one(self, kind: str, name: str) -> Item:
        """Return the object with this name or identifier."""
        return next(item for item in self.items[kind].values() if name in (item.get("name"), item.get("identifier")))

    def survey(self, kind: str, name: str) -> Item:
        """Return the survey of a template."""
        return self.surveys[f"{self.one(kind, name)['url']}survey_spec/"]

    def linked(self, kind: str, name: str, association: str) -> list[str]:
        """Return the names or identifiers of what an object is associated with."""
        ids = self.links.get(f"{self.one(kind, name)['url']}{association}/", [])
        return [item.get("identifier") or item["name"] for item in map(self._items_by_id().get, ids) if item]

    def add(self, kind: str, /, **fields: Any) -> Item:
        """Add an object as somebody does by clicks."""
        serial = max(self._items_by_id()) + 1
        url = f"{BASE}/{kind}/{serial}/"
        item = {
            **fields,
            "id": serial,
            "type": kind[:-1],
            "url": url,
            "scm_revision": "",
            "summary_fields": {},
            "related": {"update": f"{url}update/"} if kind == "projects" else {},
        }
        if kind in TEMPLATES:
            names = ("survey_spec", "notification_templates_error", "notification_templates_approvals")
            item["related"] = {name: f"{url}{name}/" for name in (*names, "launch")}
        self.items.setdefault(kind, {})[serial] = item
        return item

    def link(self, kind: str, name: str, association: str, linked: int) -> None:
        """Associate an object with another as somebody does by clicks."""
        self.links.setdefault(f"{self.one(kind, name)['url']}{association}/", []).append(linked)

    def app(self) -> Starlette:
        """Return the web application."""
        routes = {
            "/workflow_job_template_nodes/{id:int}/create_approval_template/": self._approval,
            "/projects/{id:int}/update/": self._update,
            "/workflow_job_templates/{id:int}/launch/": self._launch,
            "/{kind}/{id:int}/survey_spec/": self._survey,
            "/{kind}/{id:int}/{association}/": self._association,
            "/{kind}/{id:int}/": self._item,
            "/{kind}/": self._list,
        }
        methods = ["GET", "POST", "PATCH", "DELETE"]
        return Starlette(routes=[Route(BASE + path, handler, methods=methods) for path, handler in routes.items()])

    def _items_by_id(self) -> dict[int, Item]:
        return {serial: item for items in self.items.values() for serial, item in items.items()}

    async def _list(self, request: Request) -> Response:
        kind = request.path_params["kind"]
        if request.method == "POST":
            return await self._create(request, kind)
        kinds = TEMPLATES if kind == "unified_job_templates" else (kind,)
        items = [item for kind in kinds for item in self.items.get(kind, {}).values()]
        filters = {name: value for name, value in request.query_params.items() if name != "page_size"}
        return answer(listed([self._shown(item) for item in items if self._matches(item, filters)]))

    def _matches(self, item: Item, filters: dict[str, str]) -> bool:
        for name, value in filters.items():
            field, _separator, related = name.partition("__")
            found = self._items_by_id()[item[field]].get(related) if related else item.get(field)
            if str(found) != value:
                return False
        return True

    async def _item(self, request: Request) -> Response:
        items, serial = self.items[request.path_params["kind"]], request.path_params["id"]
        if request.method == "DELETE":
            self.writes.append(f"DELETE {request.url.path}")
            del items[serial]
            return Response(status_code=204, headers=VERSION)
        if request.method == "PATCH":
            changes = await self._written(request)
            if "inputs" in changes and items[serial]["type"] == "credential":
                stored = items[serial]["inputs"]
                changes["inputs"] = {
                    name: stored[name] if value == ENCRYPTED else value for name, value in changes["inputs"].items()
                }
            items[serial].update({name: value for name, value in changes.items() if value is not None})
        return answer(self._shown(items[serial]))

    async def _create(self, request: Request, kind: str) -> Response:
        sent = await self._written(request)
        faults = list(self._faults(kind, sent))
        if faults:
            return answer({"__all__": faults}, 400)
        item = self.add(kind, **sent)
        if kind == "projects":
            item["summary_fields"]["current_update"] = {"id": self._updated(item)["id"]}
        return answer(self._shown(item), 201)

    def _faults(self, kind: str, sent: Item) -> Iterator[str]:
        if kind == "job_templates" and self.items["projects"][sent["project"]]["status"] != "successful":
            yield "Playbook not found for project."
        if kind == "schedules":
            template = self._items_by_id()[sent["unified_job_template"]]
            yield from faults_of_answers(self.surveys[f"{template['url']}survey_spec/"], sent["extra_data"])

    async def _survey(self, request: Request) -> Response:
        if request.method == "POST":
            self.surveys[request.url.path] = await self._written(request)
        return answer(self.surveys.get(request.url.path, {}))

    async def _association(self, request: Request) -> Response:
        ids = self.links.setdefault(request.url.path, [])
        if request.method == "POST":
            change = await self._written(request)
            (ids.remove if change.get("disassociate") else ids.append)(change["id"])
            return Response(status_code=204, headers=VERSION)
        return answer(listed([self._shown(self._items_by_id()[one]) for one in ids]))

    async def _approval(self, request: Request) -> Response:
        approval = self.add("workflow_approval_templates", **await self._written(request))
        node = self.items["workflow_job_template_nodes"][request.path_params["id"]]
        node["related"]["unified_job_template"] = approval["url"]
        return answer(approval, 201)

    async def _update(self, request: Request) -> Response:
        self.writes.append(f"POST {request.url.path}")
        project = self.items["projects"][request.path_params["id"]]
        project["summary_fields"] = {}
        return answer(self._updated(project), 202)

    def _updated(self, project: Item) -> Item:
        status = self.update_statuses.pop(0) if self.update_statuses else "successful"
        project["status"] = status
        project["scm_revision"] = "0123abcd" if status == "successful" else ""
        update = self.add("project_updates", name=project["name"], status=status, finished="2026-01-01T00:00:00Z")
        update.update(failed=status != "successful", scm_revision=project["scm_revision"], elapsed=1.0, started=None)
        return update

    async def _launch(self, request: Request) -> Response:
        sent = await self._written(request)
        template = self.items["workflow_job_templates"][request.path_params["id"]]
        faults = list(faults_of_answers(self.surveys[template["related"]["survey_spec"]], sent["extra_vars"]))
        if faults:
            return answer({"variables_needed_to_start": faults}, 400)
        return answer(self.add("workflow_jobs", **sent, name=template["name"], status="pending"), 201)

    async def _written(self, request: Request) -> Item:
        """Return what a request sends, and note that it came."""
        self.writes.append(f"{request.method} {request.url.path}")
        sent: Item = await request.json()
        return sent

    def _shown(self, item: Item) -> Item:
        """Return an object as the API shows it: with what it is associated with, and without secrets."""
        if item.get("type") == "job_template":
            credentials = self.links.get(f"{item['url']}credentials/", [])
            named = [{"id": one, "name": self.items["credentials"][one]["name"]} for one in credentials]
            return {**item, "summary_fields": {"credentials": named}, "extra_vars": item.get("extra_vars", "")}
        if item.get("type") != "credential" or "credential_type" not in item:
            return item
        fields = self.items["credential_types"][item["credential_type"]]["inputs"]["fields"]
        secret = {field["id"] for field in fields if field.get("secret")}
        return {
            **item,
            "inputs": {name: ENCRYPTED if name in secret else item["inputs"][name] for name in item["inputs"]},
        }


def faults_of_answers(survey: Item, answers: Item) -> Iterator[str]:
    """Yield why a launch over the API or a schedule is refused: AWX applies no default of a required question."""
    questions = {question["variable"]: question for question in survey["spec"]}
    for variable, question in questions.items():
        answer = answers.get(variable, "")
        if answer == "" and question["required"]:
            yield f"'{variable}' value missing"
        elif question["type"] == "multiplechoice" and answer not in ["", *question["choices"]]:
            yield f"The answer for {variable} is none of its choices"
    for variable in set(answers) - set(questions):
        yield f"No question asks for {variable}"


def listed(items: list[Item]) -> Item:
    """Return a page of a list."""
    return {"count": len(items), "next": None, "results": items}


def answer(payload: Any, status: int = 200) -> Response:
    """Return a JSON answer that says which AWX this is."""
    return JSONResponse(json.loads(json.dumps(payload)), status, headers=VERSION)


@contextlib.contextmanager
def serving(controller: Controller) -> Iterator[str]:
    """Serve the controller on a loopback address, which is given."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(controller.app(), log_level="warning", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
