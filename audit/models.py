from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.querysets import EntryQuerySet


class Entry(models.Model):
    """One thing that happened, chained by hash to everything that happened before it.

    Rows are written by `audit.chain.append` alone; a database trigger refuses to change or delete
    them. `data` holds identifiers, hashes and states, never the text of a letter or a review.
    """

    seq = models.BigIntegerField(_("number"), primary_key=True)
    at = models.DateTimeField(_("time"))
    action = models.CharField(_("action"), max_length=60)
    subject = models.CharField(_("about"), max_length=120)
    actor = models.CharField(_("by"), max_length=120, blank=True)
    data = models.JSONField(_("details"), default=dict)
    prev_hash = models.CharField(_("hash before"), max_length=64)
    hash = models.CharField(_("hash"), max_length=64)
    # Random, so that what an entry says cannot be guessed from its hash. Empty in entries that were
    # written before there were salts, and while a portal of that time still writes beside this one.
    salt = models.CharField(_("salt"), max_length=32, blank=True, db_default="")

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ("seq",)
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        # The dossier of one letter is read by subject.
        indexes = (models.Index(fields=["subject", "seq"], name="audit_entry_subject"),)
        # Where nobody asks how a text begins, unique=True would be a second index for nothing.
        constraints = (models.UniqueConstraint(fields=["hash"], name="audit_entry_hash_once"),)

    def __str__(self):
        return f"{self.seq} {self.action} {self.subject}"


class Anchor(models.Model):
    """A head of the chain that was made known to everybody; never changed.

    Whoever keeps a copy of it can show that nothing before it was written anew.
    """

    seq = models.BigIntegerField(_("number"), primary_key=True)
    hash = models.CharField(_("hash"), max_length=64)
    at = models.DateTimeField(_("made known"))

    class Meta:
        ordering = ("seq",)
        verbose_name = _("head of the audit chain")
        verbose_name_plural = _("heads of the audit chain")

    def __str__(self):
        return self.hash
