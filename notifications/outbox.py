"""The one way to owe somebody a mail."""

import uuid
from contextlib import contextmanager
from email.utils import parseaddr
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone, translation

from notifications.models import Message
from notifications.states import MessageState


def enqueue(*, key, recipient, template, context=None, at, **fields) -> None:
    """Owe `recipient` one mail for the event `key`; queueing the same event again does nothing.

    `fields` are columns of the message: `due_at` (not before), `expires_at` (of no use from then
    on, and not sent), `about` (the id of the letter of intent in whose log the agency reads of this
    mail), `unsubscribe_url` (stops mails of this kind by one POST; mail programs are told).

    The text is written now, in the recipient's language and time zone, inside the transaction of
    the action that owes it: a mail exists if and only if the action happened.
    """
    enqueue_all({key: (recipient, context)}, template=template, at=at, **fields)


def enqueue_all(owed, *, template, at, **fields) -> None:
    """Owe several people a mail with one statement.

    `owed` maps an event's key to (recipient, context), or to (recipient, context, fields) where a
    message has fields of its own; `fields` are those of all, as for `enqueue`.
    """
    page, written = _page_of(template), []
    for key, (recipient, context, *own) in owed.items():
        about = {"key": key, "recipient": recipient, "address": recipient.email}
        about |= {"language": recipient.language, "template": template, **(own[0] if own else {})}
        words = {"person": recipient, **(context or {})}
        with _reading(recipient.language, recipient.time_zone):
            written.append(_written(page, words, at=at, **about, **fields))
    _insert(*written)


def enqueue_to_address(*, key, address, language, template, context=None, at, **fields) -> None:
    """Owe a mail to somebody who may not have an account yet; `fields` as for `enqueue`.

    With `secret=True` the text is wiped from the ledger once it has been sent.
    """
    about = {"key": key, "address": address, "language": language, "template": template}
    with _reading(language, "UTC"):
        _insert(_written(_page_of(template), context or {}, at=at, **about, **fields))


def enqueue_text(*, key, address, language, template, subject, body, at) -> None:
    """Owe a mail whose text another library wrote and which carries a one-time code."""
    _insert(
        _message(
            key=key,
            address=address,
            language=language,
            template=template,
            subject=subject,
            body=body,
            secret=True,
            queued_at=at,
            due_at=at,
        )
    )


def enqueue_new(owed, *, template, at) -> int:
    """Owe what a sweep found, in the form of `enqueue_all`. Returns how many were new.

    Asks once which events are known already, instead of writing every text anew each minute.
    """
    known = set(Message.objects.filter(key__in=owed).values_list("key", flat=True))
    new = {key: row for key, row in owed.items() if key not in known}
    enqueue_all(new, template=template, at=at)
    return len(new)


def call_off(prefix) -> int:
    """Events whose keys begin like this need no mail any more; what has left is not called back."""
    waiting = Message.objects.filter(state=MessageState.QUEUED, key__startswith=prefix)
    return waiting.update(state=MessageState.LAPSED)


@contextmanager
def _reading(language, zone):
    with translation.override(language), timezone.override(ZoneInfo(zone)):
        yield


def _page_of(template):
    return get_template(f"mail/{template}.txt").template


def _written(page, words, *, at, due_at=None, **fields) -> Message:
    """The message of a mail's template in the language in force."""
    # Plain text: "Demo & Sons" must not become "Demo &amp; Sons".
    context = Context({"base_url": settings.BASE_URL, **words}, autoescape=False)
    # The first line of a mail template is the subject.
    subject, body = page.render(context).strip().split("\n", 1)
    return _message(
        subject=subject, body=body.strip() + "\n", queued_at=at, due_at=due_at or at, **fields
    )


def _message(*, subject, **fields) -> Message:
    # A header is one line: whatever separates lines in any script becomes a space.
    message = Message(subject=" ".join(subject.split())[:250], **fields)
    message.message_id = f"<{uuid.uuid4()}@{_domain_of(settings.DEFAULT_FROM_EMAIL)}>"
    return message


def _insert(*messages):
    Message.objects.bulk_create(messages, ignore_conflicts=True)


@lru_cache
def _domain_of(address) -> str:
    return parseaddr(address)[1].rpartition("@")[2]
