"""The cutoff is one sentence, and pages, receipts and mails say that sentence and no other."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import escape

from accounts.states import Role
from notifications.models import Message
from proposals import actions, reminders
from tests import make

ZONES = ["UTC", "Asia/Shanghai", "America/Lima", "Asia/Kathmandu"]


def sentence(call, person):
    with (
        translation.override(person.language),
        timezone.override(ZoneInfo(person.time_zone)),
    ):
        return call.closing_sentence


@pytest.mark.parametrize(
    ("zone", "elsewhere"),
    [
        ("UTC", "2023-12-31 16:00 UTC"),
        ("Asia/Shanghai", "2023-12-31 16:00 UTC"),
        ("America/Lima", "2023-12-31 16:00 UTC; 2023-12-31 11:00 America/Lima"),
        ("Asia/Kathmandu", "2023-12-31 16:00 UTC; 2023-12-31 21:45 Asia/Kathmandu"),
    ],
)
def test_it_speaks_of_three_zones_and_of_none_twice(db, zone, elsewhere):
    call = make.call()
    with timezone.override(ZoneInfo(zone)):
        assert call.closing_sentence == (
            f"Letters of intent close on 31 December 2023, 24:00 Beijing time ({elsewhere}): "
            "a letter sent at 2024-01-01 00:00:00 or later is refused."
        )


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("zone", ZONES)
def test_every_page_and_mail_says_it(cast, client, language, zone):
    person = cast.representative
    person.language, person.time_zone = language, zone
    person.save(update_fields=["language", "time_zone"])
    client.force_login(person)
    said = sentence(cast.call, person)
    pages = [
        reverse("call"),
        reverse("promises"),
        reverse("proposals:list"),
        reverse("proposals:detail", args=[cast.letter.pk]),
        reverse("proposals:edit", args=[cast.letter.pk, "a"]),
        reverse("proposals:submit", args=[cast.letter.pk]),
    ]
    for page in pages:
        assert escape(said) in client.get(page).content.decode(), page

    reminders.queue_due(at=cast.call.closes_at - timedelta(days=1))
    actions.submit(cast.letter, actor=person, idempotency_key="k")
    receipt = client.get(reverse("proposals:receipt", args=[cast.letter.pk])).content.decode()
    assert escape(said) in receipt
    mails = Message.objects.filter(recipient=person)
    assert {mail.template for mail in mails} == {"draft_due", "letter_submitted"}
    for mail in mails:
        assert said in mail.body, mail.template


def test_the_publishers_read_it_too(cast, client):
    publisher = make.user(Role.PUBLISHER, time_zone="America/Lima")
    client.force_login(publisher)
    for name in ("call", "extension_propose"):
        page = client.get(reverse(f"decisions:{name}")).content.decode()
        assert sentence(cast.call, publisher) in page
