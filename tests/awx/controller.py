# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""As much of AWX's API as the modules of awx.awx need to set things up: it keeps what it gets, and shows it again."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import rules
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

BASE = "/api/v2"
TOKEN = "controller-token-of-the-tests"
TEMPLATES = ("job_templates", "workflow_job_templates")
VERSION = {"X-API-Product-Name": "AWX", "X-API-Product-Version": "24.6.1"}

Item = dict[str, Any]


class Controller:
    """The objects by kind, and the requests that would change any of them."""

    def __init__(self) -> None:
        self.items: dict[str, dict[int, Item]] = {"organizations": {1: {"id": 1, "name": "Default"}}}
        self.surveys: dict[str, Item] = {}
        self.links: dict[str, list[int]] = {}
        self.writes: list[str] = []

    def one(self, kind: str, name: str) -> Item:
        """Return the object of that name or identifier."""
        return next(item for item in self.items[kind].values() if name in (item.get("name"), item.get("identifier")))

    def linked(self, kind: str, name: str, association: str) -> list[str]:
        """Return the names or identifiers of what an object is associated with."""
        ids = self.links.get(f"{self.one(kind, name)['url']}{association}/", [])
        found = [self.items["workflow_job_template_nodes" if "nodes" in association else association][i] for i in ids]
        return [item.get("identifier") or item["name"] for item in found]

    def app(self) -> Starlette:
        """Return the web application."""
        routes = {
            "/workflow_job_template_nodes/{id:int}/create_approval_template/": self._approval,
            "/{kind}/{id:int}/survey_spec/": self._survey,
            "/{kind}/{id:int}/{association}/": self._association,
            "/{kind}/{id:int}/": self._item,
            "/{kind}/": self._list,
        }
        methods = ["GET", "POST", "PATCH"]
        return Starlette(routes=[Route(BASE + path, handler, methods=methods) for path, handler in routes.items()])

    async def _list(self, request: Request) -> Response:
        kind = request.path_params["kind"]
        if request.method == "POST":
            return await self._create(request, kind)
        kinds = TEMPLATES if kind == "unified_job_templates" else (kind,)
        found = [
            self._shown(item)
            for kind in kinds
            for item in self.items.get(kind, {}).values()
            if all(str(item.get(key)) == value for key, value in request.query_params.items())
        ]
        return answer({"count": len(found), "next": None, "results": found})

    async def _item(self, request: Request) -> Response:
        item = self.items[request.path_params["kind"]][request.path_params["id"]]
        if request.method == "PATCH":
            changes = await self._written(request)
            item.update({key: value for key, value in changes.items() if value is not None})
        return answer(self._shown(item))

    async def _create(self, request: Request, kind: str) -> Response:
        item = await self._written(request)
        faults = list(rules.faults_of_credential_type(item)) if kind == "credential_types" else []
        if faults:
            return answer({"__all__": faults}, 400)
        return answer(self._shown(self._add(kind, item)), 201)

    def _add(self, kind: str, item: Item) -> Item:
        serial = sum(map(len, self.items.values())) + 1
        url = f"{BASE}/{kind}/{serial}/"
        shown: Item = {"related": {}, "summary_fields": {}, "scm_revision": ""}
        if kind in TEMPLATES:
            shown["related"]["survey_spec"] = f"{url}survey_spec/"
        defaults = {"id": serial, "type": kind[:-1], "url": url, **shown}
        self.items.setdefault(kind, {})[serial] = {**item, **defaults}
        return self.items[kind][serial]

    async def _survey(self, request: Request) -> Response:
        if request.method == "POST":
            survey = await self._written(request)
            faults = list(rules.faults_of_survey(survey))
            if faults:
                return answer({"error": faults}, 400)
            self.surveys[request.url.path] = survey
        return answer(self.surveys.get(request.url.path, {}))

    async def _association(self, request: Request) -> Response:
        ids = self.links.setdefault(request.url.path, [])
        if request.method == "POST":
            change = await self._written(request)
            (ids.remove if change.get("disassociate") else ids.append)(change["id"])
            return Response(status_code=204, headers=VERSION)
        return answer({"count": len(ids), "next": None, "results": [{"id": one} for one in ids]})

    async def _approval(self, request: Request) -> Response:
        approval = self._add("workflow_approval_templates", await self._written(request))
        node = self.items["workflow_job_template_nodes"][request.path_params["id"]]
        node["related"]["unified_job_template"] = approval["url"]
        return answer(approval, 201)

    async def _written(self, request: Request) -> Item:
        """Return what a request sends, and note that it came."""
        self.writes.append(f"{request.method} {request.url.path}")
        sent: Item = await request.json()
        return sent

    def _shown(self, item: Item) -> Item:
        """Return an object without its secrets."""
        if item.get("type") != "credential":
            return item
        fields = self.items["credential_types"][item["credential_type"]]["inputs"]["fields"]
        secret = {field["id"] for field in fields if field.get("secret")}
        return {
            **item,
            "inputs": {key: "$encrypted$" if key in secret else value for key, value in item["inputs"].items()},
        }


def answer(payload: Any, status: int = 200) -> Response:
    """Return a JSON answer that says which AWX this is."""
    return JSONResponse(json.loads(json.dumps(payload)), status, headers=VERSION)


class Guarded:
    """Lets nobody in without the token."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve a request, or refuse it."""
        headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
        allowed = (b"authorization", f"Bearer {TOKEN}".encode()) in headers
        await (self._app if allowed else answer({"detail": "Who are you?"}, 401))(scope, receive, send)


@contextlib.contextmanager
def serving(controller: Controller) -> Iterator[str]:
    """Serve the controller on a loopback address, which is given."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(Guarded(controller.app()), log_level="warning", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
