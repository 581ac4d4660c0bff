import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.states import Role
from audit.models import Entry
from notifications.models import Message
from reviews import actions
from reviews.models import Assignment, ConflictCheck, Review, ReviewerProfile
from tests import make
from tests.proposals.test_actions import at_once

pytestmark = pytest.mark.django_db
AT = make.CLOSES + timedelta(days=4)


def opened(letter):
    chair = make.user(Role.CHAIR)
    return actions.open_conflict_checks(make.first_round(letter.call), actor=chair, at=AT)


def test_opening_asks_every_reviewer_about_every_letter_and_sets_what_the_records_show():
    letter = make.eligible_letter(agency=make.agency(country="IT"))
    other = make.eligible_letter(call=letter.call, agency=make.agency(country="PE"))
    free, peruvian = make.reviewer(), make.reviewer()
    ReviewerProfile.objects.create(user=peruvian, expertise="SCIENTIST", country="PE")

    assert opened(letter) == 4

    found = ConflictCheck.objects.values_list("reviewer", "letter", "conflicted", "source", "kind")
    assert set(found) == {
        (free.pk, letter.pk, False, "", ""),
        (free.pk, other.pk, False, "", ""),
        (peruvian.pk, letter.pk, False, "", ""),
        (peruvian.pk, other.pk, True, "AUTOMATIC", "SAME_COUNTRY"),
    }
    assert set(Message.objects.values_list("recipient", "template")) == {
        (free.pk, "conflicts_opened"),
        (peruvian.pk, "conflicts_opened"),
    }


def test_opening_again_asks_only_what_is_new_and_mails_nobody_twice():
    letter = make.eligible_letter()
    make.reviewer()
    opened(letter)

    assert opened(letter) == 0
    assert Message.objects.count() == 1

    make.eligible_letter(call=letter.call)
    assert opened(letter) == 1
    assert Message.objects.count() == 1


def test_whoever_had_answered_everything_is_told_of_a_new_question():
    letter = make.eligible_letter()
    person = make.reviewer()
    opened(letter)
    actions.answer_conflicts(person, {letter.pk: None}, at=AT)

    for _another in range(2):
        # The second is asked while the first new one is open, which was told already.
        make.eligible_letter(call=letter.call)
        assert opened(letter) == 1
        assert opened(letter) == 0
        assert Message.objects.filter(template="conflicts_opened", recipient=person).count() == 2


def test_opening_needs_letters_and_reviewers():
    call = make.call()
    with pytest.raises(actions.Refused):
        actions.open_conflict_checks(make.first_round(call), actor=make.user(Role.CHAIR), at=AT)
    with pytest.raises(actions.Refused):
        opened(make.eligible_letter())
    assert not Entry.objects.exists()


def test_an_answer_opens_the_text_and_is_recorded():
    check = make.check(make.reviewer(), make.eligible_letter(), answered=False)

    assert actions.answer_conflicts(check.reviewer, {check.letter_id: None}, at=AT) == 1
    assert actions.answer_conflicts(check.reviewer, {check.letter_id: None}, at=AT) == 0

    check.refresh_from_db()
    assert (check.is_clear, check.answered_at) == (True, AT)
    assert list(Entry.objects.values_list("action", "actor")) == [
        ("conflict.denied", str(check.reviewer_id))
    ]


def test_a_declared_conflict_ends_the_review_and_what_was_written_does_not_count():
    given = make.assignment()
    make.rubric(given.letter.call)
    make.review(of=given)

    actions.answer_conflicts(given.reviewer, {given.letter_id: ("FAMILY", "my brother")}, at=AT)

    given.refresh_from_db()
    assert (given.ended_at, given.conflicted) == (AT, None)
    assert not Review.objects.submitted().exists()
    check = ConflictCheck.objects.get()
    assert (check.conflicted, check.source, check.kind) == (True, "DECLARED", "FAMILY")


def test_a_recorded_conflict_cannot_be_taken_back():
    check = make.check(make.reviewer(), make.eligible_letter(), conflicted=True)

    with pytest.raises(actions.Refused):
        actions.answer_conflicts(check.reviewer, {check.letter_id: None}, at=AT)

    check.refresh_from_db()
    assert check.conflicted
    assert not Entry.objects.exists()


def test_one_wrong_answer_records_none():
    check = make.check(make.reviewer(), make.eligible_letter(), answered=False)
    foreign = make.check(make.reviewer(), make.eligible_letter(), answered=False)

    with pytest.raises(actions.Refused):
        actions.answer_conflicts(
            check.reviewer, {check.letter_id: None, foreign.letter_id: None}, at=AT
        )

    assert ConflictCheck.objects.unanswered().count() == 2


def test_only_another_chair_lifts_a_conflict_and_the_question_is_then_open_again():
    check = make.check(make.reviewer(), make.eligible_letter(), conflicted=True, kind="OTHER")
    chair = make.user(Role.CHAIR)

    with pytest.raises(actions.Refused):
        actions.lift_conflict(check, reason="x", actor=check.reviewer, at=AT)
    with pytest.raises(actions.Refused):
        actions.lift_conflict(check, reason="  ", actor=chair, at=AT)
    actions.lift_conflict(check, reason="Another person of the same name.", actor=chair, at=AT)

    check.refresh_from_db()
    assert (check.conflicted, check.source, check.kind, check.answered_at) == (False, "", "", None)
    assert check.ruling == "Another person of the same name."
    with pytest.raises(actions.Refused):
        actions.lift_conflict(check, reason="again", actor=chair, at=AT)


# --- what the database forbids, whoever writes --------------------------------------------------


def test_the_database_refuses_an_assignment_in_conflict_or_unasked():
    letter = make.eligible_letter()
    barred, unasked = make.reviewer(), make.reviewer()
    make.check(barred, letter, conflicted=True)
    about = {"round": make.first_round(letter.call), "letter": letter, "due_at": AT}

    for reviewer in (barred, unasked):
        given = Assignment(
            **about, reviewer=reviewer, assigned_by=reviewer, assigned_at=AT, conflicted=False
        )
        with pytest.raises(IntegrityError), transaction.atomic():
            given.save()
        # Nor can it be kept from the comparison by leaving the value empty.
        given.conflicted = None
        with pytest.raises(IntegrityError), transaction.atomic():
            given.save()


def test_the_database_refuses_a_conflict_under_an_active_assignment():
    given = make.assignment()
    check = ConflictCheck.objects.filter(reviewer=given.reviewer, letter=given.letter)

    with pytest.raises(IntegrityError), transaction.atomic():
        check.update(conflicted=True, source="DECLARED", kind="OTHER")
    with pytest.raises(IntegrityError), transaction.atomic():
        check.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        Assignment.objects.filter(pk=given.pk).update(conflicted=None)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(5))
def test_assigning_and_declaring_at_once_never_leaves_a_conflicted_pair(attempt):
    letter, reviewer, chair = make.eligible_letter(), make.reviewer(), make.user(Role.CHAIR)
    make.check(reviewer, letter)
    call_round = make.first_round(letter.call)
    barrier, errors = threading.Barrier(2), []

    def at_once(deed):
        try:
            barrier.wait()
            deed()
        except actions.Refused:
            pass
        except Exception as problem:
            errors.append(problem)
        finally:
            connection.close()

    deeds = [
        lambda: actions.assign(call_round, letter, reviewer, actor=chair, at=AT),
        lambda: actions.answer_conflicts(reviewer, {letter.pk: ("MONEY", "")}, at=AT),
    ]
    threads = [threading.Thread(target=at_once, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert ConflictCheck.objects.get().conflicted
    assert not Assignment.objects.active().exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_a_review_saved_while_its_conflict_is_declared_never_counts(it_is, attempt):
    """IR06: it was written first and ends with its assignment, or it is refused."""
    it_is(AT)
    given = make.assignment()
    make.rubric(given.letter.call)
    sheet = {"scores": {}, "revision": 0, "actor": given.reviewer}
    deeds = [
        lambda: actions.save_review(given, changes={"strengths": "Mine."}, **sheet),
        lambda: actions.answer_conflicts(given.reviewer, {given.letter_id: ("MONEY", "")}, at=AT),
    ]

    saved, declared = at_once(2, lambda number: deeds[number]())

    assert declared == 1
    assert ConflictCheck.objects.get().conflicted
    assert not Assignment.objects.active().exists()
    assert Review.objects.exists() != isinstance(saved, actions.Refused)
    assert not Review.objects.filter(assignment__in=Assignment.objects.active()).exists()
