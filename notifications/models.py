import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.states import Language
from notifications.querysets import MessageQuerySet
from notifications.states import MessageState


class Message(models.Model):
    """One mail we owe somebody, and the proof of what became of it.

    `key` names the event and the person ("letter-<id>-v1-submitted-<user>"): the same event queued
    twice is one message. `message_id` is fixed when the row is made, so that a copy is recognisable
    as a copy by every mail program.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(_("event"), max_length=200, unique=True)
    recipient = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="messages"
    )
    address = models.EmailField(_("address"))
    language = models.CharField(_("language"), max_length=10, choices=Language)
    template = models.CharField(_("kind"), max_length=60)
    subject = models.CharField(_("subject"), max_length=250)
    body = models.TextField(_("text"))
    # A one-time code has no business in the ledger once it has been sent.
    secret = models.BooleanField(_("text is wiped after sending"), default=False)
    state = models.CharField(
        _("state"), max_length=10, choices=MessageState, default=MessageState.QUEUED
    )
    queued_at = models.DateTimeField(_("queued"))
    due_at = models.DateTimeField(_("not before"))
    # After a failure: when to try again. How long it is owed is counted from `due_at`.
    retry_at = models.DateTimeField(_("next try"), null=True, blank=True)
    # A reminder that comes after what it reminds of is worse than none.
    expires_at = models.DateTimeField(_("of no use from"), null=True, blank=True)
    # The letter of intent whose agency may read that this mail was sent, and how it went.
    about = models.UUIDField(_("about the letter"), null=True, blank=True, db_index=True)
    # Where one request stops mails of this kind (RFC 8058).
    unsubscribe_url = models.CharField(_("address to unsubscribe"), max_length=400, blank=True)
    claimed_at = models.DateTimeField(_("taken"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    # When a person looked at one that failed, or may have, and left it as it is.
    settled_at = models.DateTimeField(_("seen to"), null=True, blank=True)
    message_id = models.CharField(_("Message-ID"), max_length=120)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ("-queued_at",)
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = (
            models.UniqueConstraint(fields=["message_id"], name="notifications_message_id_once"),
        )
        # The delivery sweep asks every few seconds for what is queued and due.
        indexes = (
            models.Index(
                fields=["due_at"],
                condition=models.Q(state="QUEUED"),
                name="notifications_message_due",
            ),
            # Asked every few seconds, of a ledger that only grows.
            models.Index(
                fields=["claimed_at"],
                condition=models.Q(state="SENDING"),
                name="notifications_message_sending",
            ),
            models.Index(
                fields=["queued_at"],
                condition=models.Q(state__in=["FAILED", "UNKNOWN"], settled_at__isnull=True),
                name="notifications_message_troubled",
            ),
            models.Index(fields=["-queued_at"], name="notifications_message_newest"),
        )

    def __str__(self):
        return f"{self.template} to {self.address}"

    @property
    def needs_somebody(self) -> bool:
        """Whether a person must say what becomes of it."""
        troubled = self.state in (MessageState.FAILED, MessageState.UNKNOWN)
        return troubled and self.settled_at is None
