import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from proposals.models import CallRound
from reviews.models.conflicts import ConflictCheck
from reviews.querysets import CommitteePackQuerySet
from reviews.states import PackKind, PackOrder, PackState


class CommitteePack(models.Model):
    """All letters of a round with their marks as one file, made by a worker for who asked for it.

    The row is the queue, as with assignment plans; while a worker lives its claim is renewed with
    every letter. The file lies in private storage under its hash until the row is forgotten.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(CallRound, models.CASCADE, related_name="+")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked"))
    kind = models.CharField(_("form"), max_length=3, choices=PackKind, default=PackKind.PDF)
    order = models.CharField(
        _("order"), max_length=10, choices=PackOrder, default=PackOrder.REFERENCE
    )
    with_names = models.BooleanField(_("names of reviewers"), default=False)
    language = models.CharField(max_length=10)
    # Ids of letters in the order in which they stand in it.
    letters = models.JSONField(default=list)
    state = models.CharField(_("state"), max_length=10, choices=PackState, default=PackState.QUEUED)
    claimed_at = models.DateTimeField(null=True, blank=True)
    # How often it was claimed: which claim a worker holds, and when to give up.
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    progress = models.PositiveSmallIntegerField(_("progress, %"), default=0)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(_("bytes"), default=0)

    objects = CommitteePackQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at",)
        verbose_name = _("committee pack")
        verbose_name_plural = _("committee packs")
        constraints = (
            models.CheckConstraint(
                condition=~Q(state=PackState.READY) | ~Q(sha256=""),
                name="reviews_ready_pack_has_bytes",
            ),
        )

    def __str__(self):
        return f"{self.round} {self.asked_at:%Y-%m-%d %H:%M}"

    @property
    def is_waited_for(self) -> bool:
        return self.state in (PackState.QUEUED, PackState.RUNNING)

    @staticmethod
    def barred_letters(user) -> list[str]:
        """The ids of letters that `user` must not read of, for `visible_to`."""
        barred = ConflictCheck.objects.conflicted().filter(reviewer=user)
        return [str(pk) for pk in barred.values_list("letter", flat=True)]
