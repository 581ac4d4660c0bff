from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from proposals.models import LetterVersion


class NameSearch(models.Model):
    """Names of the team found in the texts and files of a filed letter, for the chair.

    It is made by a worker for each version that is read in a double-anonymous round. Nothing is
    rewritten: what was filed stays as it is, and the chair notes what is to be done.
    """

    version = models.OneToOneField(LetterVersion, models.CASCADE, related_name="+")
    searched_at = models.DateTimeField(_("searched"))
    # [{"where": name of a field or kind of a file, "names": [...]}]
    found = models.JSONField(_("found"), default=list)
    # Kinds of files whose words could not be read: pictures, scans, files too complex.
    unread = models.JSONField(_("not readable"), default=list)
    note = models.CharField(_("note"), max_length=500, blank=True)
    noted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    noted_at = models.DateTimeField(_("noted"), null=True, blank=True)

    class Meta:
        verbose_name = _("search for names")
        verbose_name_plural = _("searches for names")

    def __str__(self):
        return f"{self.version}"
