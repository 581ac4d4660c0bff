"""Each rule of `check_invariants` finds what it is for, and a healthy world has no findings."""

from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.states import Role, Seat
from chang_e8_portal import clock
from notifications.models import Message
from notifications.states import MessageState
from proposals import actions as letters_room
from proposals import files
from proposals.models import CallSeal, LetterOfIntent, SubmitAttempt
from proposals.states import LetterState
from reviews import actions as panel
from reviews.models import (
    Assignment,
    Contribution,
    Criterion,
    MarkChange,
    Meeting,
    Minutes,
    RankedLetter,
    Ranking,
    Review,
    Score,
)
from tests import make
from tests.reviews.panel_in_session import Session

pytestmark = pytest.mark.django_db


@contextmanager
def without_guards():
    """As a superuser of the database could do it: no triggers, no foreign keys."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        try:
            yield cursor
        finally:
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def findings(capsys) -> list[str]:
    capsys.readouterr()
    try:
        call_command("check_invariants")
    except CommandError:
        return capsys.readouterr().out.splitlines()
    assert capsys.readouterr().out == "0 findings\n"
    return []


@pytest.fixture
def filed():
    """One letter, submitted by the real action."""
    call = make.call()
    clock.travel_to(call.closes_at - timedelta(days=1))
    agency = make.agency()
    representative = make.member(agency, Seat.REPRESENTATIVE)
    letter = make.letter(call=call, agency=agency)
    letters_room.submit(letter, actor=representative, idempotency_key="once")
    letter.refresh_from_db()
    return letter


def test_a_healthy_world_has_none(filed, capsys):
    assert findings(capsys) == []


def test_a_letter_that_left_draft_without_a_version(capsys):
    make.letter(state=LetterState.SUBMITTED)
    (line,) = findings(capsys)
    assert "left draft without a filed version" in line


def test_a_letter_that_is_not_where_its_last_event_left_it(filed, capsys):
    LetterOfIntent.objects.filter(pk=filed.pk).update(state=LetterState.WITHDRAWN)
    assert any("not where its last event left it" in line for line in findings(capsys))


def test_an_outcome_that_nobody_published(filed, capsys):
    LetterOfIntent.objects.filter(pk=filed.pk).update(state=LetterState.SELECTED)
    assert any("was not published" in line for line in findings(capsys))


def test_content_changed_after_the_receipt(filed, capsys):
    with without_guards() as cursor:
        cursor.execute(
            "UPDATE proposals_letterversion SET content = jsonb_set(content, '{version}', '7')"
        )
    (line,) = findings(capsys)
    assert "is not what was receipted" in line


def test_a_receipt_that_is_gone(filed, capsys):
    with without_guards() as cursor:
        cursor.execute("DELETE FROM proposals_receipt")
    (line,) = findings(capsys)
    assert "has no receipt" in line


def test_a_receipt_with_a_head_that_is_not_in_the_chain(filed, capsys):
    with without_guards() as cursor:
        cursor.execute("UPDATE proposals_receipt SET audit_head = repeat('f', 64)")
    (line,) = findings(capsys)
    assert "not anchored" in line


def test_a_receipt_without_a_signature(filed, capsys):
    with without_guards() as cursor:
        cursor.execute("UPDATE proposals_receipt SET signature = ''")
    (line,) = findings(capsys)
    assert "is not signed" in line


def test_a_receipt_whose_text_was_changed(filed, capsys):
    with without_guards() as cursor:
        cursor.execute(
            "UPDATE proposals_receipt SET document = jsonb_set(document, '{version}', '2')"
        )
    (line,) = findings(capsys)
    assert "signature on the receipt" in line


def test_a_receipt_that_was_put_beside_another_version(filed, capsys):
    with without_guards() as cursor:
        cursor.execute("UPDATE proposals_receipt SET code = 'AAAA-AAAA-AAAA-AAAA-AAAA'")
    (line,) = findings(capsys)
    assert "speaks of another version" in line


def test_a_column_that_does_not_say_what_was_filed(filed, capsys):
    LetterOfIntent.objects.filter(pk=filed.pk).update(mass_kg=Decimal("7"))
    (line,) = findings(capsys)
    assert "does not say what its last version says" in line
    # Unless it is being rewritten, while its call is open.
    LetterOfIntent.objects.filter(pk=filed.pk).update(reopened_at=clock.now())
    assert findings(capsys) == []
    make.sealed(filed.call)
    (line,) = findings(capsys)
    assert "still reopened though its call is sealed" in line


def test_a_file_that_was_not_filed(filed, capsys):
    filed.attachments.create(
        name="a.pdf",
        size=10,
        pages=1,
        sha256=files.store_bytes(b"some bytes"),
        uploaded_at=make.OPENS,
        uploaded_by=make.user(),
    )
    (line,) = findings(capsys)
    assert "does not say what its last version says" in line


def test_attempts_that_do_not_fit_the_versions(filed, capsys):
    attempt = SubmitAttempt.objects.get()
    SubmitAttempt.objects.update(outcome="call_closed")
    (line,) = findings(capsys)
    assert "no attempt to submit" in line
    SubmitAttempt.objects.update(outcome="accepted")
    fields = {"letter": filed, "actor": attempt.actor, "at": attempt.at, "outcome": "accepted"}
    twin = SubmitAttempt.objects.create(**fields, idempotency_key=attempt.idempotency_key)
    (line,) = findings(capsys)
    assert "accepted twice" in line
    SubmitAttempt.objects.filter(pk=twin.pk).update(idempotency_key="another")
    (line,) = findings(capsys)
    assert "made no version" in line


def test_a_version_from_after_the_cutoff(filed, capsys):
    with without_guards() as cursor:
        cursor.execute(
            "UPDATE proposals_letterversion SET accepted_at = %s", [filed.call.closes_at]
        )
    (line,) = findings(capsys)
    assert "outside its call's window" in line


def test_fewer_letters_than_were_sealed(filed, capsys):
    CallSeal.objects.create(
        call=filed.call, sealed_at=filed.call.closes_at, letters=2, audit_head="0" * 64
    )
    (line,) = findings(capsys)
    assert "fewer letters than were sealed" in line


def test_a_damaged_file(capsys):
    sha256 = files.store_bytes(b"some bytes")
    letter = make.letter()
    letter.attachments.create(
        name="a.pdf",
        size=10,
        pages=1,
        sha256=sha256,
        uploaded_at=make.OPENS,
        uploaded_by=make.user(),
    )
    assert findings(capsys) == []
    files.path_of(sha256).write_bytes(b"other bytes")
    (line,) = findings(capsys)
    assert "missing or damaged" in line


def test_a_changed_audit_entry(filed, capsys):
    with without_guards() as cursor:
        cursor.execute("UPDATE audit_entry SET subject = 'letter:another' WHERE seq = 1")
    assert any("entry 1 was changed" in line for line in findings(capsys))


def test_a_mail_whose_worker_never_came_back(capsys):
    Message.objects.create(
        key="lost",
        address="a@example.org",
        language="en",
        template="t",
        subject="s",
        body="b",
        state=MessageState.SENDING,
        claimed_at=clock.now() - timedelta(hours=1),
        queued_at=clock.now(),
        due_at=clock.now(),
        message_id="<lost@example.org>",
    )
    (line,) = findings(capsys)
    assert "lost has been in sending" in line


@pytest.fixture
def reviewed(capsys):
    call = make.call()
    make.rubric(call)
    letter = make.eligible_letter(call=call)
    return make.review(of=make.assignment(letter=letter))


def review_findings(capsys) -> list[str]:
    return [line for line in findings(capsys) if line.startswith("reviews:")]


def test_a_complete_review_is_no_finding(reviewed, capsys):
    assert review_findings(capsys) == []


def test_an_assignment_in_spite_of_a_conflict(reviewed, capsys):
    with without_guards() as cursor:
        cursor.execute(
            "UPDATE reviews_conflictcheck"
            " SET conflicted = true, source = 'DECLARED', kind = 'OTHER'"
        )
    (line,) = review_findings(capsys)
    assert "in spite of a conflict" in line


def test_a_submitted_review_without_all_scores(reviewed, capsys):
    Score.objects.filter(review=reviewed, criterion__code="science").delete()
    (line,) = review_findings(capsys)
    assert "lacks scores" in line


def test_a_submitted_review_with_an_empty_score(reviewed, capsys):
    Score.objects.filter(review=reviewed, criterion__code="science").update(mark=None)
    (line,) = review_findings(capsys)
    assert "empty score" in line


def test_a_submitted_review_that_keeps_earlier_marks_aside(reviewed, capsys):
    Review.objects.update(filed_marks={"science": "4.0"})
    (line,) = review_findings(capsys)
    assert "marks aside" in line


@pytest.mark.parametrize("mark", [Decimal(3), None])
def test_a_change_of_a_mark_that_is_none(reviewed, capsys, mark):
    criterion = Criterion.objects.first()
    MarkChange.objects.create(
        review=reviewed, criterion=criterion, before=mark, after=mark, reason="?", at=make.CLOSES
    )
    (line,) = review_findings(capsys)
    assert "is no change" in line


def test_an_answer_to_an_answer(reviewed, capsys):
    assignment, said = reviewed.assignment, None
    for _level in range(3):
        said = Contribution.objects.create(
            round=assignment.round,
            letter=assignment.letter,
            author=assignment.reviewer,
            answers=said,
            text="Hm.",
            at=make.CLOSES,
        )
    (line,) = review_findings(capsys)
    assert "answers an answer" in line


def test_weights_that_do_not_add_up(reviewed, capsys):
    Criterion.objects.filter(code="science").update(weight=50)
    (line,) = review_findings(capsys)
    assert "add up to 90" in line


def test_criteria_that_are_not_those_that_were_frozen(reviewed, capsys):
    call = Assignment.objects.get().letter.call
    panel.seal_rubric(call, at=make.CLOSES)
    Criterion.objects.filter(code="science").update(name={"en": "Beauty"})
    (line,) = review_findings(capsys)
    assert "not those that were frozen" in line


def test_a_letter_ranked_without_a_review(reviewed, capsys):
    assignment = Assignment.objects.get()
    ranking = Ranking.objects.create(
        round=assignment.round, frozen_at=make.CLOSES, frozen_by=make.user(), rubric=[]
    )
    RankedLetter.objects.create(
        ranking=ranking,
        letter=assignment.letter,
        position=1,
        total=Decimal(80),
        reviews=0,
        means={},
    )
    (line,) = review_findings(capsys)
    assert "ranked without a review" in line


@pytest.fixture
def met():
    """A meeting that is being held, with one of its items open."""
    session = Session()
    held = session.held()
    return session, held, session.opened(held, session.second)


def test_a_meeting_that_is_held_or_closed_is_no_finding(met, capsys):
    session, held, item = met
    assert review_findings(capsys) == []
    what = {"decision": "SCORED", "more": 0, "reason": "", "note": "", "ends": True}
    who = {"actor": session.chair, "at": session.at + timedelta(days=2)}
    panel.record_item(held, item, **what, **who)
    panel.close_meeting(held, leaving=True, **who)
    assert review_findings(capsys) == []


def test_an_open_item_on_nobodys_screen(met, capsys):
    Meeting.objects.update(current=None)
    (line,) = review_findings(capsys)
    assert "open and on nobody's screen" in line


def test_minutes_that_are_gone_or_changed(met, capsys):
    session, held, item = met
    what = {"decision": "SCORED", "more": 0, "reason": "", "note": "", "ends": True}
    who = {"actor": session.chair, "at": session.at + timedelta(days=2)}
    panel.record_item(held, item, **what, **who)
    panel.close_meeting(held, leaving=True, **who)
    with without_guards():
        Minutes.objects.update(content={"items": []})
    (line,) = review_findings(capsys)
    assert "not those that were kept" in line
    with without_guards():
        Minutes.objects.all().delete()
    (line,) = review_findings(capsys)
    assert "have no minutes" in line


@pytest.fixture
def frozen(reviewed):
    assignment = reviewed.assignment
    make.review(of=make.assignment(letter=assignment.letter))
    chair = make.user(Role.CHAIR)
    return panel.freeze_ranking(assignment.round, actor=chair, at=make.CLOSES)


def test_a_frozen_ranking_with_its_run_is_no_finding(frozen, capsys):
    assert review_findings(capsys) == []
    LetterOfIntent.objects.update(state=LetterState.WITHDRAWN)
    assert review_findings(capsys) == []


def test_weights_that_change_behind_a_frozen_ranking_leave_its_copy_alone(frozen, capsys):
    Criterion.objects.filter(code="science").update(weight=70)
    Criterion.objects.filter(code="feasibility").update(weight=30)
    (line,) = review_findings(capsys)
    assert "are not those that were frozen" in line


def test_a_mark_changed_behind_a_frozen_ranking(frozen, reviewed, capsys):
    Score.objects.filter(review=reviewed).update(mark=Decimal(1))
    (line,) = review_findings(capsys)
    assert "scoring run of other marks" in line


def test_a_frozen_total_that_nobody_scored(frozen, capsys):
    RankedLetter.objects.update(total=Decimal("80.02"))
    (line,) = review_findings(capsys)
    assert "another total than it was scored" in line
