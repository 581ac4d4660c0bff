from django.db import models
from django.utils.translation import gettext_lazy as _

from operations.querysets import ChainCheckQuerySet, TaskRunQuerySet


class TaskRun(models.Model):
    """When a task of the timetable last ran, by the machine's clock, and how it ended.

    One row a task, written over at each run: the log has the history.
    """

    task = models.CharField(_("task"), primary_key=True, max_length=120)
    ended_at = models.DateTimeField(_("last run"))
    # Of the first of all rows it says since when anything rings: a task of every hour that has not
    # run in a portal twenty minutes old is not late.
    first_at = models.DateTimeField(_("first run"))
    seconds = models.FloatField(_("took, in seconds"), default=0)
    failed_at = models.DateTimeField(_("last failure"), null=True, blank=True)
    # The kind of error and never its text, which may quote a letter.
    error = models.CharField(_("kind of error"), max_length=80, blank=True)

    objects = TaskRunQuerySet.as_manager()

    class Meta:
        ordering = ("task",)
        verbose_name = _("run of a task")
        verbose_name_plural = _("runs of tasks")

    def __str__(self):
        return self.task

    @property
    def failed(self) -> bool:
        """Whether the last run was a failure."""
        return self.failed_at is not None and self.failed_at >= self.ended_at


class ChainCheck(models.Model):
    """What the last walk along the audit chain found. One row."""

    checked_at = models.DateTimeField(_("checked"))
    entries = models.PositiveBigIntegerField(_("good entries"))
    fault = models.CharField(_("fault"), max_length=200, blank=True)

    objects = ChainCheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("check of the audit chain")
        verbose_name_plural = _("checks of the audit chain")

    def __str__(self):
        return self.fault or f"{self.entries}"
