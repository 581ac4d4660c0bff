"""Mergers wait for the consent of both lead agencies, who alone know that they are asked."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.states import Role, Seat
from audit.models import Entry
from decisions import actions, mergers, reminders
from decisions.actions import Refused
from decisions.models import MergeConsent
from decisions.states import ConsentState, Outcome
from notifications.models import Message
from tests import make
from tests.decisions import stage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_press")]


class Merger:
    """One letter that joins another one's project; both agencies have all three seats."""

    def __init__(self):
        self.round, [self.lead, self.letter] = stage.final(Outcome.SELECTED, None)
        self.chair = make.user(Role.CHAIR)
        self.at = stage.late(self.round.call)
        stage.merge(self.round, self.letter, self.lead, actor=self.chair)
        self.editor = make.member(self.letter.agency, Seat.EDITOR)
        self.representative = self.letter.agency.members.get(memberships__seat=Seat.REPRESENTATIVE)

    def ask(self):
        return actions.ask_consents(self.round, self.letter, actor=self.chair, at=self.at)

    def asked_of(self, letter):
        return MergeConsent.objects.get(agency=letter.agency)

    def answer(self, letter, *, agrees=True, reason=""):
        person = letter.agency.members.filter(memberships__seat=Seat.REPRESENTATIVE).first()
        return actions.answer_consent(
            self.asked_of(letter), agrees=agrees, reason=reason, actor=person, at=self.at
        )


@pytest.fixture
def merger():
    return Merger()


# --- the guard ---


def test_a_merger_is_not_proposed_until_both_agencies_consent(merger):
    names = [
        f"{merger.letter.reference}: {one.agency.name}" for one in (merger.lead, merger.letter)
    ]
    assert mergers.waiting(merger.round) == names
    for missing in (names, names, names[1:]):
        with pytest.raises(Refused) as refusal:
            stage.propose(merger.round)
        assert refusal.value.code == "no_consent"
        assert all(name in str(refusal.value) for name in missing)
        if not MergeConsent.objects.exists():
            merger.ask()
        elif missing == names:
            merger.answer(merger.lead)
    merger.answer(merger.letter)
    assert mergers.waiting(merger.round) == []
    assert stage.propose(merger.round).positive_count == 2


def test_an_agency_that_leads_both_is_asked_once():
    call = make.call()
    agency = make.agency()
    letters = [make.shortlisted_letter(call=call, agency=agency) for _ in range(2)]
    call_round = make.final_round(call)
    stage.freeze(call_round, letters)
    stage.decide(call_round, letters[:1], [Outcome.SELECTED])
    stage.merge(call_round, letters[1], letters[0])
    assert len(stage.consent(call_round, letters[1])) == 1
    assert mergers.waiting(call_round) == []


def test_whoever_declines_says_why_and_can_be_asked_again(merger):
    merger.ask()
    with pytest.raises(Refused, match="Say why"):
        merger.answer(merger.letter, agrees=False, reason=" ")
    merger.answer(merger.letter, agrees=False, reason="Another design.")
    assert len(mergers.waiting(merger.round)) == 2
    with pytest.raises(Refused, match="answered or taken back"):
        merger.answer(merger.letter)
    assert [one.agency for one in merger.ask()] == [merger.letter.agency]
    with pytest.raises(Refused, match="asked already"):
        merger.ask()


def test_another_decision_takes_the_question_back(merger):
    merger.ask()
    stage.decide(merger.round, [merger.letter], [Outcome.NOT_SELECTED])
    assert set(MergeConsent.objects.values_list("state", flat=True)) == {ConsentState.TAKEN_BACK}
    with pytest.raises(Refused, match="not decided as merged"):
        merger.ask()


def test_the_database_asks_an_agency_once_and_wants_a_reason(merger):
    merger.ask()
    row = merger.asked_of(merger.lead)
    twin = {name: getattr(row, name) for name in ("round", "letter", "lead", "agency", "asked_by")}
    with pytest.raises(IntegrityError, match="one_consent_an_agency"), transaction.atomic():
        MergeConsent.objects.create(asked_at=merger.at, **twin)
    rows = MergeConsent.objects.filter(pk=row.pk)
    with pytest.raises(IntegrityError, match="with_a_reason"), transaction.atomic():
        rows.update(state="DECLINED", answered_by=merger.chair, answered_at=merger.at)


# --- who knows ---


def test_the_mails_and_the_record_do_not_tell_what_is_asked(merger):
    merger.ask()
    merger.answer(merger.letter)
    mails = Message.objects.filter(template__startswith="confidential")
    assert mails.count() == 3
    for mail in mails:
        told = mail.subject + mail.body + str(mail.about)
        assert merger.letter.reference not in told
        assert "merge" not in told.lower()
    noted = Entry.objects.filter(action="decision.noted")
    assert noted.count() == 3
    for entry in noted:
        assert (entry.actor, entry.subject) == ("", f"round:{merger.round.pk}")
        assert list(entry.data) == ["sha256"]


def test_only_representatives_of_the_two_agencies_find_the_question(client, merger):
    merger.ask()
    row = merger.asked_of(merger.letter)
    address = reverse("decision_letters:question", args=[row.pk])
    others = [make.user(role) for role in Role.values]
    stranger = merger.lead.agency.members.get()
    for person in [merger.editor, make.member(), make.user(), stranger, *others]:
        client.force_login(person)
        assert client.get(address).status_code == 404
        assert client.post(address, {"answer": "yes"}).status_code == 404
        assert str(row.pk) not in client.get("/letters/confidential/").content.decode()
    client.force_login(merger.representative)
    assert address in client.get("/letters/confidential/").content.decode()
    page = client.get(address).content.decode()
    assert merger.lead.title in page
    assert merger.lead.reference not in page
    assert "elected" not in page


def test_a_representative_consents_once_and_sees_that_it_is_recorded(client, merger):
    merger.ask()
    client.force_login(merger.representative)
    address = reverse("decision_letters:question", args=[merger.asked_of(merger.letter).pk])
    for wrong in ({}, {"answer": "perhaps"}, {"answer": "no", "reason": " "}):
        answer = client.post(address, wrong)
        assert answer.status_code == 422
    # It binds the agency for good: a session that somebody else found open is not enough.
    asked = client.post(address, {"answer": "yes"})
    assert asked.status_code == 401
    assert 'name="answer" value="yes"' in asked.content.decode()
    # Whoever thinks better of it finds what was typed.
    back = client.post(address, {"answer": "no", "reason": "Another orbit.", "step_up_back": "1"})
    assert back.status_code == 200
    assert "Another orbit." in back.content.decode()
    assert merger.asked_of(merger.letter).is_awaited
    make.stepped_up(client)
    assert client.post(address, {"answer": "yes"}).status_code == 302
    assert merger.asked_of(merger.letter).answered_by == merger.representative
    assert "Consents" in client.get(address).content.decode()
    assert client.post(address, {"answer": "no", "reason": "x"}).status_code == 409
    assert client.post(address, {}).status_code == 409


def test_what_was_typed_with_a_fault_comes_back(client, merger):
    merger.ask()
    client.force_login(merger.representative)
    address = reverse("decision_letters:question", args=[merger.asked_of(merger.letter).pk])
    answer = client.post(address, {"answer": "perhaps", "reason": "Hours of thought."})
    assert "Hours of thought." in answer.content.decode()


def test_the_chair_asks_on_the_page_and_reads_the_answers(client, merger):
    client.force_login(merger.chair)
    page = reverse("decisions:consents", args=[merger.round.kind])
    ask = reverse("decisions:ask_consents", args=[merger.round.kind, merger.letter.pk])
    assert ask in client.get(page).content.decode()
    assert client.post(ask).status_code == 302
    assert client.post(ask).status_code == 409
    merger.answer(merger.letter, agrees=False, reason="Another design.")
    assert "Another design." in client.get(page).content.decode()
    client.force_login(make.user(Role.PUBLISHER))
    assert client.get(page).status_code == 200
    assert client.post(ask).status_code == 403
    conductor = client.get(reverse("decisions:publication", args=[merger.round.kind]))
    assert merger.letter.agency.name in conductor.content.decode()


def test_the_operators_ledger_of_mail_leaves_the_questions_out(client, merger):
    merger.ask()
    client.force_login(make.user(Role.OPERATOR))
    page = client.get("/admin/notifications/message/").content.decode()
    assert "confidential" not in page.lower()


# --- reminders ---


def test_a_question_that_waits_is_reminded_of_in_steps_and_once_each(merger):
    merger.ask()
    merger.answer(merger.lead)
    later = merger.at + timedelta(days=2)
    assert reminders.queue_consents_due(at=later) == 0
    for days, owed in ((3, 1), (4, 0), (30, 1), (31, 0)):
        assert reminders.queue_consents_due(at=merger.at + timedelta(days=days)) == owed
    assert set(Message.objects.values_list("recipient", flat=True)) >= {merger.representative.pk}


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_of_consents_costs_the_same_however_many(
    client, number, django_assert_num_queries
):
    call_round, [lead, *letters] = stage.final(Outcome.SELECTED, *[None] * number)
    for letter in letters:
        stage.merge(call_round, letter, lead)
        stage.consent(call_round, letter)
    client.force_login(make.user(Role.CHAIR))
    # session, person; call, rounds; publication, live or any; mergers, consents; conflicts
    with django_assert_num_queries(9):
        page = client.get(reverse("decisions:consents", args=[call_round.kind]))
    assert len(page.context["mergers"]) == number
