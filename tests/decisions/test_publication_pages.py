"""What two publishers see and press on the way to a release."""

import re

import pytest
from django.urls import reverse

from accounts.states import Role
from decisions import actions
from decisions.models import DecisionLetter, Publication
from decisions.states import Outcome, RenderState
from notifications.models import Message
from proposals import files
from tests import make
from tests.decisions import stage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_press")]


def address(publication, name):
    return reverse(f"decisions:{name}", args=[publication.round.kind])


def release_form(client, publication):
    """The hidden fields of the form as the page gives them, to who has just shown who it is."""
    make.stepped_up(client)
    form = client.get(address(publication, "release")).context["form"]
    return {name: str(form.initial[name]) for name in ("publication", "key")}


def test_a_publisher_proposes_after_seeing_how_many_people_are_told(client):
    call_round, _letters = stage.final(Outcome.SELECTED, Outcome.NOT_SELECTED)
    client.force_login(make.user(Role.PUBLISHER))
    where = reverse("decisions:propose", args=[call_round.kind])

    page = client.get(where)
    assert (page.context["letters"], page.context["mails"], page.context["people"]) == (2, 2, 2)
    assert not Publication.objects.exists()

    assert client.post(where).status_code == 302
    publication = Publication.objects.get()
    shown = client.get(address(publication, "publication")).content.decode()
    assert publication.content_hash in shown
    assert client.post(where).status_code == 409
    assert client.get(where).status_code == 302


def test_the_second_publisher_releases_and_a_double_click_does_no_harm(client):
    publication, _letters = stage.ready()
    client.force_login(make.user(Role.PUBLISHER))
    sent = release_form(client, publication) | {"count": "1"}

    assert client.post(address(publication, "release"), sent).status_code == 302
    told = stage.everything_told()
    assert client.post(address(publication, "release"), sent).status_code == 302
    assert client.post(address(publication, "release"), sent | {"key": "new"}).status_code == 409
    assert stage.everything_told() == told
    actions.mail_told(at=publication.proposed_at + 3 * stage.MINUTE)
    assert client.get(address(publication, "publication")).context["mails"]["all"] == 2


def test_the_second_key_asks_who_turns_it_and_loses_nothing_typed(client, it_is):
    publication, _letters = stage.ready()
    now = publication.proposed_at + stage.MINUTE
    it_is(now)
    person = make.user(Role.PUBLISHER)
    client.force_login(person)
    where, before = address(publication, "release"), stage.everything_told()
    form = client.get(where).context["form"]
    sent = {name: str(form.initial[name]) for name in ("publication", "key")} | {"count": "1"}
    # What is mistyped is said before a code is mailed.
    assert client.post(where, sent | {"count": "2"}).status_code == 422
    past = client.post(where, sent | {"release_at": "2023-01-01T10:00"})
    assert past.status_code == 422
    assert not Message.objects.exists()

    planned = f"{(now + stage.MINUTE).astimezone(publication.round.call.tzinfo):%Y-%m-%dT%H:%M}"
    for more in ({}, {"release_at": planned}):
        asked = client.post(where, sent | more)
        assert asked.status_code == 401
        page = asked.content.decode()
        for name, value in (sent | more).items():
            assert f'name="{name}" value="{value}"' in page
        assert client.post(where, sent | more | {"step_up_code": "wrong"}).status_code == 401
        back = client.post(where, sent | more | {"step_up_code": "", "step_up_back": "1"})
        assert back.status_code == 200
        assert 'value="1"' in back.content.decode()
        assert more.get("release_at", "") in back.content.decode()
    publication.refresh_from_db()
    assert not publication.is_scheduled
    told = stage.everything_told()
    assert [told[0], told[1], told[2]] == [before[0], before[1], before[2]]

    code = re.search(
        r"^\w{4}-\w{4}$",
        Message.objects.filter(template="accounts-mail-step_up_code").latest("queued_at").body,
        re.M,
    )
    assert client.post(where, sent | {"step_up_code": code[0]}).status_code == 302
    publication.refresh_from_db()
    assert publication.released_by == person


@pytest.mark.parametrize("count", ["2", "", "one", "1_0", "-1", "999999"])
def test_a_number_that_is_not_the_number_comes_back(client, count):
    publication, _letters = stage.ready()
    client.force_login(make.user(Role.PUBLISHER))
    sent = release_form(client, publication) | {"count": count}
    assert client.post(address(publication, "release"), sent).status_code == 422
    assert not Publication.objects.released().exists()


def test_a_form_about_a_void_proposal_releases_nothing(client):
    publication, [letter, _other] = stage.ready()
    client.force_login(make.user(Role.PUBLISHER))
    sent = release_form(client, publication) | {"count": "1"}
    stage.withdraw(publication)
    stage.decide(publication.round, [letter], [Outcome.SELECTED])
    fresh = stage.propose(publication.round)
    stage.render_all(fresh)

    assert client.post(address(publication, "release"), sent).status_code == 409
    assert client.post(address(publication, "release"), {"count": "1"}).status_code == 404
    assert not Publication.objects.released().exists()


def test_the_proposer_is_told_that_another_person_must(client):
    publication, _letters = stage.ready()
    client.force_login(publication.proposed_by)
    assert "Another publisher" in client.get(address(publication, "publication")).content.decode()
    refused = client.get(address(publication, "release"))
    assert refused.status_code == 403
    sent = {"publication": str(publication.pk), "key": "k", "count": "1"}
    assert client.post(address(publication, "release"), sent).status_code == 403
    assert not Publication.objects.released().exists()


def test_a_faulty_file_is_named_on_the_page(client):
    publication, _letters = stage.ready()
    client.force_login(make.user(Role.PUBLISHER))
    sent = release_form(client, publication) | {"count": "1"}
    files.path_of(stage.first_letter(publication).sha256).unlink()
    answer = client.post(address(publication, "release"), sent)
    assert answer.status_code == 409
    assert stage.first_letter(publication).number in answer.content.decode()


def test_a_proposal_is_withdrawn_with_a_reason(client):
    publication, _letters = stage.ready()
    client.force_login(make.user(Role.PUBLISHER))
    where = address(publication, "withdraw")
    assert client.post(where, {"reason": ""}).status_code == 422
    assert client.post(where, {"reason": "A typing error."}).status_code == 302
    assert "A typing error." in client.get(address(publication, "publication")).content.decode()
    assert client.post(where, {"reason": "Again."}).status_code == 409


def test_progress_asks_again_until_every_letter_is_there(client):
    call_round, _letters = stage.final(Outcome.SELECTED)
    publication = stage.propose(call_round)
    client.force_login(make.user(Role.PUBLISHER))
    waiting = client.get(address(publication, "progress"))
    assert "every 2s" in waiting.content.decode()
    assert "HX-Refresh" not in waiting
    assert client.get(address(publication, "release")).status_code == 200

    stage.render_all(publication)
    done = client.get(address(publication, "progress"))
    assert "every 2s" not in done.content.decode()
    assert done["HX-Refresh"] == "true"


def test_a_letter_that_failed_is_shown_and_tried_again(client):
    call_round, _letters = stage.final(Outcome.SELECTED)
    publication = stage.propose(call_round)
    letter = stage.first_letter(publication)
    DecisionLetter.objects.filter(pk=letter.pk).update(
        state=RenderState.FAILED, attempts=3, last_error="Missing from the letter: level"
    )
    client.force_login(make.user(Role.PUBLISHER))
    page = client.get(address(publication, "publication")).content.decode()
    assert "Missing from the letter: level" in page

    again = reverse("decisions:retry", args=[letter.pk])
    assert client.post(again).status_code == 302
    letter.refresh_from_db()
    assert (letter.state, letter.attempts, letter.last_error) == (RenderState.OWED, 0, "")
    assert client.post(again).status_code == 409


def test_a_preview_is_the_stored_file_in_a_sandbox(client):
    publication, _letters = stage.ready()
    letter = stage.first_letter(publication)
    client.force_login(make.user(Role.PUBLISHER))
    answer = client.get(reverse("decisions:preview", args=[letter.pk]))
    assert answer.content == files.path_of(letter.sha256).read_bytes()
    assert answer["Content-Disposition"].startswith("inline")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("number", [1, 3])
def test_the_conductor_costs_the_same_however_long(client, number, django_assert_num_queries):
    publication, _letters = stage.ready(*[Outcome.SELECTED] * number)
    client.force_login(make.user(Role.PUBLISHER))
    with django_assert_num_queries(28):
        client.get(address(publication, "publication"))
    with django_assert_num_queries(19):
        client.get(address(publication, "release"))
