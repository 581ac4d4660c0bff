"""How many reviewers a letter is to have: said by a round, a plan, a chair or a meeting."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.states import Role
from audit.models import Entry
from notifications.models import Message
from proposals.models import LetterOfIntent
from reviews import actions, headcount, plan_pool
from reviews.actions.planning import DEFAULTS
from reviews.models import AssignmentPlan, Headcount, Ranking, ReviewerProfile, ScoreboardLine
from reviews.panel_letters import with_counts
from tests import make
from tests.reviews.marks import AT, letter_marked, scored

pytestmark = pytest.mark.django_db
ROUND = "preliminary"


@pytest.fixture
def call(it_is):
    made = make.call()
    make.rubric(made)
    make.opened(made)
    it_is(AT)
    return made


@pytest.fixture
def chair(client, call):
    person = make.user(Role.CHAIR)
    client.force_login(person)
    return person


def needed(call_round):
    letters = with_counts(LetterOfIntent.objects.in_round(call_round), call_round)
    return list(letters.order_by("reference").values_list("needed", flat=True))


def applied(call_round, chair, **asked):
    return AssignmentPlan.objects.create(
        round=call_round,
        state="APPLIED",
        asked_by=chair,
        asked_at=AT,
        applied_by=chair,
        applied_at=AT,
        parameters=DEFAULTS | asked,
    )


def facts():
    rows = Entry.objects.filter(action="headcount.said").order_by("pk")
    return [(row.data["number"], row.data["reason"]) for row in rows]


@pytest.mark.parametrize(("usual", "extra"), [(3, 2), (2, 3), (5, 0), (7, 0)])
def test_a_heavy_letter_gets_five_reviewers_unless_more_are_usual(
    client, chair, call, usual, extra
):
    call_round = make.first_round(call)
    call_round.reviewers_per_letter = usual
    call_round.save(update_fields=["reviewers_per_letter"])
    form = client.get(reverse("panel:plans", args=[ROUND])).context["form"]
    assert (form["reviewers"].value(), form["extra"].value()) == (usual, extra)


@pytest.mark.parametrize("mass", [50, Decimal("50.01")])
@pytest.mark.parametrize("said", [None, 1, 4])
def test_lists_and_plans_count_the_same(chair, call, mass, said):
    call_round, letter = make.first_round(call), make.eligible_letter(call=call, mass_kg=mass)
    people = [make.reviewer() for _ in range(7)]
    for person in people:
        make.check(person, letter)
        ReviewerProfile.objects.create(user=person, expertise="ENGINEER")
    if said:
        actions.say_headcount(call_round, letter, number=said, actor=chair, at=AT)
    numbers = {"reviewers": 2, "extra": 3, "an_engineer": False, "a_scientist": False}
    plan = actions.ask_for_plan(call_round, numbers=DEFAULTS | numbers, actor=chair, at=AT)
    [wanted] = plan_pool.gather(plan, at=AT).pool.wanted

    assert needed(call_round) == [said or 3]  # no plan is applied yet
    applied(call_round, chair, **numbers)
    assert needed(call_round) == [wanted] == [said or (2 if mass == 50 else 5)]


def test_a_number_is_said_changed_and_taken_back_on_record(client, chair, call):
    letter = make.eligible_letter(call=call)
    url = reverse("panel:assign", args=[ROUND, letter.pk])

    def say(number, reason=""):
        return client.post(url, {"do": "number", "number": number, "reason": reason})

    assert say(4, "Two fields.").status_code == 302
    assert say(4, "Two fields.").status_code == 302
    page = client.get(url)
    assert (page.context["wanted"], page.context["number"].initial["number"]) == (4, 4)
    assert "Two fields." in page.content.decode()
    assert client.get(reverse("panel:assignment", args=[ROUND])).context["rows"][0][0].needed == 4
    for bad in ("0", "21", "x", "-1"):
        refused = say(bad, "My words.")
        assert refused.status_code == 422
        assert "My words." in refused.content.decode()
    assert say("").status_code == 302
    assert not Headcount.objects.exists()
    assert client.get(url).context["wanted"] == 3
    assert facts() == [(4, "Two fields."), (None, "")]
    assert not Message.objects.exists()


def test_a_number_is_refused_once_the_ranking_is_frozen_and_kept(client, chair, call):
    letter, call_round = make.eligible_letter(call=call), make.first_round(call)
    Ranking.objects.create(round=call_round, frozen_at=AT, frozen_by=chair, rubric=[])
    url = reverse("panel:assign", args=[ROUND, letter.pk])
    refused = client.post(url, {"do": "number", "number": 4, "reason": ""})
    assert refused.status_code == 409
    assert not Headcount.objects.exists()
    assert facts() == []


def test_nobody_says_it_of_a_letter_of_another_round_or_in_conflict(client, chair, call):
    mine, barred = make.eligible_letter(call=call), make.eligible_letter(call=call)
    make.check(chair, barred, conflicted=True)
    call_round = make.first_round(call)
    for letter in (barred, make.letter(call=call, state="SUBMITTED")):
        with pytest.raises(actions.Refused):
            actions.say_headcount(call_round, letter, number=4, actor=chair, at=AT)
        with pytest.raises(actions.Refused):
            actions.want_one_more(call_round, [mine, letter], actor=chair, at=AT)
    posted = {"letter": [mine.pk, barred.pk]}
    assert client.post(reverse("panel:one_more", args=[ROUND]), posted).status_code == 404
    url = reverse("panel:assign", args=[ROUND, barred.pk])
    assert client.post(url, {"do": "number", "number": 4}).status_code == 403
    assert not Headcount.objects.exists()


def test_the_database_takes_one_possible_number_a_letter(chair, call):
    letter, call_round = make.eligible_letter(call=call), make.first_round(call)
    said = {"round": call_round, "letter": letter, "said_by": chair, "said_at": AT}
    Headcount.objects.create(number=4, **said)
    for number in (0, 21, 5):
        with pytest.raises(IntegrityError), transaction.atomic():
            Headcount.objects.create(number=number, **said)


def test_undecided_letters_get_one_reviewer_more_by_one_click(client, chair, call):
    call_round = make.first_round(call)
    call_round.reviewers_per_letter = 2
    call_round.save(update_fields=["reviewers_per_letter"])
    ada, bea = make.reviewer(), make.reviewer()
    for first, second in [(4, 3), (3, 4), (4, 3), (3, 4), (4, 3), (3, 4), (0, 0), (0, 0)]:
        letter_marked(call_round, {ada: first, bea: second})
    scored()
    ranking = client.get(reverse("panel:ranking", args=[ROUND])).content.decode()
    assert reverse("panel:one_more", args=[ROUND]) in ranking
    page = client.get(reverse("panel:one_more", args=[ROUND]))
    unclear = page.context["letters"]
    undecided = ScoreboardLine.objects.filter(p_top__gte=0.1, p_top__lt=0.9).values("letter")
    assert {letter.pk for letter in unclear} >= {row["letter"] for row in undecided}
    assert 0 < len(unclear) < 8

    for status in ("get one reviewer more", "waits for a reviewer already"):
        posted = {"letter": [letter.pk for letter in unclear]}
        answer = client.post(reverse("panel:one_more", args=[ROUND]), posted, follow=True)
        assert status in answer.content.decode()
    assert sorted(needed(call_round)) == [2] * (8 - len(unclear)) + [3] * len(unclear)
    assert len(facts()) == len(unclear)
    # They wait for a reviewer now.
    page = client.get(reverse("panel:one_more", args=[ROUND]))
    assert page.context["letters"] == []
    assert "No letter needs one more" in page.content.decode()
    few = client.get(reverse("panel:ranking", args=[ROUND]), {"only": "few"}).context["page"]
    assert {line.letter_id for line in few} == {letter.pk for letter in unclear}


def test_nothing_ticked_is_refused(client, chair, call):
    answer = client.post(reverse("panel:one_more", args=[ROUND]), follow=True)
    assert "waits for a reviewer already" in answer.content.decode()


def test_the_first_page_counts_what_is_needed(client, chair, call):
    call_round = make.first_round(call)
    letter, _other = (make.eligible_letter(call=call, mass_kg=mass) for mass in (10, 60))
    actions.say_headcount(call_round, letter, number=4, actor=chair, at=AT + timedelta(days=1))
    applied(call_round, chair)
    [first, _final] = client.get(reverse("panel:home")).context["rounds"]
    [step] = [step for step in first["steps"] if step["key"] == "assignment"]
    assert step["of"] == 4 + headcount.OF_HEAVY
