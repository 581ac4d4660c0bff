"""Filed letters with what their agencies said in figures and few words, and their screening."""

from django.utils.translation import gettext as _

from proposals.models import LetterOfIntent
from proposals.models.call import in_language

# Columns of the letter as they are called on the form.
_PLAIN = (
    *("mass_kg", "power_average_w", "power_peak_w", "data_mbit_per_day"),
    *("trl_now", "trl_delivery", "pi_name", "summary"),
)


def table(letters, call) -> tuple:
    """Of `letters`, a queryset with agency and screening in its order."""
    return _header(), (_row(letter, call) for letter in letters.iterator(chunk_size=200))


def _header() -> list[str]:
    return [
        _("Reference"),
        _("Title"),
        _("Title in Chinese"),
        _("Acronym"),
        _("Agency"),
        _("Agency in Chinese"),
        _("Country or region"),
        _("Cooperation level"),
        _("Project type"),
        _("Priority areas"),
        _("Objectives served"),
        *(str(LetterOfIntent._meta.get_field(name).verbose_name) for name in _PLAIN),
        _("Filed, UTC"),
        _("Screening"),
        _("Rule"),
        _("Reason"),
    ]


def _row(letter, call) -> list:
    screening = getattr(letter, "screening", None)
    return [
        letter.reference,
        letter.title,
        letter.title_zh,
        letter.acronym,
        letter.agency.name,
        letter.agency.name_zh,
        letter.agency.place,
        letter.get_level_display(),
        letter.get_project_type_display(),
        _words(letter.priorities, call.priorities),
        _words(letter.objectives, call.objectives),
        *(getattr(letter, name) for name in _PLAIN),
        letter.submitted_at,
        screening.get_outcome_display() if screening else _("Not screened yet"),
        screening.rule if screening else "",
        screening.reason if screening else "",
    ]


def _words(codes, items) -> str:
    names = {item["code"]: in_language(item) for item in items}
    return "; ".join(names.get(code, code) for code in codes)
