"""The shortlist by the size rule: what the page proposes, to whom, and how it is recorded."""

from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.states import Role
from decisions import shortlisting
from decisions.models import Decision
from decisions.shortlist import Why
from decisions.states import Outcome
from proposals import shortlists
from proposals.models import LetterOfIntent
from proposals.states import Eligibility, LetterState, Level
from reviews import actions as panel
from reviews.models import RankedLetter, Ranking
from tests import make
from tests.decisions import stage
from tests.reviews.marks import AT, crossed, scored

pytestmark = pytest.mark.django_db
PAGE = "/decisions/preliminary/shortlist/"
SEVERAL = "/decisions/preliminary/several/"


@pytest.fixture
def chair(client):
    person = make.user(Role.CHAIR)
    client.force_login(person)
    return person


def ranked(*masses, **fields):
    """A frozen preliminary round; each letter weighs so many kilograms and has no margin."""
    call = make.call()
    letters = [
        make.eligible_letter(
            call=call, agency=make.agency(), mass_kg=mass, margin_percent=0, **fields
        )
        for mass in masses
    ]
    call_round = make.first_round(call)
    stage.freeze(call_round, letters)
    return call_round, letters


def references(lines):
    return [line.letter.reference for line in lines]


def test_it_walks_the_frozen_ranking_and_says_where_the_line_falls(client, chair):
    _round, letters = ranked(*[100] * 7)

    response = client.get(PAGE)

    proposal = response.context["proposal"]
    assert references(proposal.chosen) == [letter.reference for letter in letters[:6]]
    assert (proposal.least, proposal.most, proposal.mass) == (500, 600, 600)
    assert proposal.last == letters[5]
    page = response.content.decode()
    assert "Here the line falls: 600 kg, aimed at 500 to 600 kg" in page
    assert "Up to here the list stays within 600 kg." in page
    assert "Chances have not been calculated" in page


def test_the_list_is_recorded_by_the_bulk_action_after_it_was_seen(client, chair):
    _round, letters = ranked(*[100] * 7)
    page = client.get(PAGE).content.decode()
    assert f"{SEVERAL}?proposal=in&amp;outcome=SHORTLISTED" in page

    seen = client.get(SEVERAL, {"proposal": "in", "outcome": "SHORTLISTED"})
    assert not Decision.objects.exists()
    assert {letter.pk for letter in seen.context["letters"]} == {one.pk for one in letters[:6]}
    assert seen.context["form"]["outcome"].value() == "SHORTLISTED"
    response = client.post(
        SEVERAL,
        {
            "letter": [str(letter.pk) for letter in seen.context["letters"]],
            "version": ["0"] * 6,
            "outcome": "SHORTLISTED",
            "reason": stage.REASON,
        },
    )

    assert response.status_code == 302
    decided = Decision.objects.filter(outcome=Outcome.SHORTLISTED)
    assert set(decided.values_list("letter", flat=True)) == {one.pk for one in letters[:6]}
    rest = client.get(SEVERAL, {"proposal": "out", "outcome": "NOT_SHORTLISTED"})
    assert rest.context["letters"] == [letters[6]]
    assert LetterOfIntent.objects.filter(state=LetterState.SUBMITTED).count() == 7


def test_withdrawn_and_ineligible_letters_take_no_part(client, chair):
    _round, [withdrawn, ineligible, mission, last] = ranked(90, 90, 90, 90)
    LetterOfIntent.objects.filter(pk=withdrawn.pk).update(state=LetterState.WITHDRAWN)
    ineligible.screening.outcome = Eligibility.INELIGIBLE
    ineligible.screening.rule = ineligible.screening.reason = "Too heavy."
    ineligible.screening.save()
    LetterOfIntent.objects.filter(pk=mission.pk).update(level=Level.MISSION)
    LetterOfIntent.objects.filter(pk=last.pk).update(mass_kg=None)

    proposal = client.get(PAGE).context["proposal"]

    assert references(proposal.lines) == [mission.reference, last.reference]
    assert proposal.mass == 0
    assert proposal.lines[0].words[-1] == "Mission level: counts 0 kg."
    assert "States no mass" in proposal.lines[1].words[-1]


def test_a_margin_that_is_not_stated_is_the_calls(client, chair):
    call_round, [letter] = ranked(10)
    LetterOfIntent.objects.filter(pk=letter.pk).update(margin_percent=None)
    assert client.get(PAGE).context["proposal"].mass == Decimal(12)
    call = call_round.call
    call.facts = {"rounds": [{"code": "PRELIMINARY", "shortlist": {"margin_percent": 50}}]}
    call.save(update_fields=["facts"])
    assert client.get(PAGE).context["proposal"].mass == Decimal(15)


@pytest.mark.parametrize(
    "said",
    [{"least": 3, "most": 2}, {"least": 0}, {"chance": 2}, {"size": 1}, {"most": "many"}],
)
def test_a_rule_that_makes_no_sense_is_refused_with_the_call(said):
    with pytest.raises(ValueError, match="shortlist"):
        shortlists.read(said)


def with_marks(it_is):
    """Eight letters with real marks and a frozen ranking; the lander carries next to nothing."""
    call = make.call(lander_mass_kg=1)
    make.rubric(call)
    it_is(AT)
    call_round = make.first_round(call)
    letters, _reviewers = crossed(call_round)
    scored()
    panel.freeze_ranking(call_round, actor=make.user(Role.CHAIR), at=AT)
    return call_round, letters


def test_a_letter_with_a_chance_is_added_and_the_run_is_named(it_is, client, chair):
    with_marks(it_is)
    scored()

    response = client.get(PAGE)

    proposal = response.context["proposal"]
    run = proposal.board.run
    chances = {line["letter"]: line["p_top"] for line in run.result["letters"]}
    likely = {key for key, chance in chances.items() if chance >= 0.02}
    assert likely
    assert likely <= {str(line.letter.pk) for line in proposal.chosen}
    assert proposal.by_chance
    for line in proposal.others:
        assert chances[str(line.letter.pk)] < 0.02
    page = response.content.decode()
    for line in proposal.lines:
        weak = "Its total is below 66.7, the lowest that passes." in line.words
        assert weak == (line.letter.total < Decimal("66.7"))
    assert "2 % is enough" in page
    assert run.input_sha256 in page


def test_a_chair_in_conflict_is_proposed_a_list_without_that_letter(it_is, client, chair):
    call_round, letters = with_marks(it_is)
    make.check(chair, letters[0], conflicted=True)
    scored()

    response = client.get(PAGE)

    proposal = response.context["proposal"]
    assert letters[0].reference not in response.content.decode()
    assert len(proposal.lines) == RankedLetter.objects.filter(ranking__round=call_round).count() - 1
    assert proposal.lines[0].place.running == proposal.lines[0].mass
    chosen = client.get(SEVERAL, {"proposal": "in"}).context["letters"]
    assert letters[0] not in chosen


def test_without_a_frozen_ranking_the_page_says_what_comes_first(client, chair):
    make.call()
    assert "The ranking is not frozen yet" in client.get(PAGE).content.decode()
    assert client.get(SEVERAL, {"proposal": "in"}).status_code == 302


def test_an_empty_ranking_and_one_letter(client, chair):
    call_round, _letters = ranked()
    assert "No letter to walk along" in client.get(PAGE).content.decode()
    RankedLetter.objects.create(
        ranking=Ranking.objects.get(round=call_round),
        letter=make.eligible_letter(call=call_round.call, mass_kg=99),
        position=1,
        total=Decimal(80),
        reviews=3,
        means={},
    )
    proposal = shortlisting.propose(call_round, chair)
    assert [line.place.why for line in proposal.lines] == [Why.WITHIN]
    assert proposal.last is None


def test_the_final_round_has_no_shortlist(client, chair):
    make.call()
    assert client.get("/decisions/final/shortlist/").status_code == 404
    stage.final(None)
    assert client.get("/decisions/final/several/", {"proposal": "in"}).status_code == 302


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.CHAIR, 200),
        (Role.PUBLISHER, 403),
        (Role.OPERATOR, 403),
        (Role.AUDITOR, 404),
        (Role.REVIEWER, 404),
        (None, 404),
    ],
)
def test_who_may_look(client, role, status):
    ranked(10)
    client.force_login(make.user(role) if role else make.member())
    assert client.get(PAGE).status_code == status
    assert client.post(PAGE).status_code == 405


@pytest.mark.parametrize("letters", [1, 3])
def test_it_asks_the_same_however_many_letters(
    client, chair, letters, django_assert_max_num_queries
):
    ranked(*[50] * letters)
    with django_assert_max_num_queries(12):
        client.get(PAGE)


def test_the_page_is_offered_where_letters_are_decided(client, chair):
    ranked(10)
    page = client.get(reverse("decisions:round", args=["PRELIMINARY"])).content.decode()
    assert PAGE in page
