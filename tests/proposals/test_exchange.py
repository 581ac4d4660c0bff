"""Questions of the panel with the agency's answers, and the log of mails to the agency."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.states import Role
from audit.models import Entry
from notifications import delivery, outbox
from notifications.models import Message
from proposals import actions
from proposals.models import Clarification, LetterOfIntent
from proposals.states import LetterState
from tests import make

DAY = timedelta(days=1)
QUESTION = "How is the sensor kept warm during the lunar night?"
ANSWER = "By a heater of two watts, fed from a battery of our own."
KEY = "a-key-of-some-length"


@pytest.fixture
def filed(cast, it_is):
    """The letter is filed, the call is closed and opened, and it is two days later."""
    actions.submit(cast.letter, actor=cast.representative, idempotency_key=KEY)
    make.opened(cast.call)
    it_is(cast.call.closes_at + 2 * DAY)
    cast.chair = make.user(Role.CHAIR)
    cast.due = cast.call.closes_at + 9 * DAY
    return cast


@pytest.fixture
def asked(filed):
    filed.question = actions.ask_clarification(
        filed.letter, question=QUESTION, due_at=filed.due, actor=filed.chair
    )
    return filed


# --- asking ---


def test_everybody_of_the_agency_is_told_that_there_is_a_question(asked):
    told = Message.objects.filter(template="clarification_asked")
    assert {mail.recipient for mail in told} == {
        asked.representative,
        asked.editor,
        asked.viewer,
    }
    for mail in told:
        assert QUESTION not in mail.body
        assert mail.about == asked.letter.pk
    entry = Entry.objects.order_by("seq").last()
    assert entry.action == "clarification.asked"
    assert QUESTION not in str(entry.data)


@pytest.mark.parametrize("what", ["sealed", "withdrawn", "past"])
def test_what_cannot_be_asked(cast, it_is, nothing_written, what):
    actions.submit(cast.letter, actor=cast.representative, idempotency_key=KEY)
    it_is(cast.call.closes_at + 2 * DAY)
    due = cast.call.closes_at + 9 * DAY
    if what != "sealed":
        make.opened(cast.call)
    if what == "withdrawn":
        cast.letter.refresh_from_db()
        cast.letter.state = LetterState.WITHDRAWN
        cast.letter.save(update_fields=["state"])
    if what == "past":
        due = cast.call.closes_at + 2 * DAY
    chair = make.user(Role.CHAIR)
    with nothing_written(), pytest.raises(actions.Refused):
        actions.ask_clarification(cast.letter, question=QUESTION, due_at=due, actor=chair)
    assert not Clarification.objects.exists()


# --- answering ---


def test_the_agency_answers_once_and_whoever_asked_is_told(asked, nothing_written):
    actions.answer_clarification(asked.question, answer=ANSWER, actor=asked.editor)
    kept = Clarification.objects.get()
    assert (kept.answer, kept.answered_by) == (ANSWER, asked.editor)
    [told] = Message.objects.filter(template="clarification_answered")
    assert told.recipient == asked.chair
    assert ANSWER not in told.body
    # The chair's mail is no matter of the agency's log.
    assert told.about is None
    with nothing_written(), pytest.raises(actions.Refused) as refusal:
        actions.answer_clarification(asked.question, answer="Another.", actor=asked.editor)
    assert refusal.value.code == "answered"


def test_an_answer_at_the_due_instant_is_late(asked, it_is):
    it_is(asked.due)
    with pytest.raises(actions.Refused) as refusal:
        actions.answer_clarification(asked.question, answer=ANSWER, actor=asked.editor)
    assert refusal.value.code == "answer_late"
    it_is(asked.due - make.SECOND / 1_000_000)
    actions.answer_clarification(asked.question, answer=ANSWER, actor=asked.editor)


# --- the agency's pages ---


def questions(cast):
    return reverse("proposals:questions", args=[cast.letter.pk])


def answer_at(cast):
    return reverse("proposals:answer", args=[cast.letter.pk, cast.question.pk])


def test_who_reads_and_who_answers(asked, sign_in):
    wanted = {
        asked.representative: (200, 302),
        asked.editor: (200, 409),
        asked.viewer: (200, 403),
        asked.stranger: (404, 404),
        make.reviewer(): (404, 404),
        make.user(Role.PUBLISHER): (403, 403),
        asked.chair: (403, 403),
        None: (302, 302),
    }
    for person, answers in wanted.items():
        client = sign_in(person)
        given = (
            client.get(questions(asked)).status_code,
            client.post(answer_at(asked), {"answer": ANSWER}).status_code,
        )
        assert given == answers, person
    assert Clarification.objects.get().answered_by == asked.representative


def test_the_question_is_read_and_answered_on_one_page(asked, sign_in):
    client = sign_in(asked.editor)
    detail = client.get(reverse("proposals:detail", args=[asked.letter.pk])).content.decode()
    assert questions(asked) in detail
    assert "waits for your answer" in detail
    assert QUESTION in client.get(questions(asked)).content.decode()
    after = client.post(answer_at(asked), {"answer": ANSWER}, follow=True).content.decode()
    assert ANSWER in after
    assert asked.editor.name in after
    detail = client.get(reverse("proposals:detail", args=[asked.letter.pk])).content.decode()
    assert "waits for your answer" not in detail


def test_a_late_answer_is_handed_back(asked, sign_in, it_is):
    client = sign_in(asked.editor)
    it_is(asked.due)
    page = client.post(answer_at(asked), {"answer": ANSWER})
    assert page.status_code == 409
    assert ANSWER in page.content.decode()
    assert "Nothing was stored" in page.content.decode()
    assert "Not answered" in client.get(questions(asked)).content.decode()
    assert Clarification.objects.get().answered_at is None


@pytest.mark.parametrize("typed", ["", "  ", "\u200b", "a\x0bb", "x" * 6001])
def test_bad_answers_are_kept_on_the_page(asked, sign_in, typed):
    page = sign_in(asked.editor).post(answer_at(asked), {"answer": typed})
    assert page.status_code == 422
    assert Clarification.objects.get().answered_at is None


def test_what_nobody_offered_is_refused(asked, sign_in):
    client = sign_in(asked.editor)
    sent = {"answer": ANSWER, "answered_at": "2023-01-01"}
    assert client.post(answer_at(asked), sent).status_code == 400
    foreign = reverse("proposals:answer", args=[asked.letter.pk, uuid.uuid4()])
    assert client.post(foreign, {"answer": ANSWER}).status_code == 404
    other = make.letter(call=asked.call, agency=asked.agency)
    crossed = reverse("proposals:answer", args=[other.pk, asked.question.pk])
    assert client.post(crossed, {"answer": ANSWER}).status_code == 404


# --- the log of mails ---


def mails(cast):
    return reverse("proposals:mails", args=[cast.letter.pk])


def test_the_agency_sees_every_mail_to_its_people_and_no_other(asked, sign_in):
    at = asked.call.closes_at
    outbox.enqueue(key="x", recipient=asked.chair, template="welcome", at=at)
    outbox.enqueue(key="y", recipient=asked.stranger, template="welcome", at=at, about=uuid.uuid4())
    first = Message.objects.about(asked.letter).order_by("pk").first()
    delivery.deliver(first.pk, at=at + 3 * DAY)
    client = sign_in(asked.viewer)
    page = client.get(mails(asked))
    assert {mail.template for mail in page.context["page"]} == {
        "letter_submitted",
        "clarification_asked",
    }
    said = page.content.decode()
    assert "Sent" in said
    assert "Waiting" in said
    assert asked.editor.email in said
    assert asked.chair.email not in said
    assert asked.stranger.email not in said
    found = client.get(mails(asked), {"q": "question"}).context["page"]
    assert {mail.template for mail in found} == {"clarification_asked"}
    assert len(client.get(mails(asked), {"q": "%"}).context["page"]) == 0


def test_who_may_read_the_log(asked, sign_in):
    wanted = {
        asked.representative: 200,
        asked.viewer: 200,
        asked.stranger: 404,
        make.reviewer(): 404,
        asked.chair: 403,
        make.user(Role.OPERATOR): 403,
        None: 302,
    }
    for person, status in wanted.items():
        assert sign_in(person).get(mails(asked)).status_code == status, person


@pytest.mark.parametrize("number", [1, 3])
def test_the_log_costs_the_same_however_long(cast, sign_in, number, django_assert_num_queries):
    for i in range(number):
        outbox.enqueue(
            key=f"k{i}",
            recipient=cast.editor,
            template="welcome",
            at=make.OPENS,
            about=cast.letter.pk,
        )
    client = sign_in(cast.editor)
    with django_assert_num_queries(6):
        client.get(mails(cast))


@pytest.mark.parametrize("state", ["WITHDRAWN", "NOT_SHORTLISTED"])
def test_nothing_is_answered_about_a_letter_that_is_no_longer_assessed(
    asked, sign_in, nothing_written, state
):
    LetterOfIntent.objects.update(state=state)
    client = sign_in(asked.editor)
    assert "<textarea" not in client.get(questions(asked)).content.decode()
    address = reverse("proposals:answer", args=[asked.letter.pk, asked.question.pk])
    with nothing_written():
        assert client.post(address, {"answer": ANSWER}).status_code == 409
    assert Clarification.objects.get().answered_at is None
    assert not Message.objects.filter(template="clarification_answered").exists()
    detail = client.get(reverse("proposals:detail", args=[asked.letter.pk]))
    assert detail.context["open_questions"] == []
