"""Sending what is owed, and being honest about what became of it."""

import smtplib
from datetime import timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMessage, get_connection

from notifications.models import Message
from notifications.states import MessageState

# "The give-up time generally needs to be at least 4-5 days" (RFC 5321, section 4.5.4.1).
GIVE_UP_AFTER = timedelta(days=5)
# 10 s, 20 s, 40 s ... and then this: a server that is back after a day is noticed within minutes.
LONGEST_PAUSE = timedelta(minutes=5)
# How long nobody else knocks at a server that did not open.
SHUT_FOR = timedelta(seconds=10)
_AWAY = (smtplib.SMTPException, OSError, SoftTimeLimitExceeded)
_GO_AHEAD = 354  # the reply after which the text of a mail is sent (RFC 5321, section 4.1.1.4)


def deliver(message_id, *, at) -> bool:
    """Claim one message and send it; False if another worker has it, it is not due, or the server
    did not open to anybody a moment ago.

    Only a failure before the text left (no connection, a dropped one, or a temporary refusal of
    the server) is tried again, for five days or until the mail is of no use. A line that dropped
    afterwards leaves the message UNKNOWN: a blind retry would send two copies (RFC 5321, section
    6.1). Anything else is a fault of ours: the message is moved out of the way and the error is
    raised.
    """
    if is_shut():
        return False
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
    except _AWAY as error:
        _note_shut()
        _try_later(message, error, at=at)
        return False
    except Exception as error:
        _try_later(message, error, at=at)
        raise
    text_left = _watch(connection)
    try:
        connection.send_messages([_mail(message)])
    except smtplib.SMTPRecipientsRefused as error:
        codes = {code for code, _reply in error.recipients.values()}
        _refused(message, error, temporary=all(400 <= code < 500 for code in codes), at=at)
    except smtplib.SMTPResponseException as error:
        _refused(message, error, temporary=400 <= error.smtp_code < 500, at=at)
    except _AWAY as error:
        if text_left():
            _end(message, MessageState.UNKNOWN, error=error)
        else:
            if isinstance(error, TimeoutError | SoftTimeLimitExceeded):
                _note_shut()
            _try_later(message, error, at=at)
    except Exception as error:
        _end(message, MessageState.UNKNOWN if text_left() else MessageState.FAILED, error=error)
        raise
    else:
        _end(message, MessageState.SENT, sent_at=at)
        return True
    finally:
        connection.close()
    return False


def is_shut() -> bool:
    """Whether the mail server did not open, or did not answer, within the last seconds.

    Each worker would wait for it as long as it may: one that knocks is enough.
    """
    return cache.get(_server()) is not None


def _note_shut():
    cache.set(_server(), True, SHUT_FOR.total_seconds())


def _server() -> str:
    return f"mail-server-is-shut:{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"


def give_up_lost(*, at) -> int:
    """Messages whose worker died while sending: nobody knows, so a person must look."""
    lost = Message.objects.lost(at=at)
    lost.filter(secret=True).update(body="")
    return lost.update(state=MessageState.UNKNOWN, last_error="the worker stopped while sending")


def let_lapse(*, at) -> int:
    """Messages that waited until they were of no use, for want of a mail server or a worker."""
    return Message.objects.overdue(at=at).update(state=MessageState.LAPSED)


def _mail(message) -> EmailMessage:
    headers = {
        "Message-ID": message.message_id,
        "Auto-Submitted": "auto-generated",
        "Content-Language": message.language,
    }
    if message.unsubscribe_url:
        headers["List-Unsubscribe"] = f"<{message.unsubscribe_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return EmailMessage(
        message.subject,
        message.body,
        to=[message.address],
        headers=headers,
    )


def _watch(connection):
    """Return a question: may the text of a mail have left this machine over `connection`?

    It has when an SMTP server told us to go ahead. Of other ways to send nothing is known, so the
    answer is yes from the start.
    """
    smtp = getattr(connection, "connection", None)
    if smtp is None:
        return lambda: True
    codes, listen = [], smtp.getreply

    def getreply():
        reply = listen()
        codes.append(reply[0])
        return reply

    smtp.getreply = getreply
    return lambda: _GO_AHEAD in codes


def _refused(message, error, *, temporary, at):
    if temporary:
        _try_later(message, error, at=at)
    else:
        _end(message, MessageState.FAILED, error=error)


def _try_later(message, error, *, at):
    if at - message.due_at >= GIVE_UP_AFTER:
        _end(message, MessageState.FAILED, error=error)
        return
    pause = min(timedelta(seconds=10 * 2 ** min(message.attempts - 1, 10)), LONGEST_PAUSE)
    message.state, message.retry_at, message.last_error = (
        MessageState.QUEUED,
        at + pause,
        _say(error),
    )
    message.save(update_fields=["state", "retry_at", "last_error", "attempts"])


def _end(message, state, *, sent_at=None, error=None):
    """Nothing will be sent any more, so a text that holds a code is not kept either."""
    message.state, message.sent_at = state, sent_at
    message.last_error = _say(error) if error else ""
    if message.secret:
        message.body = ""
    message.save(update_fields=["state", "sent_at", "last_error", "attempts", "body"])


def _say(error) -> str:
    return f"{type(error).__name__}: {error}".replace("\x00", "")[:300]
