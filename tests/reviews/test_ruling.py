"""Only the chair removes a conflict or changes its strength, and each change is on record."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.states import Role
from audit.models import Entry
from notifications.models import Message
from reviews import actions
from reviews.models import Assignment, ConflictCheck, ReviewerProfile
from tests import make

pytestmark = pytest.mark.django_db
AT = make.CLOSES + timedelta(days=6)


@pytest.fixture
def chair():
    return make.user(Role.CHAIR)


def standing(check):
    check.refresh_from_db()
    return (check.conflicted, check.strength, check.source, check.is_clear)


def test_softening_a_declared_conflict_lets_the_person_read_who_has_answered_already(chair):
    check = make.check(make.reviewer(), make.eligible_letter(), conflicted=True)

    actions.soften_conflict(check, reason="A talk ten years ago.", actor=chair, at=AT)

    assert standing(check) == (False, "SOFT", "DECLARED", True)
    assert check.ruling == "A talk ten years ago."
    [entry] = Entry.objects.all()
    assert (entry.action, entry.actor) == ("conflict.softened", str(chair.pk))
    assert entry.data == {
        "reviewer": str(check.reviewer_id),
        "was": "HARD",
        "is": "SOFT",
        "reason": "A talk ten years ago.",
    }


def test_softening_what_the_records_said_asks_the_person_first(chair):
    check = make.check(make.reviewer(), make.eligible_letter(), conflicted=True)
    ConflictCheck.objects.update(source="AUTOMATIC")
    actions.soften_conflict(check, reason="A namesake.", actor=chair, at=AT)
    assert standing(check) == (False, "SOFT", "AUTOMATIC", False)
    [mail] = Message.objects.all()
    assert (mail.recipient, mail.template) == (check.reviewer, "conflict_asked_anew")
    assert check.letter.reference in mail.body
    assert check.letter.reference not in mail.subject
    assert "namesake" not in mail.body

    declared = make.check(make.reviewer(), check.letter, conflicted=True)
    actions.soften_conflict(declared, reason="Long ago.", actor=chair, at=AT)
    assert Message.objects.count() == 1, "who answered is not asked again"
    actions.harden_conflict(declared, reason="After all.", actor=chair, at=AT)
    actions.lift_conflict(declared, reason="An error.", actor=chair, at=AT)
    assert Message.objects.filter(recipient=declared.reviewer).count() == 1


def test_a_soft_conflict_bars_nobody_and_a_hard_one_ends_the_review(chair):
    given = make.assignment()
    check = ConflictCheck.objects.get()
    actions.record_conflict(
        check, kind="COLLABORATOR", strength="SOFT", note="told", actor=chair, at=AT
    )
    assert standing(check) == (False, "SOFT", "CHAIR", True)
    assert Assignment.objects.active().count() == 1

    actions.harden_conflict(check, reason="It was last year.", actor=chair, at=AT)

    assert standing(check) == (True, "HARD", "CHAIR", False)
    given.refresh_from_db()
    assert (given.ended_at, given.conflicted) == (AT, None)
    assert [entry.action for entry in Entry.objects.order_by("seq")] == [
        "conflict.recorded",
        "conflict.hardened",
    ]


@pytest.mark.parametrize("ruling", ["lift_conflict", "soften_conflict", "harden_conflict"])
def test_nobody_rules_on_an_own_conflict_nor_on_a_letter_in_conflict_nor_without_a_reason(
    chair, ruling
):
    check = make.check(make.reviewer(), make.eligible_letter(), conflicted=ruling[0] in "ls")
    if ruling[0] == "h":
        ConflictCheck.objects.update(strength="SOFT", source="DECLARED", kind="OTHER")
    barred = make.user(Role.CHAIR)
    make.check(barred, check.letter, conflicted=True)
    rule = getattr(actions, ruling)
    before = standing(check)

    for actor, reason in ((check.reviewer, "x"), (barred, "x"), (chair, "   ")):
        with pytest.raises(actions.Refused):
            rule(check, reason=reason, actor=actor, at=AT)
    assert standing(check) == before
    assert not Entry.objects.exists()
    rule(check, reason="x", actor=chair, at=AT)


def test_the_same_ruling_twice_is_refused(chair):
    check = make.check(make.reviewer(), make.eligible_letter(), conflicted=True)
    for ruling in (actions.soften_conflict, actions.harden_conflict, actions.lift_conflict):
        ruling(check, reason="x", actor=chair, at=AT)
        with pytest.raises(actions.Refused):
            ruling(check, reason="x", actor=chair, at=AT)


def test_what_is_on_record_is_not_recorded_over(chair):
    check = make.check(make.reviewer(), make.eligible_letter(), conflicted=True)
    with pytest.raises(actions.Refused):
        actions.record_conflict(check, kind="MONEY", strength="SOFT", note="", actor=chair, at=AT)


def test_declaring_after_a_ruling_makes_the_conflict_hard_again(chair):
    check = make.check(make.reviewer(), make.eligible_letter(), conflicted=True)
    actions.soften_conflict(check, reason="x", actor=chair, at=AT)
    actions.answer_conflicts(check.reviewer, {check.letter_id: ("FAMILY", "")}, at=AT)
    assert standing(check) == (True, "HARD", "DECLARED", False)
    assert check.ruling == ""


@pytest.mark.parametrize(
    "row",
    [
        {"conflicted": True, "strength": "SOFT", "source": "DECLARED", "kind": "OTHER"},
        {"conflicted": False, "strength": "SOFT", "source": "", "kind": ""},
        {"conflicted": False, "strength": "HARD", "source": "DECLARED", "kind": "OTHER"},
        {"conflicted": True, "strength": "HARD", "source": "", "kind": ""},
        {"conflicted": True, "strength": "HARD", "source": "DECLARED", "kind": ""},
    ],
)
def test_the_database_knows_three_states_and_no_fourth(row):
    make.check(make.reviewer(), make.eligible_letter())
    with pytest.raises(IntegrityError), transaction.atomic():
        ConflictCheck.objects.update(**row)


# --- what the records show, asked again -----------------------------------------------------------


def test_asking_again_finds_what_is_new_and_never_clears_what_is_recorded(chair):
    agency = make.agency(country="NO", name="Tide Office")
    letter = make.eligible_letter(agency=agency)
    given = make.assignment(letter=letter)
    ruled = make.check(make.reviewer(), letter)
    ConflictCheck.objects.filter(pk=ruled.pk).update(ruling="A namesake.")
    profiled(given.reviewer, employer="The Tide Office")
    profiled(ruled.reviewer, employer="Tide Office")

    actions.open_conflict_checks(given.round, actor=chair, at=AT)

    check = ConflictCheck.objects.get(reviewer=given.reviewer)
    assert (check.conflicted, check.kind, check.answered_at) == (True, "SAME_AGENCY", AT)
    assert check.evidence == [
        {"rule": "organisation", "own": "The Tide Office", "theirs": "Tide Office"}
    ]
    given.refresh_from_db()
    assert given.ended_at == AT
    ruled.refresh_from_db()
    assert not ruled.conflicted
    assert Entry.objects.filter(action="conflict.found").count() == 1

    ReviewerProfile.objects.filter(user=given.reviewer).update(employer="")
    actions.open_conflict_checks(given.round, actor=chair, at=AT)
    check.refresh_from_db()
    assert check.conflicted


def test_a_call_may_make_a_country_a_soft_conflict_and_the_question_is_asked_all_the_same(chair):
    letter = make.eligible_letter(agency=make.agency(country="NO"))
    letter.call.facts = {"conflict_rules": {"country": "SOFT"}}
    letter.call.save(update_fields=["facts"])
    profiled(make.reviewer(), country="NO")

    actions.open_conflict_checks(make.first_round(letter.call), actor=chair, at=AT)

    check = ConflictCheck.objects.get()
    assert standing(check) == (False, "SOFT", "AUTOMATIC", False)
    actions.answer_conflicts(check.reviewer, {letter.pk: None}, at=AT)
    assert standing(check) == (False, "SOFT", "AUTOMATIC", True)


def profiled(reviewer, **fields):
    return ReviewerProfile.objects.create(user=reviewer, expertise="SCIENTIST", **fields)


# --- chairs ---------------------------------------------------------------------------------------


def test_chairs_are_asked_at_the_seal_and_what_the_records_show_of_them_bars(chair):
    norwegian = make.user(Role.CHAIR)
    profiled(norwegian, country="NO")
    call = make.call()
    letters = [
        make.letter(call=call, state="SUBMITTED", agency=make.agency(country=country))
        for country in ("NO", "PE")
    ]
    assert actions.ask_chairs(at=AT) == 0
    make.sealed(call)

    assert actions.ask_chairs(at=AT) == 4
    assert actions.ask_chairs(at=AT) == 0

    found = ConflictCheck.objects.conflicted().values_list("reviewer", "letter", "kind")
    assert list(found) == [(norwegian.pk, letters[0].pk, "SAME_COUNTRY")]
    assert Entry.objects.filter(action="conflict.found").count() == 1
