"""docs/api.md: its commands do what it says, and its tables name what there is."""

import json
import re
import shlex
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.states import Role
from tests import make
from tests.programs import Program
from tests.proposals import papers

pytestmark = pytest.mark.django_db

PAGE = (settings.BASE_DIR / "docs" / "api.md").read_text()
COMMANDS = re.findall(r"```sh\n(curl .*?)\n```", PAGE, re.DOTALL)
# What each command is answered with, in their order on the page.
STATUSES = [200, 200, 201, 200, 201, 200, 422, 200, *[200] * 6]


def run(command, values):
    """Do what curl would do with the options that the page uses, without a network."""
    # The longer name first: one begins with another.
    for name, value in sorted(values.items(), key=lambda item: -len(item[0])):
        command = command.replace(f"${name}", value)
    words = iter(shlex.split(command.replace("\\\n", " "))[1:])
    method, headers, form, data, address = None, {}, {}, None, ""
    for word in words:
        match word:
            case "-X":
                method = next(words)
            case "-H":
                name, _colon, value = next(words).partition(": ")
                headers[name] = value
            case "-d":
                data = next(words)
            case "-F":
                name, _equals, value = next(words).partition("=")
                form[name] = (
                    SimpleUploadedFile(value[1:], papers.GOOD) if value[0] == "@" else value
                )
            case _:
                address = word
    assert address.startswith("/api/v1/")
    if form:
        return Client().post(address, form, headers=headers)
    kind = headers.pop("Content-Type", "application/octet-stream")
    return Client().generic(method or "GET", address, data or "", kind, headers=headers)


def test_every_command_on_the_page_works_in_its_order(it_is):
    make.call()
    # The call before this one is still being reviewed.
    year = timedelta(days=365)
    call = make.call(opens_at=make.OPENS - year, closes_at=make.CLOSES - year)
    make.rubric(call)
    given = make.assignment(letter=make.eligible_letter(call=call))
    values = {
        "PORTAL": "",
        "TOKEN": Program(make.member()).secret,
        "REVIEWER": Program(given.reviewer).secret,
        "REVIEW": str(given.pk),
        "CHAIR": Program(make.user(Role.CHAIR)).secret,
    }
    answers = []
    for command in COMMANDS:
        answer = run(command, values)
        answers.append(answer)
        if answer.status_code == 201 and "Location" in answer.headers:
            values["LETTER"] = answer.json()["id"]
        elif answer.status_code == 201:
            values["FILE"] = answer.json()["id"]
        if answer.streaming:
            assert b"".join(answer.streaming_content) == papers.GOOD
    assert [answer.status_code for answer in answers] == STATUSES
    assert answers[6].json()["code"] == "incomplete"
    assert answers[-2].json()["state"] == "SUBMITTED"
    assert answers[3].json()["priorities"] == ["payloads"]


def test_every_address_on_the_page_is_described_and_the_other_way_round(it_is):
    described = Program(make.member()).get("/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    for path, calls in described["paths"].items():
        last = path.rstrip("}").rpartition("/")[2].partition("{")[0]
        assert last in PAGE, path
        for call in calls.values():
            assert call["summary"]
            assert call["description"]
            assert call["tags"]


def test_the_page_names_the_statuses_that_are_described(it_is):
    described = Program(make.member()).get("/openapi.json").json()
    said = {
        status
        for calls in described["paths"].values()
        for call in calls.values()
        for status in call["responses"]
        if int(status) >= 400
    }
    assert {status for status in said - {"416"} if status not in PAGE} == set()


def test_every_field_of_the_panels_calls_is_described_with_an_example(it_is):
    described = Program(make.member()).get("/openapi.json").json()
    schemas = described["components"]["schemas"]
    reached, left = (
        set(),
        [
            call
            for path, calls in described["paths"].items()
            for call in calls.values()
            if call["tags"][0] in ("Reviews", "Panel", "Decisions")
        ],
    )
    assert len(left) == 10
    bare = []
    while left:
        for name in re.findall(r"#/components/schemas/(\w+)", json.dumps(left.pop())):
            if name in reached or name in ("Problem", "LetterOut"):
                continue
            reached.add(name)
            left.append(schemas[name])
            for field, said in schemas[name]["properties"].items():
                if "$ref" not in said and not (said.get("description") and "examples" in said):
                    bare.append(f"{name}.{field}")
    assert {"ReviewIn", "ReviewRead", "RankedOut", "AssignmentOut", "DecisionOut"} <= reached
    assert bare == []
