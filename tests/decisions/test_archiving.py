"""What becomes of a call's reviews when its process is over."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.states import Role
from audit.models import Entry
from decisions import actions
from decisions.states import Outcome
from proposals.models import Call
from reviews.models import ConflictCheck, Contribution, MarkChange, Review
from tests import make
from tests.authorisation import worlds

pytestmark = pytest.mark.django_db
DAYS = timedelta(days=90)


@pytest.fixture
def world(it_is):
    return worlds.told(it_is, Outcome.NOT_SHORTLISTED)


def end_of(world):
    return world.call.closes_at + timedelta(days=10)


@pytest.fixture
def archived(world, it_is):
    actions.archive_due(at=end_of(world) + DAYS)
    it_is(end_of(world) + DAYS)
    return world


@pytest.fixture
def auditor(client, world):
    client.force_login(world.people["au"])
    return client


def signed_in(person):
    browser = Client()
    browser.force_login(person)
    return browser


def page_of(world):
    return reverse("panel:archived", args=[world.letter.pk])


# --- when -----------------------------------------------------------------------------------------


def test_a_call_is_archived_ninety_days_after_it_was_told_and_once(world):
    at = end_of(world) + DAYS
    assert actions.archive_due(at=at - make.SECOND) == 0
    assert actions.archive_due(at=at) == 1
    assert actions.archive_due(at=at + make.SECOND) == 0
    assert Call.objects.get().archived_at == at
    assert [entry.at for entry in Entry.objects.filter(action="call.archived")] == [at]


def test_a_call_may_say_other_days(world):
    Call.objects.update(archive_days=10)
    assert actions.archive_due(at=end_of(world) + timedelta(days=10)) == 1


def test_a_call_is_not_archived_while_a_letter_waits_for_the_second_round(it_is):
    world = worlds.told(it_is)
    assert actions.archive_due(at=end_of(world) + 10 * DAYS) == 0


def test_a_call_that_was_never_told_is_not_archived(it_is):
    world = worlds.decided(it_is)
    assert actions.archive_due(at=end_of(world) + 10 * DAYS) == 0


# --- who ------------------------------------------------------------------------------------------


def test_before_it_is_archived_the_auditor_finds_nothing(auditor, world):
    assert world.letter.reference not in auditor.get(reverse("panel:archive")).content.decode()
    assert auditor.get(page_of(world)).status_code == 404


def test_a_reviewer_finds_nothing_of_an_archived_call_anywhere(archived):
    browser, given = signed_in(archived.people["ra"]), archived.assignment
    for name in ("review", "others", "discussion", "team", "letter_pdf"):
        assert browser.get(reverse(f"reviews:{name}", args=[given.pk])).status_code == 404, name
    for name in ("reopen", "discussion", "consensus"):
        assert browser.post(reverse(f"reviews:{name}", args=[given.pk])).status_code == 404, name
    for name in ("queue", "marks", "offline", "offline_csv"):
        body = browser.get(reverse(f"reviews:{name}"), follow=True).content.decode()
        assert archived.letter.reference not in body, name
    assert not Review.objects.visible_to(archived.people["ra"]).exists()
    assert not Review.objects.of_colleagues(archived.people["ra"]).exists()


def test_the_auditor_reads_names_marks_before_and_after_words_and_talk(auditor, archived):
    change_and_talk(archived.review)
    body = auditor.get(page_of(archived)).content.decode()
    for said in (
        archived.people["ra"].name,
        archived.colleague.reviewer.name,
        worlds.CLEARED,
        worlds.CONFIDENTIAL,
        "<del>5.0</del>",
        "Read it once more.",
        "I said so.",
    ):
        assert said in body


def change_and_talk(review):
    """A mark that was changed, and something said."""
    given, score = review.assignment, review.scores.select_related("criterion").first()
    MarkChange.objects.create(
        review=review,
        criterion=score.criterion,
        before=5,
        after=score.mark,
        reason="Read it once more.",
        at=given.assigned_at,
    )
    Contribution.objects.create(
        round=given.round,
        letter=given.letter,
        author=given.reviewer,
        text="I said so.",
        at=given.assigned_at,
    )


def test_an_auditor_in_conflict_finds_neither_the_letter_nor_its_number(archived):
    person = make.user(Role.AUDITOR)
    make.check(person, archived.letter, conflicted=True)
    assert ConflictCheck.objects.conflicted().filter(reviewer=person).exists()
    browser = signed_in(person)
    assert browser.get(page_of(archived)).status_code == 404
    assert "Nothing is archived yet" in browser.get(reverse("panel:archive")).content.decode()


def test_the_archive_is_searched(auditor, archived):
    found = {archived.letter.reference: True, "atlantis": True, "seismo": True, "lemuria": False}
    for words, is_there in found.items():
        body = auditor.get(reverse("panel:archive"), {"q": words}).content.decode()
        assert (page_of(archived) in body) is is_there, words


@pytest.mark.parametrize("letters", [1, 3])
def test_the_archive_costs_the_same_however_long(client, letters, django_assert_num_queries):
    call = make.call(archived_at=make.CLOSES)
    for _ in range(letters):
        letter = make.eligible_letter(call=call)
        make.review(of=make.assignment(letter=letter))
    client.force_login(make.user(Role.AUDITOR))
    # Session, person, number of letters, of those found, the page, its reviews.
    with django_assert_num_queries(6):
        response = client.get(reverse("panel:archive"))
    assert len(response.context["page"]) == letters
