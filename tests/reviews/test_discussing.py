"""Who may say something about a letter, what stays of it, and who is told."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from accounts.states import Role
from audit.models import Entry
from notifications.models import Message
from reviews import actions
from reviews.models import Assignment, ConflictCheck, Consensus, Contribution
from tests import make

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def colleague(assignment):
    """Another reviewer of the letter, who has filed as well."""
    other = make.assignment(letter=assignment.letter)
    make.review(of=other)
    return other


@pytest.fixture
def filed(assignment):
    make.review(of=assignment)
    return assignment


@pytest.fixture
def chair():
    return make.user(Role.CHAIR)


def say(of, text="I see it differently.", **more):
    more.setdefault("actor", of.reviewer)
    return actions.contribute(of.round, of.letter, text=text, **more)


def agree(of, text="We agree.", *, revision=0, minority_view="", marks=None, actor=None):
    return actions.write_consensus(
        of.round,
        of.letter,
        changes={"text": text, "minority_view": minority_view},
        marks=marks or {},
        revision=revision,
        actor=actor or of.reviewer,
    )


def test_whoever_has_filed_and_the_chair_talk_in_threads_of_one_level(filed, colleague, chair):
    first = say(filed)
    answer = say(colleague, "Why?", answers=first)
    deeper = say(filed, "Because.", answers=answer, actor=chair)
    assert (first.answers, answer.answers, deeper.answers) == (None, first, first)
    assert deeper.author == chair
    entries = list(Entry.objects.filter(action="discussion.contributed"))
    assert [entry.actor for entry in entries] == [
        str(pk) for pk in (filed.reviewer_id, colleague.reviewer_id, chair.pk)
    ]
    assert "differently" not in str(entries[0].data)


def not_filed(filed, chair):
    actions.reopen_review(filed.review, actor=filed.reviewer)


def in_conflict(filed, chair):
    answer = {filed.letter_id: ("MONEY", "")}
    actions.answer_conflicts(filed.reviewer, answer, at=filed.assigned_at)


def waived(filed, chair):
    actions.waive(filed, reason="Ill.", actor=chair, at=filed.assigned_at)


def asked_anew(filed, chair):
    ConflictCheck.objects.filter(reviewer=filed.reviewer).update(answered_at=None)


def withdrawn(filed, chair):
    filed.letter.state = "WITHDRAWN"
    filed.letter.save(update_fields=["state"])


def announced(filed, chair):
    filed.letter.state = "NOT_SHORTLISTED"
    filed.letter.save(update_fields=["state"])


@pytest.mark.parametrize("why", [not_filed, in_conflict, waived, asked_anew, withdrawn, announced])
def test_nobody_else_says_anything_and_nothing_is_written(filed, colleague, chair, why):
    first = say(colleague)
    why(filed, chair)
    messages = Message.objects.count()
    for attempt in (say, agree, lambda of: say(of, answers=first)):
        with pytest.raises(actions.Refused):
            attempt(filed)
    assert Contribution.objects.count() == 1
    assert not Consensus.objects.exists()
    assert Message.objects.count() == messages


def test_strangers_and_chairs_in_conflict_say_nothing(filed, chair):
    make.check(chair, filed.letter, conflicted=True)
    elsewhere = make.review(of=make.assignment(letter=make.eligible_letter(call=filed.letter.call)))
    for actor in (chair, elsewhere.assignment.reviewer, make.user(Role.AUDITOR), make.reviewer()):
        with pytest.raises(actions.Refused):
            say(filed, actor=actor)
        with pytest.raises(actions.Refused):
            agree(filed, actor=actor)
    assert not Contribution.objects.exists()


def test_a_review_of_another_round_does_not_open_this_one(filed):
    final = make.final_round(filed.letter.call)
    filed.letter.state = "SHORTLISTED"
    filed.letter.save(update_fields=["state"])
    with pytest.raises(actions.Refused) as refused:
        actions.contribute(final, filed.letter, text="Hello.", actor=filed.reviewer)
    assert refused.value.code == "not_filed"


def test_an_answer_belongs_to_the_same_discussion(filed):
    other = make.assignment(letter=make.eligible_letter(call=filed.letter.call))
    make.review(of=other)
    elsewhere = say(other)
    with pytest.raises(actions.Refused):
        say(filed, answers=elsewhere)
    with pytest.raises(actions.Refused):
        say(filed, "  ")


# --- mails ----------------------------------------------------------------------------------------


def told():
    mails = Message.objects.filter(template="discussion_went_on").order_by("due_at", "key")
    return [(mail.recipient, mail.due_at) for mail in mails]


def test_the_others_are_told_once_an_hour_without_a_name_or_a_word(filed, colleague, chair, it_is):
    pending = make.assignment(letter=filed.letter)
    at = filed.due_at - timedelta(days=3)
    it_is(at + timedelta(minutes=10))
    say(filed)
    it_is(at + timedelta(minutes=50))
    say(filed, "And another thing.")
    assert told() == [(colleague.reviewer, at + HOUR)]

    # The chair takes part from now on; whoever has not filed is told nothing.
    say(filed, "Order, please.", actor=chair)
    assert (filed.reviewer, at + HOUR) in told()
    it_is(at + HOUR)
    say(colleague, "Fine.")
    assert {person for person, due in told() if due == at + 2 * HOUR} == {filed.reviewer, chair}
    assert pending.reviewer not in {person for person, _due in told()}
    mail = Message.objects.filter(recipient=colleague.reviewer, template="discussion_went_on")[0]
    assert filed.letter.reference in mail.body
    assert f"/reviews/{colleague.pk}/discussion/" in mail.body
    for secret in (filed.reviewer.name, "differently", "another thing"):
        assert secret not in mail.body + mail.subject


def test_a_chair_who_is_in_conflict_meanwhile_is_told_nothing(filed, colleague, chair):
    say(filed, actor=chair)
    Message.objects.all().delete()
    make.check(chair, filed.letter, conflicted=True)
    say(filed)
    assert [person for person, _due in told()] == [colleague.reviewer]


# --- consensus ------------------------------------------------------------------------------------


def test_a_consensus_is_written_by_several_and_each_version_is_counted(filed, colleague, chair):
    agree(filed, marks={"science": "3.5"})
    found = agree(colleague, "We all agree.", revision=1, minority_view="Not on the mass.")
    assert (found.revision, found.marks, found.written_by) == (2, {}, colleague.reviewer)
    with pytest.raises(actions.Stale) as stale:
        agree(filed, "I say so.", revision=1, actor=chair)
    assert stale.value.current.text == "We all agree."
    assert Consensus.objects.get().minority_view == "Not on the mass."
    assert Entry.objects.filter(action="consensus.written").count() == 2


@pytest.mark.parametrize("mark", ["6", "3.7", "NaN", "3.0", ""])
def test_a_mark_outside_the_scale_is_no_consensus(filed, mark):
    with pytest.raises(actions.Refused):
        agree(filed, marks={"science": mark})
    assert not Consensus.objects.exists()


def test_a_consensus_that_says_nothing_is_refused(filed):
    with pytest.raises(actions.Refused):
        agree(filed, " ")


@pytest.mark.django_db(transaction=True)
def test_two_first_versions_at_once_keep_one_and_tell_the_other():
    letter = make.eligible_letter()
    make.rubric(letter.call)
    both = [make.assignment(letter=letter) for _ in range(2)]
    for one in both:
        make.review(of=one)
    barrier, said = threading.Barrier(2), []

    def write(of):
        barrier.wait()
        try:
            agree(of, "Mine.")
            said.append("saved")
        except actions.Stale:
            said.append("stale")
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=[of]) for of in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["saved", "stale"]
    assert Consensus.objects.get().revision == 1
    assert Assignment.objects.count() == 2
