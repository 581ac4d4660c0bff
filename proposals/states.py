from django.db import models
from django.utils.translation import gettext_lazy as _


class LetterState(models.TextChoices):
    """What the agency may know of its letter. What the panel knows lives in the rooms above."""

    DRAFT = "DRAFT", _("Draft")
    SUBMITTED = "SUBMITTED", _("Submitted")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")
    SHORTLISTED = "SHORTLISTED", _("Shortlisted")
    NOT_SHORTLISTED = "NOT_SHORTLISTED", _("Not shortlisted")
    SELECTED = "SELECTED", _("Selected")
    CONDITIONAL = "CONDITIONAL", _("Selected with conditions")
    MERGED = "MERGED", _("Selected, merged with another project")
    RESERVE = "RESERVE", _("On the reserve list")
    NOT_SELECTED = "NOT_SELECTED", _("Not selected")
    INELIGIBLE = "INELIGIBLE", _("Not eligible")


_FINAL = {
    LetterState.SELECTED,
    LetterState.CONDITIONAL,
    LetterState.MERGED,
    LetterState.RESERVE,
    LetterState.NOT_SELECTED,
}

# The legal moves. Whatever is not here is refused.
MOVES = {
    LetterState.DRAFT: {LetterState.SUBMITTED},
    LetterState.SUBMITTED: {
        LetterState.WITHDRAWN,
        LetterState.SHORTLISTED,
        LetterState.NOT_SHORTLISTED,
        LetterState.INELIGIBLE,
    },
    LetterState.SHORTLISTED: {LetterState.WITHDRAWN, *_FINAL},
    # Until the cutoff a withdrawn letter may be taken up again.
    LetterState.WITHDRAWN: {LetterState.DRAFT},
    LetterState.NOT_SHORTLISTED: set(),
    LetterState.INELIGIBLE: set(),
    **{state: set() for state in _FINAL},
}

# Set by publication alone: the agency has been told, and a decision letter waits for it.
ANNOUNCED_FIRST = {
    LetterState.SHORTLISTED,
    LetterState.NOT_SHORTLISTED,
    LetterState.INELIGIBLE,
}
ANNOUNCED_LAST = _FINAL
ANNOUNCED = ANNOUNCED_FIRST | ANNOUNCED_LAST

# What a correction may make of an outcome of the final round that was told already.
CORRECTIONS = {state: _FINAL - {state} for state in _FINAL}

# Still being assessed; of the others there is nothing left to ask and to answer.
ASSESSED = (LetterState.SUBMITTED, LetterState.SHORTLISTED)


class Level(models.TextChoices):
    """The three levels of cooperation of the announcement."""

    MISSION = "MISSION", _("Mission level")
    SYSTEM = "SYSTEM", _("System level")
    UNIT = "UNIT", _("Unit level")


class ProjectType(models.TextChoices):
    SPACECRAFT = "SPACECRAFT", _("Spacecraft")
    ROVER = "ROVER", _("Rover")
    ROBOT = "ROBOT", _("Operation robot")
    FLYER = "FLYER", _("Flying vehicle")
    INSTRUMENT = "INSTRUMENT", _("Instrument")
    ISRU = "ISRU", _("Resource-use device")
    LIFE_SCIENCE = "LIFE_SCIENCE", _("Life-science unit")
    OTHER = "OTHER", _("Other")


class PowerSource(models.TextChoices):
    NONE = "NONE", _("None: powered by the lander")
    SOLAR = "SOLAR", _("Solar")
    BATTERY = "BATTERY", _("Battery")
    RADIOISOTOPE = "RADIOISOTOPE", _("Radioisotope")


class Trl(models.IntegerChoices):
    """Technology readiness levels, each with what it means. Source: ISO 16290."""

    ONE = 1, _("1: basic principles observed")
    TWO = 2, _("2: concept and use described")
    THREE = 3, _("3: critical function shown by analysis and experiment")
    FOUR = 4, _("4: parts shown to work in a laboratory")
    FIVE = 5, _("5: parts shown to work in conditions like those on the Moon")
    SIX = 6, _("6: a model shown to work in conditions like those on the Moon")
    SEVEN = 7, _("7: a model shown to perform as the operation will need it")
    EIGHT = 8, _("8: the real system built, qualified and accepted for flight")
    NINE = 9, _("9: the real system proven by successful operation in space")


class BudgetStatus(models.TextChoices):
    SECURED = "SECURED", _("Secured")
    REQUESTED = "REQUESTED", _("Requested")
    PLANNED = "PLANNED", _("Planned")


class PlanetaryProtection(models.TextChoices):
    """COSPAR's categories for missions to the Moon (Policy on Planetary Protection, 2024)."""

    IIA = "IIA", _("Category IIa")
    IIB = "IIB", _("Category IIb: the poles and permanently shadowed regions")
    UNSURE = "UNSURE", _("Not sure")


class ExportControl(models.TextChoices):
    NONE = "NONE", _("None")
    LICENCE = "LICENCE", _("A licence is needed")
    UNSURE = "UNSURE", _("Not sure")


class RoundKind(models.TextChoices):
    PRELIMINARY = "PRELIMINARY", _("Preliminary selection")
    FINAL = "FINAL", _("Final selection")


class AttachmentKind(models.TextChoices):
    LETTER = "LETTER", _("Letter of intent as PDF")
    DRAWING = "DRAWING", _("Drawing or concept image")
    ENDORSEMENT = "ENDORSEMENT", _("Endorsement letter")
    CV = "CV", _("CV of the principal investigator")
    # With the fuller proposal of the second round.
    SCHEME = "SCHEME", _("Implementation scheme")
    ANNEX = "ANNEX", _("Technical annex")
    BACKING = "BACKING", _("Endorsement for the final selection")


# Files of the second round; all others belong to the letter of intent.
FULLER_KINDS = (AttachmentKind.SCHEME, AttachmentKind.ANNEX, AttachmentKind.BACKING)
LETTER_KINDS = tuple(kind for kind in AttachmentKind if kind not in FULLER_KINDS)


class ScanState(models.TextChoices):
    """What the malware scanner said of a file. Submission never waits for it."""

    NOT_ASKED = "NOT_ASKED", _("No scanner is configured")
    OWED = "OWED", _("Waiting for the scanner")
    CLEAN = "CLEAN", _("Nothing found")
    INFECTED = "INFECTED", _("Malware found")


HANDED_OUT = (ScanState.NOT_ASKED, ScanState.CLEAN)
# A file that came before there was a scanner is looked at as well, and is handed out meanwhile.
UNSCANNED = (ScanState.NOT_ASKED, ScanState.OWED)


class Answer(models.TextChoices):
    """What became of something that a second person, or a partner, was asked."""

    AWAITED = "AWAITED", _("Awaiting an answer")
    YES = "YES", _("Approved")
    NO = "NO", _("Refused")
    TAKEN_BACK = "TAKEN_BACK", _("Taken back")


# What became of an attempt to submit; the codes are those of the refusals.
ATTEMPT_OUTCOMES = {
    "accepted": _("Accepted"),
    "repeated": _("Sent again; the receipt was shown again"),
    "call_closed": _("Refused: the call was closed"),
    "call_not_open": _("Refused: the call was not open yet"),
    "incomplete": _("Refused: answers were missing"),
    "changed": _("Refused: the text had changed since it was looked at"),
    "submitted": _("Refused: it was filed already"),
    "withdrawn": _("Refused: it was withdrawn"),
    "code_asked": _("Not yet: a one-time code was asked for"),
    "forbidden": _("Refused: only a representative may submit"),
    "bad_request": _("Refused: the form was not as the page gave it"),
    "error": _("Failed by a fault of the portal; nothing was filed"),
}


class Eligibility(models.TextChoices):
    ELIGIBLE = "ELIGIBLE", _("Eligible")
    INELIGIBLE = "INELIGIBLE", _("Not eligible")


class Phase(models.TextChoices):
    """Where a call stands, by its clock and by what has been published."""

    UPCOMING = "UPCOMING", _("Not open yet")
    OPEN = "OPEN", _("Open for letters of intent")
    CLOSED = "CLOSED", _("Closed, letters are being assessed")
