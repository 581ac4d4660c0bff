"""A program that speaks to the portal: a client with a token, for tests of the calls."""

import itertools
import json

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts import actions
from accounts.states import TokenScope
from chang_e8_portal import clock

ROOT = "/api/v1"

_number = itertools.count(1)


class Program:
    """Acts for one person. Each call returns Django's response; `json()` reads it."""

    def __init__(self, person, scope=TokenScope.WRITE, **headers):
        self.person = person
        self.token, self.secret = actions.make_token(
            person, name=f"Test {next(_number)}", scope=scope, days=365, at=clock.now()
        )
        self.headers = {"Authorization": f"Bearer {self.secret}", **headers}
        self.client = Client()

    def get(self, path, **headers):
        return self.client.get(ROOT + path, headers=self.headers | headers)

    def delete(self, path, **headers):
        return self.client.delete(ROOT + path, headers=self.headers | headers)

    def post(self, path, body=None, **headers):
        return self._send("post", path, body, headers)

    def put(self, path, body=None, **headers):
        return self._send("put", path, body, headers)

    def patch(self, path, body, revision=None, **headers):
        if revision is not None:
            headers["If-Match"] = f'"{revision}"'
        return self._send("patch", path, body, headers)

    def raw(self, method, path, data, content_type="application/json", **headers):
        return self.client.generic(
            method, ROOT + path, data, content_type=content_type, headers=self.headers | headers
        )

    def upload(self, path, data, *, name="letter.pdf", kind="LETTER", **more):
        file = SimpleUploadedFile(name, data, content_type="application/pdf")
        sent = {"kind": kind, "file": file, **more}
        return self.client.post(ROOT + path, sent, headers=self.headers)

    def _send(self, method, path, body, headers):
        data = "" if body is None else json.dumps(body)
        return self.raw(method.upper(), path, data, **headers)


def refusal(response):
    """Status and code of a refusal, which must have the one form all of them have."""
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == response.status_code
    assert body["type"] == "about:blank"
    assert body["title"]
    assert body["detail"]
    return response.status_code, body["code"]
