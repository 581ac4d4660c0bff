"""Sending what is owed, and being honest about what became of it."""

import smtplib
from datetime import timedelta

from django.core.mail import EmailMessage, get_connection

from notifications.models import Message
from notifications.states import MessageState

MOST_ATTEMPTS = 10
_GO_AHEAD = 354  # the reply after which the text of a mail is sent (RFC 5321, section 4.1.1.4)


def deliver(message_id, *, at) -> bool:
    """Claim one message and send it; False if another worker has it or it is not due.

    Only a failure before the text left (no connection, a dropped one, or a temporary refusal of the
    server) is tried again. A line that dropped afterwards leaves the message UNKNOWN: a blind retry
    would send two copies (RFC 5321, section 6.1). Anything else is a fault of ours: the message is
    moved out of the way and the error raised.
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
    except (smtplib.SMTPException, OSError) as error:
        if text_left():
            _end(message, MessageState.UNKNOWN, error=error)
        else:
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
    if message.attempts >= MOST_ATTEMPTS:
        _end(message, MessageState.FAILED, error=error)
        return
    # 10 s, 20 s, 40 s ... at most an hour: a server that is back is noticed soon.
    pause = timedelta(seconds=min(10 * 2 ** (message.attempts - 1), 3600))
    message.state, message.due_at, message.last_error = MessageState.QUEUED, at + pause, _say(error)
    message.save(update_fields=["state", "due_at", "last_error", "attempts"])


def _end(message, state, *, sent_at=None, error=None):
    """Nothing will be sent any more, so a text that holds a code is not kept either."""
    message.state, message.sent_at = state, sent_at
    message.last_error = _say(error) if error else ""
    if message.secret:
        message.body = ""
    message.save(update_fields=["state", "sent_at", "last_error", "attempts", "body"])


def _say(error) -> str:
    return f"{type(error).__name__}: {error}".replace("\x00", "")[:300]
