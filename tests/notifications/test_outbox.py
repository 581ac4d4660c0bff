from datetime import UTC, datetime

import pytest
from django.db import transaction
from django.utils import timezone, translation

from accounts import actions
from accounts.models import Invitation
from accounts.states import Role, Seat
from notifications import outbox, reminders
from notifications.models import Message
from tests import make

pytestmark = pytest.mark.django_db

AT = make.OPENS


def invitation(**fields):
    agency = fields.pop("agency", None) or make.agency(name="Demo & Sons' Agency")
    given = {
        "agency": agency,
        "email": "asked@example.org",
        "seat": Seat.EDITOR,
        "invited_by": make.member(agency, name="Ana Quispe"),
        "invited_at": AT,
    }
    return Invitation.objects.create(**given | fields)


def test_the_same_event_is_one_mail():
    person = make.user()
    for _ in range(3):
        outbox.enqueue(key="once", recipient=person, template="welcome", at=AT)
    assert Message.objects.count() == 1


def test_what_is_rolled_back_is_not_mailed():
    person = make.user()
    with transaction.atomic():
        outbox.enqueue(key="never", recipient=person, template="welcome", at=AT)
        transaction.set_rollback(True)
    assert not Message.objects.exists()


def test_text_is_plain_and_not_escaped_for_a_page():
    reminders.queue_invitations(at=AT)
    invitation()
    reminders.queue_invitations(at=AT)
    message = Message.objects.get()
    assert message.subject == "Invitation to join Demo & Sons' Agency"
    assert "Ana Quispe invites you to join Demo & Sons' Agency" in message.body


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029"])
def test_a_subject_is_one_line_whatever_a_name_holds(end):
    invitation(agency=make.agency(name=f"Agency{end}Bcc: victim@example.org"))
    reminders.queue_invitations(at=AT)
    subject = Message.objects.get().subject
    assert subject.startswith("Invitation to join Agency")
    assert len(subject.splitlines()) == 1


def test_a_subject_is_cut_to_its_column():
    invitation(agency=make.agency(name="长" * 150))
    outbox.enqueue_text(
        key="k",
        address="a@example.org",
        language="en",
        template="t",
        subject="x" * 999,
        body="b",
        at=AT,
    )
    assert len(Message.objects.get().subject) == 250


def test_a_mail_speaks_the_language_and_the_time_of_its_reader():
    # 16:00 UTC on 31 December is 11:00 in Lima and midnight in Shanghai.
    letter = make.letter(call=make.call(closes_at=datetime(2023, 12, 31, 16, tzinfo=UTC)))
    lima = make.user(language="en", time_zone="America/Lima")
    shanghai = make.user(language="zh-hans", time_zone="Asia/Shanghai")
    with translation.override("en"), timezone.override(UTC):
        for person in (lima, shanghai):
            outbox.enqueue(
                key=f"due-{person.pk}",
                recipient=person,
                template="draft_due",
                context={"letter": letter},
                at=AT,
            )
        assert translation.get_language() == "en"

    in_lima = Message.objects.get(recipient=lima)
    in_shanghai = Message.objects.get(recipient=shanghai)
    assert "2023-12-31 11:00" in in_lima.body
    assert "2024-01-01 00:00" in in_shanghai.body
    assert "2023-12-31 16:00 UTC" in in_lima.body
    assert (in_lima.language, in_shanghai.language) == ("en", "zh-hans")
    assert in_lima.address == lima.email


def test_links_lead_to_the_portals_own_address(settings):
    settings.BASE_URL = "https://portal.example.org"
    invitation()
    reminders.queue_invitations(at=AT)
    assert "\nhttps://portal.example.org/agency/\n" in Message.objects.get().body


def test_an_invitation_is_mailed_once_and_only_while_it_is_open():
    invitation(language="zh-hans")
    invitation(email="late@example.org", answered_at=AT)

    assert [reminders.queue_invitations(at=AT) for _ in range(3)] == [1, 0, 0]

    message = Message.objects.get()
    assert (message.address, message.language, message.recipient) == (
        "asked@example.org",
        "zh-hans",
        None,
    )


def test_whoever_is_enrolled_without_a_password_is_told_once():
    enrolled = actions.enrol(
        email="new@example.org", name="New", roles=[Role.REVIEWER], language="en", at=AT
    )
    make.user()  # who has a password
    assert [reminders.queue_invitations(at=AT) for _ in range(2)] == [1, 0]
    message = Message.objects.get()
    assert (message.recipient, message.key) == (enrolled, f"welcome-{enrolled.pk}")
    assert "/accounts/password/reset/" in message.body


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        (None, 1),
        (Role.REVIEWER, 1),
        (Role.CHAIR, 1),
        (Role.OPERATOR, 2),
        (Role.PUBLISHER, 2),
        (Role.AUDITOR, 2),
    ],
)
def test_the_ledger_is_seen_by_those_who_answer_for_it(role, sees):
    person = make.user(*([role] if role else []))
    for key, recipient in [("mine", person), ("theirs", make.user())]:
        outbox.enqueue(key=key, recipient=recipient, template="welcome", at=AT)
    assert Message.objects.visible_to(person).count() == sees
