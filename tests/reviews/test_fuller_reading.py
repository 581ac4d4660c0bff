"""The fuller proposal as the panel reads it: in the second round, beside the letter, guarded."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.states import Role
from proposals import actions
from proposals.models import CallRound, LetterVersion
from proposals.states import LetterState, RoundKind
from reviews.models import ConflictCheck
from tests import make
from tests.programs import Program
from tests.proposals import papers
from tests.reviews import papers as papers_of_reviews
from tests.reviews.papers import file_fuller

pytestmark = pytest.mark.django_db
TOLD = make.CLOSES + timedelta(days=111)
DUE = make.CLOSES + timedelta(days=166)


@pytest.fixture
def world(it_is):
    """A shortlisted letter with a filed fuller proposal, and a reader in each round."""
    call = make.call()
    make.rubric(call)
    CallRound.objects.filter(call=call, kind=RoundKind.FINAL).update(proposals_due_at=DUE)
    letter = make.shortlisted_letter(call=call)
    make.member(of=letter.agency)
    papers_of_reviews.filed(letter)
    it_is(TOLD)
    first = make.assignment(letter=letter, round=make.first_round(call))
    final = make.assignment(letter=letter, round=make.final_round(call))
    return letter, first, final


def page(client, assignment):
    return client.get(reverse("reviews:review", args=[assignment.pk])).content.decode()


def scheme(client, assignment):
    return client.get(reverse("reviews:letter_file", args=[assignment.pk, "scheme"]))


def test_a_reader_of_the_second_round_has_it_beside_the_letter(client, world):
    letter, _first, final = world
    file_fuller(letter)
    client.force_login(final.reviewer)

    text = page(client, final)

    assert "A longer mast." in text
    assert "In the fuller proposal" in text
    assert "<strong>7.25</strong>" in text
    found = scheme(client, final)
    assert b"".join(found.streaming_content) == papers.GOOD
    # Our name, not the agency's: theirs may name people.
    assert f"{letter.reference}-scheme.pdf" in found["Content-Disposition"]


def test_the_newest_version_counts_and_no_working_copy(client, world):
    letter, _first, final = world
    file_fuller(letter)
    file_fuller(letter, mass_kg=Decimal("8.5"))
    proposal = actions.fuller_of(letter)
    actions.save_fuller(
        letter,
        changes={"mass_kg": Decimal(99)},
        revision=proposal.revision,
        actor=letter.agency.members.get(),
    )
    client.force_login(final.reviewer)
    text = page(client, final)
    assert "<strong>8.5</strong>" in text
    assert "<strong>99</strong>" not in text  # not "99" alone: an address may hold it


def test_a_reader_of_the_first_round_has_nothing_of_it(client, world):
    letter, first, _final = world
    file_fuller(letter)
    client.force_login(first.reviewer)
    assert "uller proposal" not in page(client, first)
    assert scheme(client, first).status_code == 404


def test_whoever_is_in_conflict_reads_nothing(client, world):
    letter, _first, final = world
    file_fuller(letter)
    check = make.check(make.reviewer(), letter, conflicted=True)
    ended = make.assignment(
        letter=letter,
        reviewer=check.reviewer,
        round=final.round,
        conflicted=None,
        ended_at=TOLD,
        ended_because="conflict of interest declared",
    )
    client.force_login(check.reviewer)
    assert client.get(reverse("reviews:review", args=[ended.pk])).status_code == 403
    assert scheme(client, ended).status_code == 403
    assert scheme(client, final).status_code == 404
    barred = make.user(Role.CHAIR)
    make.check(barred, letter, conflicted=True)
    client.force_login(barred)
    for address in (
        reverse("panel:letter", args=[letter.pk]),
        reverse("panel:letter_file", args=[letter.pk, "scheme"]),
    ):
        assert client.get(address).status_code == 403


def test_before_the_conflict_question_is_answered_nothing_opens(client, world):
    letter, _first, final = world
    file_fuller(letter)
    ConflictCheck.objects.filter(reviewer=final.reviewer).update(answered_at=None)
    client.force_login(final.reviewer)
    assert client.get(reverse("reviews:review", args=[final.pk])).status_code == 302
    assert scheme(client, final).status_code == 409


def test_another_reviewer_and_its_own_agency_have_no_such_file(client, world):
    letter, _first, final = world
    file_fuller(letter)
    for person in (make.reviewer(), letter.agency.members.get()):
        client.force_login(person)
        assert scheme(client, final).status_code == 404


def test_a_file_that_is_not_cleared_is_not_handed_out(client, world):
    letter, _first, final = world
    file_fuller(letter)
    letter.attachments.update(scan="INFECTED")
    client.force_login(final.reviewer)
    assert scheme(client, final).status_code == 404
    assert reverse("reviews:letter_file", args=[final.pk, "scheme"]) not in page(client, final)


def test_where_none_is_filed_reader_and_chair_are_told(client, world, it_is):
    letter, _first, final = world
    client.force_login(final.reviewer)
    said = "No fuller proposal is filed for this letter. It is judged as it stands."
    assert said in page(client, final)
    client.force_login(make.user(Role.CHAIR))
    address = reverse("panel:letter", args=[letter.pk])
    assert said in client.get(address).content.decode()
    file_fuller(letter)
    text = client.get(address).content.decode()
    assert said not in text
    assert "A longer mast." in text
    found = client.get(reverse("panel:letter_file", args=[letter.pk, "scheme"]))
    assert b"".join(found.streaming_content) == papers.GOOD


def test_a_round_that_asks_for_none_says_nothing(client, world):
    _letter, _first, final = world
    CallRound.objects.update(proposals_due_at=None)
    client.force_login(final.reviewer)
    assert "uller proposal" not in page(client, final)


def test_a_letter_that_was_not_shortlisted_lacks_nothing(client, world):
    letter, _first, _final = world
    other = make.eligible_letter(call=letter.call, agency=letter.agency)
    papers_of_reviews.filed(other)
    client.force_login(make.user(Role.CHAIR))
    text = client.get(reverse("panel:letter", args=[other.pk])).content.decode()
    assert "uller proposal" not in text
    assert other.state == LetterState.SUBMITTED


def test_a_program_reads_the_same(world):
    letter, first, final = world
    file_fuller(letter)
    told = Program(final.reviewer).get(f"/reviews/{final.pk}").json()["filed"]
    assert told["fuller"]["changes"] == "A longer mast."
    mass = next(one for one in told["fuller"]["figures"] if one["fuller"] == "7.25")
    assert mass["letter"] == LetterVersion.objects.get().content["fields"]["mass_kg"]
    assert told["files"][-1]["kind"] == "SCHEME"
    found = Program(final.reviewer).get(f"/reviews/{final.pk}/files/scheme")
    assert found.status_code == 200
    b"".join(found.streaming_content)
    earlier = Program(first.reviewer)
    assert earlier.get(f"/reviews/{first.pk}").json()["filed"]["fuller"] is None
    assert earlier.get(f"/reviews/{first.pk}/files/scheme").status_code == 404


def fuller_step(client):
    """The chair's step about fuller proposals, as the panel's first page counts it."""
    final = client.get(reverse("panel:home")).context["rounds"][1]
    [step] = [step for step in final["steps"] if step["key"] == "fuller"]
    return step["state"], step["done"], step["of"]


def test_the_chairs_first_page_counts_them(client, world, it_is):
    letter, _first, _final = world
    make.shortlisted_letter(call=letter.call)
    client.force_login(make.user(Role.CHAIR))
    assert fuller_step(client) == ("now", 0, 2)
    file_fuller(letter)
    assert fuller_step(client) == ("now", 1, 2)
    it_is(DUE)
    assert fuller_step(client)[0] == "done"
    barred = make.user(Role.CHAIR)
    make.check(barred, letter, conflicted=True)
    client.force_login(barred)
    it_is(TOLD)
    assert fuller_step(client) == ("now", 0, 1)


def test_where_the_round_asks_for_none_there_is_no_such_step(client, world):
    CallRound.objects.update(proposals_due_at=None)
    client.force_login(make.user(Role.CHAIR))
    final = client.get(reverse("panel:home")).context["rounds"][1]
    assert "fuller" not in [step["key"] for step in final["steps"]]
