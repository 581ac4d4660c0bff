"""The confidentiality pledge: asked before the first conflict question, once a version."""

import hashlib
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.states import Role
from audit.models import Entry
from reviews import actions, pledges
from reviews.models import ConflictCheck, Pledge
from tests import make

pytestmark = pytest.mark.django_db
AT = make.CLOSES + timedelta(days=4)
WORDS = {"en": "I keep quiet.", "zh-hans": "我保密。"}
PLEDGE, QUESTIONS = reverse("reviews:pledge"), reverse("reviews:conflicts")


def pledging(call, version=1, **words):
    call.facts = {**call.facts, "pledge": {"version": version, "text": {**WORDS, **words}}}
    call.save(update_fields=["facts"])
    return pledges.text_of(call)


@pytest.fixture
def asked(client):
    """A reviewer with one open question, in a call that asks a pledge."""
    check = make.check(make.reviewer(), make.eligible_letter(), answered=False)
    pledging(check.letter.call)
    client.force_login(check.reviewer)
    return check


def form_of(text, **fields):
    return {"version": text.version, "sha256": text.sha256, "accept": "on", **fields}


def test_the_hash_is_that_of_the_canonical_json_of_all_languages():
    call = make.call()
    canonical = '{"text":{"en":"I keep quiet.","zh-hans":"我保密。"},"version":1}'
    assert pledging(call).sha256 == hashlib.sha256(canonical.encode()).hexdigest()
    assert pledging(call, en="I keep very quiet.").sha256 != pledging(call).sha256
    assert pledging(call, version=2).sha256 != pledging(call).sha256


def test_no_question_opens_before_the_pledge_and_it_is_asked_once(client, asked):
    text = pledges.text_of(asked.letter.call)
    assert client.get(QUESTIONS).url == PLEDGE
    body = client.get(PLEDGE).content.decode()
    assert "I keep quiet." in body
    assert text.sha256 in body
    assert asked.letter.reference not in body

    assert client.post(PLEDGE, form_of(text)).url == QUESTIONS

    assert asked.letter.reference in client.get(QUESTIONS).content.decode()
    [row] = Pledge.objects.all()
    assert (row.user, row.version, row.text_sha256) == (asked.reviewer, 1, text.sha256)
    [entry] = Entry.objects.all()
    assert (entry.action, entry.data["sha256"]) == ("pledge.accepted", text.sha256)
    assert client.post(PLEDGE, form_of(text)).status_code == 302
    assert Entry.objects.count() == 1
    assert "You accepted this pledge" in client.get(PLEDGE).content.decode()


def test_an_answer_without_the_pledge_is_refused_and_kept_on_the_page(client, asked):
    answer = {
        f"answer-{asked.letter_id}": "yes",
        f"kind-{asked.letter_id}": "OTHER",
        f"note-{asked.letter_id}": "We met.",
    }
    response = client.post(QUESTIONS, answer)
    assert response.status_code == 409
    assert "We met." in response.content.decode()
    with pytest.raises(actions.Refused) as refused:
        actions.answer_conflicts(asked.reviewer, {asked.letter_id: None}, at=AT)
    assert refused.value.code == "pledge"
    assert ConflictCheck.objects.unanswered().exists()


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"accept": ""}, 422),
        ({"version": "2"}, 409),
        ({"sha256": "0" * 64}, 409),
        ({"sha256": "nonsense"}, 422),
        ({"version": "99999999999999999999"}, 422),
    ],
)
def test_only_the_words_that_were_shown_are_accepted(client, asked, fields, status):
    text = pledges.text_of(asked.letter.call)
    assert client.post(PLEDGE, form_of(text, **fields)).status_code == status
    assert not Pledge.objects.exists()
    assert not Entry.objects.exists()


def test_a_new_version_is_asked_anew_and_an_unmarked_change_is_not_accepted(client, asked):
    call = asked.letter.call
    client.post(PLEDGE, form_of(pledges.text_of(call)))
    second = pledging(call, version=2)
    assert client.get(QUESTIONS).url == PLEDGE
    client.post(PLEDGE, form_of(second))
    assert client.get(QUESTIONS).status_code == 200
    changed = pledging(call, version=2, en="I tell everybody.")
    assert client.post(PLEDGE, form_of(changed)).status_code == 409
    assert Pledge.objects.count() == 2


def test_a_call_without_a_pledge_asks_none_and_a_chair_is_asked_none(client):
    check = make.check(make.reviewer(), make.eligible_letter(), answered=False)
    client.force_login(check.reviewer)
    assert client.get(QUESTIONS).status_code == 200
    assert client.get(PLEDGE).status_code == 404

    pledging(check.letter.call)
    chair = make.user(Role.CHAIR)
    own = make.check(chair, check.letter, answered=False)
    assert actions.answer_conflicts(chair, {own.letter_id: None}, at=AT) == 1
