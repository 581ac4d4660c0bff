"""Sending what is owed, and being honest about what became of it."""

import smtplib
from datetime import timedelta

from django.core.mail import EmailMessage, get_connection

from notifications.models import Message
from notifications.states import MessageState

MOST_ATTEMPTS = 10


def deliver(message_id, *, at) -> bool:
    """Claim one message and send it; False if another worker has it or it is not due.

    Only a failure before the text left (no connection, or a temporary refusal of the server) is
    tried again. A line that dropped afterwards leaves the message UNKNOWN: a blind retry would send
    two copies (RFC 5321, section 6.1).
    """
    claimed = (
        Message.objects.deliverable(at=at)
        .filter(pk=message_id)
        .update(state=MessageState.SENDING, claimed_at=at)
    )
    if claimed != 1:
        return False
    message = Message.objects.get(pk=message_id)
    message.attempts += 1
    connection = get_connection()
    try:
        connection.open()
    except (smtplib.SMTPException, OSError) as error:
        _try_later(message, error, at=at)
        return False
    try:
        connection.send_messages([_mail(message)])
    except smtplib.SMTPRecipientsRefused as error:
        codes = {code for code, _reply in error.recipients.values()}
        _refused(message, error, temporary=all(400 <= code < 500 for code in codes), at=at)
    except smtplib.SMTPResponseException as error:
        _refused(message, error, temporary=400 <= error.smtp_code < 500, at=at)
    except (smtplib.SMTPException, OSError) as error:
        _save(message, MessageState.UNKNOWN, error=error)
    else:
        _sent(message, at=at)
        return True
    finally:
        connection.close()
    return False


def give_up_lost(*, at) -> int:
    """Messages whose worker died while sending: nobody knows, so a person must look."""
    return Message.objects.lost(at=at).update(
        state=MessageState.UNKNOWN, last_error="the worker stopped while sending"
    )


def _mail(message) -> EmailMessage:
    return EmailMessage(
        message.subject,
        message.body,
        to=[message.address],
        headers={
            "Message-ID": message.message_id,
            "Auto-Submitted": "auto-generated",
            "Content-Language": message.language,
        },
    )


def _sent(message, *, at):
    message.state, message.sent_at, message.last_error = MessageState.SENT, at, ""
    fields = ["state", "sent_at", "last_error", "attempts"]
    if message.secret:
        message.body = ""
        fields.append("body")
    message.save(update_fields=fields)


def _refused(message, error, *, temporary, at):
    if temporary:
        _try_later(message, error, at=at)
    else:
        _save(message, MessageState.FAILED, error=error)


def _try_later(message, error, *, at):
    if message.attempts >= MOST_ATTEMPTS:
        _save(message, MessageState.FAILED, error=error)
        return
    # 10 s, 20 s, 40 s ... at most an hour: a server that is back is noticed soon.
    pause = timedelta(seconds=min(10 * 2 ** (message.attempts - 1), 3600))
    message.due_at = at + pause
    _save(message, MessageState.QUEUED, error=error, fields=["due_at"])


def _save(message, state, *, error, fields=()):
    message.state, message.last_error = state, f"{type(error).__name__}: {error}"[:300]
    message.save(update_fields=["state", "last_error", "attempts", *fields])
