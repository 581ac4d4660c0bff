"""The practice letter: marked once, compared with the experts', and counted nowhere."""

import copy
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.states import Role
from audit.models import Entry
from chang_e8_portal.demo import content
from reviews import actions, practice
from reviews.models import Practice, Review, Score
from tests import make

pytestmark = pytest.mark.django_db
PAGE, QUEUE = reverse("reviews:practice"), reverse("reviews:queue")
LETTER = {
    "title": {"en": "Frost ladder"},
    "letter": [{"title": {"en": "Summary"}, "text": {"en": "Forty thermometers."}}],
    "marks": {
        "science": {"mark": "4", "why": {"en": "A clear question."}},
        "feasibility": {"mark": "2.5", "why": {"en": "The winch is a drawing."}},
    },
}
MARKED = {"mark-science": "4.5", "mark-feasibility": "none", "comment-science": "Neat."}


@pytest.fixture
def call(it_is):
    made = make.call(facts={"practice": LETTER})
    make.rubric(made)
    it_is(made.closes_at + timedelta(days=10))
    return made


@pytest.fixture
def person(client, call):
    person = make.reviewer()
    client.force_login(person)
    return person


def offered(client):
    return "New here?" in client.get(QUEUE).content.decode()


def test_marks_are_shown_beside_the_experts_with_the_reasons(client, person):
    assert offered(client)
    body = client.get(PAGE).content.decode()
    assert "Forty thermometers." in body
    assert "The winch is a drawing." not in body
    assert client.post(PAGE, MARKED).url == PAGE
    body = client.get(PAGE).content.decode()
    assert "A clear question." in body
    assert "The winch is a drawing." in body
    assert "Neat." in body
    assert "Compare with the experts" not in body
    assert not offered(client)
    # 4.5 of 5 on the one criterion that was judged; (4 * 60 + 2.5 * 40) / 5 of the experts.
    assert "90.00" in body
    assert "68.00" in body


def test_nothing_of_it_counts_or_is_seen_by_anybody_else(client, person):
    client.post(PAGE, MARKED)
    assert not Review.objects.exists()
    assert not Score.objects.exists()
    entry = Entry.objects.latest("seq")
    assert (entry.action, entry.data) == ("practice.done", {})
    chair = make.user(Role.CHAIR)
    client.force_login(chair)
    body = client.get(reverse("panel:reviewers")).content.decode()
    assert "Has practised" in body
    assert ">4.5<" not in body
    assert "Neat." not in body
    assert client.get(PAGE).status_code == 404


def test_whoever_declines_is_not_asked_again_and_may_do_it_all_the_same(client, person):
    assert client.post(PAGE, {"do": "decline"}).url == QUEUE
    assert not offered(client)
    assert Entry.objects.latest("seq").action == "practice.declined"
    assert client.post(PAGE, MARKED).status_code == 302
    assert Practice.objects.get().done_at is not None


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"mark-science": "4"},
        {**MARKED, "mark-science": ""},
        {**MARKED, "mark-science": "4.3"},
        {**MARKED, "mark-science": "6"},
        {**MARKED, "mark-science": "４"},
        {**MARKED, "comment-science": "x" * 1001},
    ],
)
def test_bad_marks_are_handed_back_and_nothing_is_kept(client, person, sent):
    sent = {"comment-feasibility": "Kept <b>text</b>", **sent}
    response = client.post(PAGE, sent)
    assert response.status_code == 422
    assert "Kept &lt;b&gt;text&lt;/b&gt;" in response.content.decode()
    assert not Practice.objects.exists()


def test_it_is_marked_once(client, person, call):
    client.post(PAGE, MARKED)
    again = client.post(PAGE, {**MARKED, "mark-science": "1"})
    assert again.status_code == 409
    assert Practice.objects.get().marks["science"]["mark"] == "4.5"
    with pytest.raises(actions.Refused):
        actions.practise(person, call, {}, at=call.closes_at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Practice.objects.create(user=person, call=call, done_at=call.closes_at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Practice.objects.create(user=make.reviewer(), call=call)


def test_the_action_refuses_what_no_form_would_send(person, call):
    for mark in (None, Decimal("4.3"), Decimal(6)):
        scores = {"science": {"mark": mark}, "feasibility": {"cannot_judge": True}}
        with pytest.raises(actions.Refused):
            actions.practise(person, call, scores, at=call.closes_at)


def test_a_call_without_one_offers_none(client):
    make.rubric(make.call())
    client.force_login(make.reviewer())
    assert not offered(client)
    assert client.get(PAGE).status_code == 404
    assert client.post(PAGE, MARKED).status_code == 404


@pytest.mark.parametrize("who", ["member", "chair", "auditor"])
def test_others_do_not_know_of_it(client, call, who):
    person = {
        "member": make.member,
        "chair": lambda: make.user(Role.CHAIR),
        "auditor": lambda: make.user(Role.AUDITOR),
    }[who]()
    client.force_login(person)
    assert client.get(PAGE).status_code == client.post(PAGE, MARKED).status_code == 404
    assert not Practice.objects.exists()


def broken(change):
    fact = copy.deepcopy(LETTER)
    change(fact)
    return fact


@pytest.mark.parametrize(
    "fact",
    [
        broken(lambda fact: fact["marks"].pop("science")),
        broken(lambda fact: fact["marks"].update(other=fact["marks"]["science"])),
        broken(lambda fact: fact["marks"]["science"].update(mark="4.3")),
        broken(lambda fact: fact["marks"]["science"].update(why={"en": ""})),
        broken(lambda fact: fact.pop("title")),
        broken(lambda fact: fact["letter"][0].pop("text")),
    ],
)
def test_a_letter_that_does_not_hold_together_is_refused(fact):
    with pytest.raises((KeyError, ValueError)):
        practice.check(fact, ["science", "feasibility"])


def test_the_letter_of_chang_e_8_holds_together_in_both_languages():
    fact = content.call()["practice"]
    practice.check(fact, [row["code"] for row in content.rubric()["criteria"]])
    texts = [fact["title"], *(one["why"] for one in fact["marks"].values())]
    texts += [part[name] for part in fact["letter"] for name in ("title", "text")]
    assert all(text["en"] and text["zh-hans"] for text in texts)
