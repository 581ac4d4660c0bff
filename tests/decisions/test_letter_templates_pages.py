"""The publishers' pages about the words around the facts, and the drafts they look at."""

import io
import subprocess

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse

from accounts.states import Role
from audit.models import Entry
from decisions import actions, rendering
from decisions.models import DecisionLetter, LetterTemplate
from decisions.rendering import fit, wording
from decisions.states import Outcome
from proposals.states import Answer
from tests import make
from tests.decisions import stage
from tests.decisions.test_letter_templates import approved, final_round, proposed

pytestmark = pytest.mark.django_db
CELL = ("final", "selected", "en")


def address(name, *args):
    return reverse(f"decisions:{name}", args=args or CELL)


def typed(outcome="SELECTED", language="en", **changes):
    said = wording.standard(outcome, language)
    fields = {name: getattr(said, name) for name in fit.FIELDS}
    return {**fields, "steps": "\n".join(said.steps), **changes}


def publisher():
    browser = Client()
    browser.force_login(make.user(Role.PUBLISHER))
    return browser


def body(response):
    return response.content.decode()


# --- propose, look, approve ---


def test_two_publishers_agree_on_other_words():
    final_round()
    first, second = publisher(), publisher()
    page = body(first.get(address("texts")))
    assert wording.standard("SELECTED", "en").sentence in page
    assert "The standard wording holds." in page

    answer = first.post(address("texts"), typed(sentence="Your letter\n  is selected."))
    assert answer.status_code == 302
    template = LetterTemplate.objects.get()
    # One paragraph, however it was wrapped; a step a line.
    assert template.texts["sentence"] == "Your letter is selected."
    assert template.texts["steps"] == list(wording.standard("SELECTED", "en").steps)

    assert "Another publisher approves it" in body(first.get(address("texts")))
    approving = address("approve_texts", *CELL, 1)
    assert first.post(approving).status_code == 403
    page = body(second.get(address("texts")))
    assert "<del>" in page
    assert "<ins>" in page
    assert second.post(approving).status_code == 302
    template.refresh_from_db()
    assert template.answer == Answer.YES
    page = body(second.get(address("texts")))
    assert "Version 1 holds" in page
    assert "The standard wording, to compare" in page
    overview = body(second.get(address("wording", "final")))
    assert f"approved by {template.answered_by}" in " ".join(overview.split())
    start = second.get(address("texts") + "?start=standard").context["form"]
    assert start.initial["sentence"] == wording.standard("SELECTED", "en").sentence


@pytest.mark.parametrize(
    ("changes", "field", "named"),
    [
        ({"sentence": "${event.__init__}"}, "sentence", "${event.__init__}"),
        ({"opening": "{{ call }}"}, "opening", "“{{”"),
        ({"closing": ""}, "closing", "start from the standard text"),
        ({"closing": "y " * 80}, "closing", "at most 120"),
        ({"redress": "Write to somebody@example.org."}, "redress", "somebody@example"),
        ({"redress": "Do not write."}, "redress", "${contact}"),
        ({"steps": ""}, "steps", "start from the standard text"),
        ({"steps": "One.\n<b>Two</b>."}, "steps", "“<”"),
        ({"opening": "left\u202eright"}, "opening", "reverses its order"),
        ({"opening": "left\u2066right"}, "opening", "U+2066"),
        ({"opening": "bell\x07"}, "opening", "control character"),
        ({"sentence": "hieroglyph 𓀀"}, "sentence", "U+13000"),
    ],
)
def test_what_no_letter_may_say_comes_back_with_its_field_and_remedy(changes, field, named):
    final_round()
    browser = publisher()
    for name in ("texts", "draft"):
        answer = browser.post(address(name), typed(**changes))
        assert answer.status_code == 422
        form = answer.context["form"]
        assert set(form.errors) == {field}
        assert named in " ".join(form.errors[field])
        # As it was typed.
        assert form[field].value() == changes[field]
    assert not LetterTemplate.objects.exists()
    assert not Entry.objects.filter(action__startswith="letter_wording").exists()


def test_a_refused_state_keeps_what_was_typed():
    call_round = final_round()
    proposed(call_round)
    answer = publisher().post(address("texts"), typed(closing="Kind regards,"))
    assert answer.status_code == 409
    assert "Another wording is proposed already" in body(answer)
    assert answer.context["form"]["closing"].value() == "Kind regards,"
    assert LetterTemplate.objects.count() == 1


def test_a_proposal_is_refused_with_a_reason():
    template = proposed(final_round())
    browser = publisher()
    ending = address("end_texts", *CELL, template.version)
    assert browser.post(ending, {"reason": ""}).status_code == 422
    assert browser.post(ending, {"reason": "Too friendly."}).status_code == 302
    template.refresh_from_db()
    assert (template.answer, template.reason) == (Answer.NO, "Too friendly.")
    assert "Too friendly." in body(browser.get(address("texts")))
    assert browser.post(ending, {"reason": "Again."}).status_code == 409
    assert browser.post(address("approve_texts", *CELL, template.version)).status_code == 409


def test_what_the_round_does_not_have_is_not_there():
    final_round()
    browser = publisher()
    for cell in (
        ("final", "shortlisted", "en"),
        ("final", "selected", "de"),
        ("preliminary", "selected", "en"),
    ):
        assert browser.get(address("texts", *cell)).status_code == 404
    assert browser.post(address("approve_texts", *CELL, 1)).status_code == 404
    for version in ("1", "x", "-1", "٣", "9999999999"):
        assert browser.post(address("draft"), {"version": version}).status_code == 404
    named = {"version": "0", "letter": "CE8-2023-9999"}
    assert browser.post(address("draft"), named).status_code == 404


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.CHAIR, 403), (Role.OPERATOR, 403), (Role.AUDITOR, 404), (Role.REVIEWER, 404)],
)
def test_the_wording_is_the_publishers(client, role, status):
    template = proposed(final_round())
    client.force_login(make.user(role))
    before = Entry.objects.count()
    looks = [address("wording", "final"), address("texts")]
    writes = [
        *(address("texts"), address("draft")),
        *(address(name, *CELL, template.version) for name in ("approve_texts", "end_texts")),
    ]
    assert {client.get(where).status_code for where in looks} == {status}
    assert {client.post(where, typed()).status_code for where in writes} == {status}
    template.refresh_from_db()
    assert template.is_open
    assert Entry.objects.count() == before


# --- on the way to a publication ---


@pytest.mark.usefixtures("quick_press")
def test_the_conductor_names_what_waits_and_what_changed():
    call_round, _letters = stage.final(Outcome.SELECTED)
    browser = publisher()
    conductor = address("publication", "final")
    assert "The letters&#x27; wording: standard" in body(browser.get(conductor))
    template = proposed(call_round)
    page = browser.get(conductor)
    assert "waits for an answer: Selected (English)" in body(page)
    assert not page.context["decisions_are_ready"]
    assert browser.post(address("propose", "final")).status_code == 409
    assert "waits for a second publisher" in body(browser.get("/decisions/"))
    actions.approve_wording(
        template, actor=make.user(Role.PUBLISHER), at=stage.late(call_round.call)
    )
    assert "wording: 1 text differs from the standard" in body(browser.get(conductor))
    publication = stage.rendered(call_round)
    page = body(browser.get(conductor))
    assert "wording, version 1" in page
    # Its Chinese letter.
    assert "standard wording" in page
    locked = browser.get(address("texts"))
    assert "is locked" in body(locked)
    assert browser.post(address("texts"), typed(closing="Bye,")).status_code == 409
    stage.release(publication)
    assert "the wording of its letters stays" in body(browser.get(address("wording", "final")))


# --- drafts ---


def paper(answer):
    assert answer.status_code == 200, answer.content[:300]
    assert answer["Content-Type"] == "application/pdf"
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"].startswith("inline")
    assert "sandbox" in answer["Content-Security-Policy"]
    return answer.content


def said_on_each_page(pdf):
    done = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    )
    return done.stdout.decode().rstrip("\f").split("\f")


@pytest.mark.parametrize("language", ["en", "zh-hans", "fr"])
def test_a_draft_says_on_every_page_that_it_is_no_letter(language):
    call_round, [letter, _other] = stage.final(Outcome.SELECTED, Outcome.NOT_SELECTED)
    where = address("draft", "final", "selected", language)
    first = wording.standard("SELECTED", language).steps[0]
    data = typed("SELECTED", language, sentence=f"{first} ${{reference}}", letter=letter.reference)
    pdf = paper(publisher().post(where, data))

    foot = "".join(wording.of(language).files["draft"]["foot"].split())
    pages = ["".join(page.split()) for page in said_on_each_page(pdf)]
    assert len(pages) > 1
    assert all(foot in page for page in pages)
    whole = "".join(rendering.text_of(pdf).split())
    assert "".join(f"{first}{letter.reference}".split()) in whole
    assert f"{letter.reference}/F/draft" in whole
    # Nothing by which a letter proves itself.
    assert "/verify/" not in whole
    with pikepdf.open(io.BytesIO(pdf)) as file:
        assert "/AcroForm" not in file.Root
    # It is kept nowhere, and who looked at which words is on record; not with whose letter.
    assert not DecisionLetter.objects.exists()
    logged = Entry.objects.get(action="letter_wording.previewed")
    assert (logged.subject, logged.data["outcome"]) == (f"round:{call_round.pk}", "SELECTED")
    assert letter.reference not in str(logged.data)


@pytest.mark.parametrize("outcome", [*Outcome])
def test_before_anything_is_decided_a_draft_has_invented_particulars(outcome):
    call = make.call()
    first_round = outcome in ("SHORTLISTED", "NOT_SHORTLISTED", "INELIGIBLE")
    kind = (make.first_round(call) if first_round else make.final_round(call)).kind.lower()
    answer = publisher().post(address("draft", kind, outcome, "ar"), {"version": "0"})
    said = "".join(said_on_each_page(paper(answer)))
    assert "CE8-0000-0000" in said
    assert call.contact in said


def test_the_second_publisher_looks_at_the_proposal_itself():
    template = proposed(final_round(), steps=("Rest a while.",))
    pdf = paper(publisher().post(address("draft"), {"version": str(template.version)}))
    assert "Rest a while." in rendering.text_of(pdf)


def test_one_draft_at_a_time_is_set_and_a_press_that_fails_says_when_to_ask_again(monkeypatch):
    final_round()
    browser = publisher()
    with actions.drafting._places:
        answer = browser.post(address("draft"), {"version": "0"})
    assert answer.status_code == 409
    assert "Try again in 5 seconds" in body(answer)

    monkeypatch.setattr(rendering.letter.press._press, "cpu_seconds", 0)
    rendering.letter.press._press.close()
    answer = browser.post(address("draft"), {"version": "0"})
    rendering.letter.press._press.close()
    assert (answer.status_code, "Try again in 5 seconds" in body(answer)) == (409, True)


# --- what it costs ---


@pytest.mark.parametrize("number", [1, 3])
def test_the_pages_cost_the_same_however_much_was_written(
    number, client, django_assert_num_queries
):
    outcomes = [Outcome.SELECTED] * number
    call_round, _letters = stage.final(*outcomes)
    for version in range(number):
        approved(call_round, closing=f"Yours, {version}")
    for language in ("fr", "ru", "es")[:number]:
        proposed(call_round, language=language)
    proposed(call_round)
    client.force_login(make.user(Role.PUBLISHER))
    with django_assert_num_queries(8):
        client.get(address("wording", "final"))
    with django_assert_num_queries(16):
        client.get(address("texts"))
