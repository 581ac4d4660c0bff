from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person does for the call itself. Partner agencies' people have none of these."""

    REVIEWER = "REVIEWER", _("Reviewer")
    CHAIR = "CHAIR", _("Chair")
    PUBLISHER = "PUBLISHER", _("Publisher")
    AUDITOR = "AUDITOR", _("Auditor")
    OPERATOR = "OPERATOR", _("Operator")

    @classmethod
    def in_order(cls, roles) -> list[str]:
        """Roles in the order of this list, each once: the same set is the same value."""
        return [role for role in cls.values if role in set(roles)]


class Seat(models.TextChoices):
    """What a person may do inside one partner agency."""

    EDITOR = "EDITOR", _("Editor")
    REPRESENTATIVE = "REPRESENTATIVE", _("Authorised representative")
    VIEWER = "VIEWER", _("Viewer")


class AgencyKind(models.TextChoices):
    SPACE_AGENCY = "SPACE_AGENCY", _("National space agency")
    RESEARCH = "RESEARCH", _("University or research institute")
    COMPANY = "COMPANY", _("Company")
    INTERNATIONAL = "INTERNATIONAL", _("International organisation")
    OTHER = "OTHER", _("Other body")


class PanelLanguage(models.TextChoices):
    """Languages in which everything is written, the pages and mails of the panel too."""

    ENGLISH = "en", "English"
    CHINESE = "zh-hans", "简体中文"


class Language(models.TextChoices):
    """The languages of the United Nations, in which agencies read pages, mails and letters."""

    ENGLISH = "en", "English"
    CHINESE = "zh-hans", "简体中文"
    FRENCH = "fr", "français"
    RUSSIAN = "ru", "русский"
    SPANISH = "es", "español"
    ARABIC = "ar", "العربية"


class TokenScope(models.TextChoices):
    READ = "READ", _("Read")
    WRITE = "WRITE", _("Read and write")


class AppointmentState(models.TextChoices):
    """A publisher is proposed by one publisher and approved by another."""

    PROPOSED = "PROPOSED", _("Proposed")
    APPROVED = "APPROVED", _("Approved")
    REFUSED = "REFUSED", _("Refused")
    TAKEN_BACK = "TAKEN_BACK", _("Taken back")


APPOINTMENT_MOVES = {
    AppointmentState.PROPOSED: {
        AppointmentState.APPROVED,
        AppointmentState.REFUSED,
        AppointmentState.TAKEN_BACK,
    },
    AppointmentState.APPROVED: set(),
    AppointmentState.REFUSED: set(),
    AppointmentState.TAKEN_BACK: set(),
}
