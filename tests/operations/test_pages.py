"""The operator's page: what stopped, what failed, and doing it again with a reason."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.states import Role
from audit.models import Entry
from chang_e8_portal import clock
from decisions.models import DecisionLetter, Dossier
from decisions.states import PublicationState, Reader, RenderState
from notifications import outbox
from notifications.models import Message
from notifications.states import MessageState
from operations.models import ChainCheck
from proposals.models import Call
from reviews.models import AssignmentPlan, CommitteePack, Ranking
from reviews.states import PackState, PlanState
from tests import make
from tests.decisions import stage
from tests.operations.conftest import note_all

pytestmark = pytest.mark.django_db
HOME = "/operations/"


def failed_letter():
    call_round, _letters = stage.final("SELECTED")
    publication = stage.propose(call_round)
    letter = publication.letters.first()
    letter.state, letter.attempts = RenderState.FAILED, 3
    letter.last_error = "says SELECTED where NOT SELECTED was decided"
    letter.save()
    return letter


def failed_plan(**fields):
    call = Call.objects.first() or make.call()
    given = {"state": PlanState.FAILED, "attempts": 3, "parameters": {"letters": []}, **fields}
    return AssignmentPlan.objects.create(
        round=make.first_round(call),
        asked_by=make.user(Role.CHAIR),
        asked_at=given.pop("asked_at", make.CLOSES),
        **given,
    )


def failed_pack():
    call = Call.objects.first() or make.call()
    return CommitteePack.objects.create(
        round=make.first_round(call),
        asked_by=make.user(Role.CHAIR),
        asked_at=make.CLOSES,
        state=PackState.FAILED,
        attempts=3,
        language="en",
    )


def failed_dossier():
    return Dossier.objects.create(
        letter=make.eligible_letter(),
        reader=Reader.AUDITOR,
        asked_by=make.user(Role.AUDITOR),
        asked_at=make.CLOSES,
        reason="Complaint",
        language="en",
        state=PackState.FAILED,
        attempts=3,
    )


def failed_mail(state=MessageState.UNKNOWN, template="welcome", **fields):
    key = f"k{Message.objects.count()}"
    outbox.enqueue(key=key, recipient=make.user(), template="welcome", at=make.OPENS)
    Message.objects.filter(key=key).update(state=state, template=template, attempts=4, **fields)
    return Message.objects.get(key=key)


def read(response):
    return response.content.decode()


def again(kind, row):
    return reverse(f"operations:{kind}", args=[row.pk])


def test_the_page_says_what_stopped_and_what_failed(client, operator):
    page = read(client.get(HOME))
    assert "Never" in page
    assert "Overdue" in page
    assert "It has not been walked yet." in page
    note_all(at=clock.machine_now())
    ChainCheck.objects.create(checked_at=make.OPENS, entries=7)
    failed_mail(last_error="550 no such user")
    page = read(client.get(HOME))
    assert "Overdue" not in page
    assert "Every entry is as it was written" in page
    assert "every hour" in page
    assert "3600" not in page
    assert "550 no such user" in page
    ChainCheck.objects.update(fault="entry 3 is missing")
    assert "The chain is broken." in read(client.get(HOME))


def test_when_nothing_failed_it_says_so(client, operator):
    assert "Nothing failed" in read(client.get(HOME))


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_costs_the_same_however_much_failed(
    client, operator, number, django_assert_num_queries
):
    for day in range(number):
        failed_mail()
        failed_pack()
        failed_dossier()
        AssignmentPlan.objects.all().delete()
        failed_plan(asked_at=make.CLOSES + timedelta(days=day))
    # session, operator, tasks, five counts, five lists, the chain, mails due
    with django_assert_num_queries(15):
        client.get(HOME)


def test_a_failed_letter_tells_the_operator_nothing_of_its_decision(client, operator):
    letter = failed_letter()
    for address in (HOME, again("letter", letter)):
        page = read(client.get(address))
        assert str(letter.pk)[:8] in page
        assert "SELECTED" not in page
        assert "Selected" not in page
        assert letter.decision.letter.reference not in page
        assert letter.decision.letter.agency.name not in page
    letter.last_error = "RenderingUnavailable: a sentence of the letter"
    letter.save()
    page = read(client.get(HOME))
    assert "RenderingUnavailable" in page
    assert "a sentence" not in page


@pytest.mark.parametrize(
    ("kind", "make_one", "state", "action"),
    [
        ("letter", failed_letter, RenderState.OWED, "decision_letter.retried"),
        ("plan", failed_plan, PlanState.QUEUED, "plan.retried"),
        ("pack", failed_pack, PackState.QUEUED, "pack.retried"),
        ("dossier", failed_dossier, PackState.QUEUED, "dossier.retried"),
    ],
)
def test_what_failed_is_tried_again_with_a_reason(client, operator, kind, make_one, state, action):
    row = make_one()
    assert again(kind, row) in read(client.get(HOME))
    for reason in ("", " ", "\u202e"):
        response = client.post(again(kind, row), {"reason": reason})
        assert response.status_code == 422
    response = client.post(again(kind, row), {"reason": "The disk was full."})
    assert response.url == HOME
    row.refresh_from_db()
    assert (row.state, row.attempts) == (state, 0)
    entry = Entry.objects.order_by("seq").last()
    assert (entry.action, entry.actor) == (action, str(operator.pk))
    assert entry.data["reason"] == "The disk was full."
    assert again(kind, row) not in read(client.get(HOME))
    # It is not failed any more, so there is nothing to try.
    assert client.post(again(kind, row), {"reason": "Twice."}).status_code == 404


def test_what_was_asked_for_anew_waits_for_nobody(client, operator):
    old = failed_plan()
    failed_plan(state=PlanState.READY, asked_at=make.CLOSES + timedelta(days=1))
    assert again("plan", old) not in read(client.get(HOME))


def test_a_letter_of_a_proposal_taken_back_waits_for_nobody(client, operator):
    letter = failed_letter()
    letter.publication.state = PublicationState.VOID
    letter.publication.save(update_fields=["state"])
    assert client.get(again("letter", letter)).status_code == 404
    assert DecisionLetter.objects.get(pk=letter.pk).state == RenderState.FAILED


def test_a_plan_of_a_frozen_round_is_not_tried_again(client, operator):
    plan = failed_plan()
    chair = make.user(Role.CHAIR)
    Ranking.objects.create(round=plan.round, frozen_at=make.CLOSES, frozen_by=chair, rubric=[])
    response = client.post(again("plan", plan), {"reason": "Again."})
    assert response.status_code == 409
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.PUBLISHER, 403),
        *((role, 404) for role in (Role.CHAIR, Role.REVIEWER, Role.AUDITOR)),
        (None, 404),
    ],
)
def test_nobody_else_looks_after_the_machine(client, role, status):
    plan = failed_plan()
    client.force_login(make.user(role) if role else make.member())
    assert client.get(HOME).status_code == status
    assert client.get(again("plan", plan)).status_code == status
    assert client.post(again("plan", plan), {"reason": "R"}).status_code == status
    plan.refresh_from_db()
    assert plan.state == PlanState.FAILED


# --- mail ---


def test_a_mail_is_sent_once_more_under_its_message_id(client, operator):
    mail = failed_mail(sent_at=None, last_error="dropped")
    assert "Send it once more" in read(client.get(again("mail", mail)))
    assert client.post(again("mail", mail), {"reason": ""}).status_code == 422
    response = client.post(again("mail", mail), {"reason": "It never came.", "do": "send"})
    assert response.status_code == 302
    sent = Message.objects.get()
    assert (sent.state, sent.attempts, sent.last_error) == (MessageState.QUEUED, 0, "")
    assert sent.message_id == mail.message_id
    entry = Entry.objects.get()
    assert (entry.action, entry.actor) == ("message.sent_again", str(operator.pk))
    assert entry.data["reason"] == "It never came."
    assert entry.data["was"] == {"state": "UNKNOWN", "sent_at": None}
    assert client.post(again("mail", mail), {"reason": "Twice."}).status_code == 409


def test_a_mail_is_left_as_it_is_and_seen_to(client, operator):
    mail = failed_mail()
    client.post(again("mail", mail), {"reason": "She has it.", "do": "leave"})
    mail.refresh_from_db()
    assert mail.state == MessageState.UNKNOWN
    assert not mail.needs_somebody
    assert "Nothing failed" in read(client.get(HOME))
    assert Entry.objects.get().action == "message.left"
    again_left = client.post(again("mail", mail), {"reason": "Twice.", "do": "leave"})
    assert again_left.status_code == 409
    # It can still be sent; if that fails, it needs somebody again.
    client.post(again("mail", mail), {"reason": "After all."})
    Message.objects.update(state=MessageState.FAILED)
    assert Message.objects.needing_somebody().exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"secret": True},
        {"expires_at": make.CLOSES},
        {"state": MessageState.QUEUED},
        {"state": MessageState.SENDING},
        {"state": MessageState.LAPSED},
    ],
)
def test_what_cannot_be_sent_again_is_not(client, operator, fields):
    mail = failed_mail(**fields)
    response = client.post(again("mail", mail), {"reason": "Please."})
    assert response.status_code == 409
    mail.refresh_from_db()
    assert mail.state == fields.get("state", MessageState.UNKNOWN)
    assert not Entry.objects.exists()


def test_mails_of_a_decision_are_sent_again_by_publishers_and_no_others(client):
    decision = failed_mail(state=MessageState.SENT, template="decision_ready", sent_at=make.CLOSES)
    other = failed_mail()
    for role, of_decision, of_other in [
        (Role.OPERATOR, 403, 200),
        (Role.PUBLISHER, 200, 403),
        (Role.CHAIR, 403, 403),
        (Role.AUDITOR, 404, 404),
        (Role.REVIEWER, 404, 404),
    ]:
        client.force_login(make.user(role))
        assert client.get(again("mail", decision)).status_code == of_decision
        assert client.get(again("mail", other)).status_code == of_other
    client.force_login(make.user(Role.PUBLISHER))
    assert client.post(again("mail", decision), {"reason": "Lost."}).status_code == 302
    decision.refresh_from_db()
    assert (decision.state, decision.sent_at) == (MessageState.QUEUED, None)


def test_mails_in_confidence_are_seen_to_by_publishers_and_by_nobody_else(client, operator):
    mail = failed_mail(template="confidential_question")
    assert "Nothing failed" in read(client.get(HOME))
    assert mail.address not in read(client.get("/operations/mails/"))
    assert client.get(again("mail", mail)).status_code == 404
    client.force_login(make.user(Role.PUBLISHER))
    assert mail.address in read(client.get("/operations/mails/"))
    assert client.post(again("mail", mail), {"reason": "Mended."}).status_code == 302


@pytest.mark.parametrize("number", [1, 3])
def test_the_ledger_costs_the_same_however_long(
    client, operator, number, django_assert_num_queries
):
    for _ in range(number):
        failed_mail()
    # session, operator, count, page, refused ones
    with django_assert_num_queries(5):
        client.get("/operations/mails/")
    # session, operator, count, mails
    with django_assert_num_queries(4):
        client.get("/operations/mails/again/")


def test_the_ledger_is_searched_and_holds_no_text(client, operator):
    shown = failed_mail(state=MessageState.SENT)
    Message.objects.update(body="THE-TEXT")
    hidden = failed_mail(state=MessageState.UNKNOWN)
    page = read(client.get("/operations/mails/"))
    assert shown.address in page
    assert hidden.address in page
    assert "THE-TEXT" not in page
    for asked in (
        {"q": shown.address},
        {"state": "SENT"},
        {"q": shown.subject, "state": "SENT", "kind": "welcome"},
    ):
        page = read(client.get("/operations/mails/", asked))
        assert shown.address in page
        assert hidden.address not in page
    page = read(client.get("/operations/mails/", {"state": "TROUBLED"}))
    assert hidden.address in page
    assert shown.address not in page
    assert "Nothing fits" in read(client.get("/operations/mails/", {"q": "nosuch"}))
    assert client.get("/operations/mails/", {"state": "BODY"}).status_code == 422


def test_a_mail_that_was_not_sent_shows_no_time_of_it(client, operator):
    failed_mail(sent_at=None)
    page = read(client.get("/operations/mails/"))
    assert '<td data-label="Sent">–</td>' in page


def test_the_ledger_without_a_mail_says_so(client, operator):
    assert "No mail yet" in read(client.get("/operations/mails/"))


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.PUBLISHER, 200),
        (Role.AUDITOR, 200),
        (Role.CHAIR, 403),
        (Role.REVIEWER, 404),
        (None, 404),
    ],
)
def test_who_reads_the_ledger(client, role, status):
    client.force_login(make.user(role) if role else make.member())
    assert client.get("/operations/mails/").status_code == status


# --- several mails, and those that came back ---


def test_all_refused_mails_of_a_search_are_sent_once_more(client, operator):
    refused = [failed_mail(MessageState.FAILED) for _ in range(3)]
    for fields in (
        {"state": MessageState.UNKNOWN},
        {"secret": True},
        {"expires_at": clock.now() - timedelta(seconds=1)},
        {"settled_at": clock.now()},
        {"template": "decision_ready"},
    ):
        failed_mail(**{"state": MessageState.FAILED, **fields})
    ledger = read(client.get("/operations/mails/", {"kind": "welcome"}))
    assert "/operations/mails/again/?kind=welcome" in ledger
    assert "Send 3 refused mails once more" in ledger
    where = "/operations/mails/again/?kind=welcome"
    page = client.get(where)
    assert page.context["number"] == 3
    assert refused[0].address in read(page)
    assert client.post(where, {"expected": "3", "reason": " "}).status_code == 422
    changed = client.post(where, {"expected": "2", "reason": "The relay is back."})
    assert changed.status_code == 409
    assert "The relay is back." in read(changed)
    assert changed.context["form"]["expected"].value() == "3"
    assert Message.objects.filter(state=MessageState.QUEUED).count() == 0
    assert client.post(where, {"expected": "3", "reason": "The relay is back."}).status_code == 302
    waiting = Message.objects.filter(state=MessageState.QUEUED)
    assert set(waiting.values_list("pk", flat=True)) == {mail.pk for mail in refused}
    assert Entry.objects.filter(action="message.sent_again").count() == 3
    assert "Nothing in this list" in read(client.get(where))


def test_publishers_send_what_tells_of_decisions_and_nobody_else_does(client):
    told, other = (
        failed_mail(MessageState.FAILED, template=kind) for kind in ("decision_ready", "welcome")
    )
    client.force_login(make.user(Role.PUBLISHER))
    page = client.get("/operations/mails/again/")
    assert [mail.pk for mail in page.context["mails"]] == [told.pk]
    for role, status in ((Role.AUDITOR, 404), (Role.CHAIR, 403), (Role.REVIEWER, 404)):
        client.force_login(make.user(role))
        sent = {"expected": "1", "reason": "Mended."}
        assert client.post("/operations/mails/again/", sent).status_code == status
    assert Message.objects.filter(pk__in=[told.pk, other.pk], state="FAILED").count() == 2


def test_a_mail_that_comes_back_later_needs_somebody(client, operator):
    mail = failed_mail(state=MessageState.SENT, sent_at=clock.now())
    assert "It came back" in read(client.get(again("mail", mail)))
    said = "550 5.1.1 no such user"
    assert client.post(again("mail", mail), {"do": "bounced", "reason": said}).status_code == 302
    mail.refresh_from_db()
    assert (mail.state, mail.last_error, mail.needs_somebody) == ("FAILED", said, True)
    entry = Entry.objects.order_by("-seq").first()
    assert (entry.action, entry.data["reason"]) == ("message.bounced", said)
    assert said in read(client.get(HOME))
    twice = client.post(again("mail", mail), {"do": "bounced", "reason": said})
    assert twice.status_code == 409
    assert client.post(again("mail", mail), {"do": "nonsense", "reason": "r"}).status_code == 400
