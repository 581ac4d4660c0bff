from collections import Counter
from datetime import date, timedelta

import pytest

from accounts.states import Role
from audit.models import Entry
from notifications.models import Message
from proposals.models import LetterOfIntent
from reviews import actions, headcount, plan_pool, tasks
from reviews.actions.planning import DEFAULTS
from reviews.models import (
    Assignment,
    AssignmentPlan,
    ConflictCheck,
    Ranking,
    ReviewerInvitation,
    ReviewerProfile,
    Wish,
)
from reviews.querysets import PLAN_LEASE
from reviews.states import PLAN_MOVES, PlanState
from tests import make

pytestmark = pytest.mark.django_db
AT = make.CLOSES + timedelta(days=5)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
TWO = DEFAULTS | {"reviewers": 2}


@pytest.fixture
def chair():
    return make.user(Role.CHAIR)


@pytest.fixture
def letters():
    first = make.eligible_letter(title="Seismometer", summary="Moonquakes and the deep interior.")
    second = make.eligible_letter(
        call=first.call, title="Spectrometer", summary="Minerals in the dust, by spectrometer."
    )
    return [first, second]


@pytest.fixture
def people(letters):
    """Four reviewers of four countries, all asked and free of conflicts: two of each kind."""
    about = [
        ("ENGINEER", "FR", "Seismometer electronics, moonquakes."),
        ("SCIENTIST", "IT", "Moonquakes and the deep interior."),
        ("ENGINEER", "PE", "Spectrometer optics."),
        ("SCIENTIST", "TH", "Minerals in the dust, by spectrometer."),
    ]
    return [reviewer(letters, *one) for one in about]


def reviewer(letters, kind="ENGINEER", country="", about="", **fields):
    person = make.reviewer()
    ReviewerProfile.objects.create(
        user=person, expertise=kind, country=country, about=about, **fields
    )
    for letter in letters:
        make.check(person, letter)
    return person


def ask(letters, chair, *, numbers=TWO, at=AT, **by_hand):
    call_round = make.first_round(letters[0].call)
    return actions.ask_for_plan(call_round, numbers=numbers, by_hand=by_hand, actor=chair, at=at)


def computed(letters, chair, **asked):
    plan = ask(letters, chair, **asked)
    actions.compute_plan(plan.pk, at=AT)
    plan.refresh_from_db()
    return plan


def pairs(plan):
    return {(row["letter"], row["reviewer"]) for row in plan.result["pairs"]}


def named(*found):
    return {(str(letter.pk), str(person.pk)) for letter, person in found}


# --- asking and computing -------------------------------------------------------------------------


def test_a_plan_gives_each_letter_to_those_who_know_about_it(letters, people, chair):
    plan = computed(letters, chair)

    assert plan.state == PlanState.READY
    assert pairs(plan) == named(
        *[(letters[0], people[at]) for at in (0, 1)], *[(letters[1], people[at]) for at in (2, 3)]
    )
    assert all(row["parts"]["text"] > 0.1 for row in plan.result["pairs"])
    assert {row["parts"]["bids"] for row in plan.result["pairs"]} == {None}
    assert plan.result["loads"] == [
        [person, 1, 7] for person in sorted(str(one.pk) for one in people)
    ]
    # A proposal is nothing but a proposal.
    assert not Assignment.objects.exists()
    assert not Message.objects.exists()


@pytest.mark.parametrize("wish", ["", "YES", "NO"])
def test_one_letters_fits_are_the_numbers_of_the_plan(wish, letters, people, chair):
    call_round = make.first_round(letters[0].call)
    if wish:
        for person in people[:2]:
            Wish.objects.create(
                round=call_round, letter=letters[1], reviewer=person, choice=wish, said_at=AT
            )
    ReviewerProfile.objects.filter(user=people[0]).update(keywords=["moonquakes"])
    planned = {
        (pair["letter"], pair["reviewer"]): pair
        for pair in computed(letters, chair, numbers=TWO | {"reviewers": 4}).result["pairs"]
    }
    among = LetterOfIntent.objects.in_round(call_round)
    for letter in letters:
        fits = plan_pool.fits_of(letter, call_round, among=among, chair=chair)
        assert set(fits) == {str(one.pk) for one in people}
        for one, fit in fits.items():
            pair = planned[str(letter.pk), one]
            assert fit["affinity"] == pytest.approx(pair["affinity"])
            assert (fit["text"], fit["keywords"], fit["wish"]) == pytest.approx(
                tuple(pair["parts"][part] for part in ("text", "keywords", "bids"))
            )


def test_every_state_of_a_plan_has_its_moves():
    assert set(PLAN_MOVES) == set(PlanState)


def frozen(letters, chair):
    call_round = make.first_round(letters[0].call)
    Ranking.objects.create(round=call_round, frozen_at=AT, frozen_by=chair, rubric=[])
    return {}


def more_than_most(letters, chair):
    return {"numbers": TWO | {"least": 8}}


def asked_before(letters, chair):
    ask(letters, chair)
    return {}


def no_letter_is_the_chairs(letters, chair):
    for letter in letters:
        make.check(chair, letter, conflicted=True)
    return {}


def nobody_reads(letters, chair):
    for check in ConflictCheck.objects.all():
        check.reviewer.is_active = False
        check.reviewer.save(update_fields=["is_active"])
    return {}


@pytest.mark.parametrize(
    "why", [frozen, more_than_most, asked_before, no_letter_is_the_chairs, nobody_reads]
)
def test_a_plan_is_refused(why, letters, people, chair):
    asked = why(letters, chair)
    before = AssignmentPlan.objects.count()
    with pytest.raises(actions.Refused):
        ask(letters, chair, **asked)
    assert AssignmentPlan.objects.count() == before


def test_two_workers_never_both_compute(letters, people, chair):
    plan = ask(letters, chair)
    assert actions.compute_plan(plan.pk, at=AT)
    assert not actions.compute_plan(plan.pk, at=AT + 2 * PLAN_LEASE)


def test_a_plan_whose_worker_died_is_taken_up_and_the_dead_write_no_more(letters, people, chair):
    plan = ask(letters, chair)
    AssignmentPlan.objects.filter(pk=plan.pk).update(
        state=PlanState.RUNNING, claimed_at=AT, attempts=1
    )
    assert not actions.compute_plan(plan.pk, at=AT + PLAN_LEASE - SECOND)
    assert actions.compute_due(at=AT + PLAN_LEASE) == 1
    plan.refresh_from_db()
    assert (plan.state, plan.attempts) == (PlanState.READY, 2)


def test_a_plan_that_kills_its_workers_fails_at_last(letters, people, chair):
    plan = ask(letters, chair)
    AssignmentPlan.objects.filter(pk=plan.pk).update(
        state=PlanState.RUNNING, claimed_at=AT, attempts=3
    )
    assert not actions.compute_plan(plan.pk, at=AT + PLAN_LEASE)
    plan.refresh_from_db()
    assert plan.state == PlanState.FAILED
    assert ask(letters, chair).state == PlanState.QUEUED


def test_a_fault_sets_the_plan_aside_and_is_raised(letters, people, chair):
    plan = ask(letters, chair)
    plan.parameters["load_cost"] = 7
    plan.save(update_fields=["parameters"])
    with pytest.raises(ValueError, match="between 0 and 1"):
        actions.compute_plan(plan.pk, at=AT)
    plan.refresh_from_db()
    assert plan.state == PlanState.FAILED


def test_the_bell_rings_for_plans_that_wait(letters, people, chair, settings, it_is):
    it_is(AT)
    plan = ask(letters, chair)
    settings.CELERY_TASK_ALWAYS_EAGER = True
    tasks.compute_plan(plan_id=str(plan.pk))
    tasks.compute_plan(plan_id="11111111-2222-4333-8444-555555555555")
    plan.refresh_from_db()
    assert plan.state == PlanState.READY


# --- who and what comes in ------------------------------------------------------------------------


def test_conflicts_bar_soft_ones_weigh_and_who_was_not_asked_is_left_out(letters, people, chair):
    ConflictCheck.objects.filter(reviewer=people[0]).update(
        conflicted=True, source="DECLARED", kind="OTHER"
    )
    ConflictCheck.objects.filter(reviewer=people[1], letter=letters[0]).update(
        source="DECLARED", kind="OTHER", strength="SOFT"
    )
    ConflictCheck.objects.filter(reviewer=people[3], letter=letters[0]).delete()
    plan = computed(letters, chair)
    assert {row["reviewer"] for row in plan.result["pairs"]} == {str(p.pk) for p in people[1:]}
    assert {
        row["penalty"] for row in plan.result["pairs"] if row["letter"] == str(letters[0].pk)
    } == {
        0,
        plan_pool.SOFT_CONFLICT,
    }


def test_a_chair_in_conflict_plans_the_other_letters_and_nobody_oneself(letters, people):
    both = make.user(Role.CHAIR, Role.REVIEWER)
    make.check(both, letters[0])
    make.check(both, letters[1], conflicted=True)
    plan = computed(letters, both)
    assert {letter for letter, _reviewer in pairs(plan)} == {str(letters[0].pk)}
    assert str(both.pk) not in plan.result["reviewers"]
    # Another chair in conflict sees nothing of it, and does not apply it.
    other = make.user(Role.CHAIR)
    make.check(other, letters[0], conflicted=True)
    assert not AssignmentPlan.objects.visible_to(other).exists()
    assert AssignmentPlan.objects.visible_to(make.user(Role.AUDITOR)).get() == plan
    assert not AssignmentPlan.objects.visible_to(people[0]).exists()
    with pytest.raises(actions.Refused) as refusal:
        actions.apply_plan(plan, actor=other, at=AT)
    assert refusal.value.code == "conflict"


def test_what_is_assigned_stays_whatever_rule_it_breaks(letters, people, chair):
    compatriot = reviewer(letters, "ENGINEER", "FR")
    make.assignment(letter=letters[0], reviewer=people[0])
    make.assignment(letter=letters[0], reviewer=compatriot)
    plan = computed(letters, chair)
    assert plan.state == PlanState.READY
    assert named((letters[0], people[0]), (letters[0], compatriot)) < pairs(plan)
    assert set(actions.new_pairs(plan)) == named((letters[1], people[2]), (letters[1], people[3]))


def test_pairs_are_kept_and_barred_by_hand(letters, people, chair):
    [kept] = named((letters[0], people[2]))
    [barred] = named((letters[0], people[1]))
    plan = computed(letters, chair, locked=[kept], barred=[barred])
    assert kept in pairs(plan)
    assert barred not in pairs(plan)

    ConflictCheck.objects.filter(reviewer=people[2], letter=letters[0]).update(
        conflicted=True, source="DECLARED", kind="OTHER"
    )
    plan = computed(letters, chair, locked=[kept])
    assert kept not in pairs(plan)
    assert plan.result["dropped"] == [list(kept)]


def test_who_was_relieved_of_a_letter_is_not_proposed_again(letters, people, chair):
    given = make.assignment(letter=letters[0], reviewer=people[0])
    actions.waive(given, reason="Ill.", actor=chair, at=AT)
    [gone] = named((letters[0], people[0]))
    assert gone not in pairs(computed(letters, chair))
    assert gone in pairs(computed(letters, chair, locked=[gone]))


def test_letters_outside_the_plan_take_their_place(letters, people, chair):
    make.check(chair, letters[1], conflicted=True)
    make.assignment(letter=letters[1], reviewer=people[1])
    plan = computed(letters, chair, numbers=TWO | {"most": 1})
    assert pairs(plan) == named((letters[0], people[0]), (letters[0], people[3]))
    # How many she may read is said as if the other letter were not there.
    assert {most for _reviewer, _load, most in plan.result["loads"]} == {1}


def test_an_impossible_plan_says_who_lacks_whom_and_what_helps(letters, people, chair):
    for engineer in (people[0], people[2]):
        ConflictCheck.objects.filter(reviewer=engineer, letter=letters[0]).update(
            conflicted=True, source="DECLARED", kind="OTHER"
        )
    plan = computed(letters, chair)
    assert plan.state == PlanState.IMPOSSIBLE
    assert ("engineer", [str(letters[0].pk)]) in [
        (row["lack"], row["letters"]) for row in plan.result["shortages"]
    ]
    with pytest.raises(actions.Refused):
        actions.apply_plan(plan, actor=chair, at=AT)
    assert computed(letters, chair, allowed=plan.result["changes"]).state == PlanState.READY


def test_a_heavy_letter_gets_more_reviewers(letters, people, chair):
    letters[1].mass_kg = headcount.HEAVY_KG + 1
    letters[1].save(update_fields=["mass_kg"])
    plan = computed(letters, chair, numbers=TWO | {"extra": 1})
    counts = [sum(letter == str(one.pk) for letter, _r in pairs(plan)) for one in letters]
    assert counts == [2, 3]


@pytest.mark.parametrize(
    ("own", "away", "most"),
    [
        (None, None, 7),
        (3, None, 3),
        (9, None, 7),
        (None, (1, 10), 0),
        (None, (1, 5), 3),
        (None, (10, 30), 6),
        (None, (20, 30), 7),
        (0, None, 0),
    ],
)
def test_how_many_letters_somebody_may_get(own, away, most):
    first, last = (date(2024, 1, day) for day in away) if away else (None, None)
    profile = ReviewerProfile(most_letters=own, away_from=first, away_until=last)
    since, until = date(2024, 1, 1), date(2024, 1, 10)
    assert plan_pool.most_of(profile, 7, since=since, until=until) == most
    assert plan_pool.most_of(None, 7, since=since, until=until) == 7


def test_nobody_gets_more_letters_than_the_invitation_spoke_of(letters, chair):
    person = reviewer(letters)
    call_round = make.first_round(letters[0].call)
    invited = ReviewerInvitation.objects.create(
        round=call_round,
        email=person.email,
        name=person.name,
        letters=2,
        due_at=call_round.reviews_due_at,
        invited_by=chair,
        invited_at=AT,
        secret_hash="0" * 64,
        answer="ACCEPTED",
        answered_at=AT,
        user=person,
    )
    one_each = DEFAULTS | {"reviewers": 1, "an_engineer": False, "a_scientist": False}
    plan = computed(letters, chair, numbers=one_each)
    assert plan.result["loads"] == [[str(person.pk), 2, 2]]

    invited.letters = 1
    invited.save(update_fields=["letters"])
    plan.delete()
    assert computed(letters, chair, numbers=one_each).state == PlanState.IMPOSSIBLE


def test_after_the_rounds_due_date_only_who_is_away_today_gets_nothing():
    late, until = date(2024, 1, 20), date(2024, 1, 10)
    for last, most in ((19, 7), (20, 0)):
        profile = ReviewerProfile(away_from=date(2024, 1, 5), away_until=date(2024, 1, last))
        assert plan_pool.most_of(profile, 7, since=late, until=until) == most


def test_keywords_are_found_in_letters_word_for_word():
    text = "A neutron\nSpectrometer for the Moon; 激光测距仪."
    vocabulary = {"neutron spectrometer", "spectro", "激光测距", "moon", "", "(", "X-ray"}
    assert plan_pool.keywords_in(text, vocabulary) == {"neutron spectrometer", "激光测距", "moon"}


# --- applying -------------------------------------------------------------------------------------


def test_applying_assigns_once_and_mails_each_reviewer_once(letters, people, chair):
    make.assignment(letter=letters[0], reviewer=people[0])
    plan = computed(letters, chair, numbers=TWO | {"reviewers": 3})
    before = Entry.objects.count()

    made = actions.apply_plan(plan, actor=chair, at=AT)

    assert {(str(one.letter_id), str(one.reviewer_id)) for one in made} == set(
        actions.new_pairs(plan)
    )
    assert len(made) == 5
    actions_noted = [entry.action for entry in Entry.objects.order_by("seq")[before:]]
    assert actions_noted == ["assignment.made"] * 5 + ["plan.applied"]
    mailed = list(Message.objects.values_list("recipient", "template"))
    assert sorted(mailed) == sorted({(one.reviewer_id, "letters_assigned") for one in made})
    # Five new pairs among four people, of whom one has a letter already: somebody has several.
    busiest, count = Counter(one.reviewer_id for one in made).most_common(1)[0]
    mail = Message.objects.get(recipient=busiest)
    assert f"{count} letters" in mail.body
    assert "2024-03-15 16:00 UTC" in mail.body
    assert not any(letter.reference in mail.subject + mail.body for letter in letters)

    with pytest.raises(actions.Refused, match="applied already"):
        actions.apply_plan(plan, actor=chair, at=AT)
    assert Assignment.objects.count() == 6
    assert Message.objects.count() == len(mailed)


def test_a_pair_that_came_into_conflict_is_named_and_nothing_is_done(letters, people, chair):
    plan = computed(letters, chair)
    ConflictCheck.objects.filter(reviewer=people[3], letter=letters[1]).update(
        conflicted=True, source="DECLARED", kind="OTHER"
    )
    with pytest.raises(actions.Refused) as refusal:
        actions.apply_plan(plan, actor=chair, at=AT)
    assert refusal.value.code == "conflict"
    assert people[3].name in str(refusal.value)
    assert letters[1].reference in str(refusal.value)
    plan.refresh_from_db()
    assert plan.state == PlanState.READY
    assert [model.objects.count() for model in (Assignment, Message, Entry)] == [0, 0, 0]


def assigned_since(letters, people, chair):
    make.assignment(letter=letters[0], reviewer=people[3])


def waived_since(letters, people, chair):
    actions.waive(Assignment.objects.get(), reason="Ill.", actor=chair, at=AT)


@pytest.mark.parametrize("change", [assigned_since, waived_since])
def test_a_plan_that_does_not_know_the_newest_assignments_is_stale(change, letters, people, chair):
    make.assignment(letter=letters[0], reviewer=people[0])
    plan = computed(letters, chair)
    change(letters, people, chair)
    before = Assignment.objects.count()
    with pytest.raises(actions.Refused, match=letters[0].reference) as refusal:
        actions.apply_plan(plan, actor=chair, at=AT)
    assert refusal.value.code == "stale"
    assert Assignment.objects.count() == before


def test_a_plan_without_anything_new_is_not_applied(letters, people, chair):
    for letter, person in ((0, 0), (0, 1), (1, 2), (1, 3)):
        make.assignment(letter=letters[letter], reviewer=people[person])
    with pytest.raises(actions.Refused, match="nothing new"):
        actions.apply_plan(computed(letters, chair), actor=chair, at=AT)


def test_a_letter_given_back_brings_its_draft_along(letters, people, chair):
    make.rubric(letters[0].call)
    given = make.assignment(letter=letters[0], reviewer=people[0])
    draft = make.review(of=given, submitted=False, strengths="Half a sentence")
    actions.waive(given, reason="Travels.", actor=chair, at=AT)

    again = actions.assign(given.round, letters[0], people[0], actor=chair, at=AT)

    draft.refresh_from_db()
    assert (draft.assignment, draft.state, draft.strengths) == (again, "DRAFT", "Half a sentence")
    given.refresh_from_db()
    assert given.ended_because == "Travels."


def test_a_filed_review_comes_back_open_with_its_marks_kept_aside(letters, people, chair):
    make.rubric(letters[0].call)
    given = make.assignment(letter=letters[0], reviewer=people[0])
    review = make.review(of=given)
    actions.waive(given, reason="Not needed.", actor=chair, at=AT)
    again = actions.assign(given.round, letters[0], people[0], actor=chair, at=AT)
    review.refresh_from_db()
    assert (review.assignment, review.state) == (again, "DRAFT")
    assert review.filed_marks == {"science": "4.0", "feasibility": "4.0"}
