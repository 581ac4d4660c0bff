from django.db import models
from django.utils.translation import gettext_lazy as _


class MessageState(models.TextChoices):
    QUEUED = "QUEUED", _("Waiting")
    SENDING = "SENDING", _("Being sent")
    SENT = "SENT", _("Sent")
    FAILED = "FAILED", _("Refused by the mail server")
    UNKNOWN = "UNKNOWN", _("Perhaps sent: a person must look")
    LAPSED = "LAPSED", _("Not sent: no longer needed")


# A message found SENDING after its lease may or may not have left the house: mail cannot be
# exactly-once (RFC 5321 section 6.1), so it goes to UNKNOWN and a person decides.
MOVES = {
    MessageState.QUEUED: {MessageState.SENDING, MessageState.LAPSED},
    MessageState.SENDING: {
        MessageState.QUEUED,
        MessageState.SENT,
        MessageState.FAILED,
        MessageState.UNKNOWN,
    },
    # A person has it sent once more, and says why; or notes that it came back later.
    MessageState.SENT: {MessageState.QUEUED, MessageState.FAILED},
    MessageState.FAILED: {MessageState.QUEUED},
    MessageState.UNKNOWN: {MessageState.QUEUED},
    MessageState.LAPSED: set(),
}
