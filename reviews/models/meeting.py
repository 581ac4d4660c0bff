import uuid

from django.db import models
from django.db.models import F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from proposals.models import CallRound, LetterOfIntent
from reviews.models.conflicts import ConflictCheck
from reviews.querysets import AgendaItemQuerySet, MeetingQuerySet
from reviews.states import (
    ITEM_MOVES,
    MEETING_MOVES,
    Decision,
    ItemState,
    LeftBecause,
    MeetingState,
)


class Meeting(models.Model):
    """The panel's meeting about letters of one round."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(CallRound, models.PROTECT, related_name="+")
    title = models.CharField(_("title"), max_length=120)
    place = models.CharField(_("place or link"), max_length=300)
    starts_at = models.DateTimeField(_("begins"))
    state = models.CharField(
        _("state"), max_length=10, choices=MeetingState, default=MeetingState.PLANNED
    )
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made"))
    # How often the time was moved: which mail about it is owed.
    moves = models.PositiveSmallIntegerField(default=0, editable=False)
    started_at = models.DateTimeField(_("began"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    # What lies on every screen now: called, or being discussed.
    current = models.ForeignKey(
        "AgendaItem", models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ("-starts_at", "pk")
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        constraints = (
            models.CheckConstraint(
                condition=Q(
                    state__in=[MeetingState.PLANNED, MeetingState.CANCELLED],
                    started_at=None,
                    closed_at=None,
                )
                | Q(state=MeetingState.RUNNING, started_at__isnull=False, closed_at=None)
                | Q(state=MeetingState.CLOSED, started_at__isnull=False, closed_at__isnull=False),
                name="reviews_meeting_has_its_times",
            ),
            models.CheckConstraint(
                condition=Q(current=None) | Q(state=MeetingState.RUNNING),
                name="reviews_meeting_has_an_item_while_held",
            ),
        )

    def __str__(self):
        return self.title

    @property
    def is_over(self) -> bool:
        return self.state in (MeetingState.CLOSED, MeetingState.CANCELLED)

    def can_move_to(self, state) -> bool:
        return state in MEETING_MOVES[MeetingState(self.state)]

    @staticmethod
    def seats_of(user):
        """The invitations of `user`, for `visible_to`."""
        return Participant.objects.filter(meeting=OuterRef("pk"), person=user)


class Participant(models.Model):
    """Somebody invited to a meeting, and from when to when she or he was there."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="participants")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(_("invited"))
    arrived_at = models.DateTimeField(_("arrived"), null=True, blank=True)
    gone_at = models.DateTimeField(_("gone"), null=True, blank=True)

    class Meta:
        ordering = ("person__name", "pk")
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        constraints = (
            models.UniqueConstraint(fields=["meeting", "person"], name="reviews_invited_once"),
            models.CheckConstraint(
                condition=Q(gone_at=None) | Q(gone_at__gte=F("arrived_at")),
                name="reviews_gone_after_arriving",
            ),
        )

    def __str__(self):
        return f"{self.person}"

    @property
    def is_there(self) -> bool:
        """Whether the person takes part now, in the room or before its door."""
        return self.arrived_at is not None and self.gone_at is None


class AgendaItem(models.Model):
    """One matter of a meeting: a letter, or a subject in words."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="items")
    # Only its order is ever shown: readers see different items, and a gap would tell.
    position = models.PositiveSmallIntegerField(editable=False)
    letter = models.ForeignKey(
        LetterOfIntent, models.PROTECT, null=True, blank=True, related_name="+"
    )
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=ItemState, default=ItemState.WAITING
    )
    led_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision, blank=True)
    # More reviews wanted: how many, and how many reviewers the letter is to have then.
    more = models.PositiveSmallIntegerField(_("more reviews"), default=0)
    wanted = models.PositiveSmallIntegerField(default=0, editable=False)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    note = models.TextField(_("note for the minutes"), max_length=3000, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    objects = AgendaItemQuerySet.as_manager()

    class Meta:
        ordering = ("position", "pk")
        verbose_name = _("item of an agenda")
        verbose_name_plural = _("items of agendas")
        constraints = (
            models.UniqueConstraint(fields=["meeting", "letter"], name="reviews_letter_once"),
            models.CheckConstraint(
                condition=Q(letter=None) & ~Q(subject="") | Q(letter__isnull=False, subject=""),
                name="reviews_item_about_something",
            ),
            models.CheckConstraint(
                condition=Q(decision="")
                | Q(letter__isnull=False, decided_by__isnull=False, decided_at__isnull=False),
                name="reviews_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(decision=Decision.MORE, more__gte=1, wanted__gte=F("more"))
                | ~Q(decision=Decision.MORE) & Q(more=0, wanted=0),
                name="reviews_more_is_a_number",
            ),
            models.CheckConstraint(
                condition=~Q(decision__in=[Decision.MORE, Decision.LEFT]) | ~Q(reason=""),
                name="reviews_decided_for_a_reason",
            ),
        )

    def __str__(self):
        return self.letter.reference if self.letter else self.subject

    def can_move_to(self, state) -> bool:
        return state in ITEM_MOVES[ItemState(self.state)]

    @staticmethod
    def barred(user):
        """Whether `user` has a hard conflict with the item's letter, for `open_to`."""
        return ConflictCheck.objects.bar(user, letter="letter")

    @staticmethod
    def clear(user):
        """The check that opens the item's letter to `user`, for `open_to`."""
        return ConflictCheck.objects.filter(
            reviewer=user, letter=OuterRef("letter"), conflicted=False, answered_at__isnull=False
        )


class Absence(models.Model):
    """Somebody left the room before an item was opened. Why is one of two words, never more."""

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="absences")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    because = models.CharField(_("reason"), max_length=10, choices=LeftBecause)
    left_at = models.DateTimeField(_("left"))
    back_at = models.DateTimeField(_("came back"), null=True, blank=True)

    class Meta:
        ordering = ("left_at", "pk")
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        constraints = (
            models.UniqueConstraint(
                fields=["item", "person"],
                condition=Q(back_at__isnull=True),
                name="reviews_out_of_the_room_once",
            ),
            models.CheckConstraint(
                condition=Q(back_at=None) | Q(back_at__gte=F("left_at")),
                name="reviews_back_after_leaving",
            ),
        )

    def __str__(self):
        return f"{self.person} / {self.item}"


class Minutes(models.Model):
    """What a closed meeting was, whole, as it was closed. A database trigger keeps it so."""

    meeting = models.OneToOneField(Meeting, models.PROTECT, related_name="minutes")
    # `reviews.minutes` says what it holds; who may read which part of it is said there as well.
    content = models.JSONField(_("content"))
    sha256 = models.CharField(_("SHA-256 of the content"), max_length=64)
    closed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("closed"))

    class Meta:
        verbose_name = _("minutes")
        verbose_name_plural = _("minutes")

    def __str__(self):
        return f"{self.meeting}"
