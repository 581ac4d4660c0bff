from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

# The total that passes, unless the chair sets another aim. Source: section 4 of the call's rules.
PASSING_TOTAL = Decimal("66.7")


class ReviewState(models.TextChoices):
    DRAFT = "DRAFT", _("Draft")
    SUBMITTED = "SUBMITTED", _("Submitted")


MOVES = {
    ReviewState.DRAFT: {ReviewState.SUBMITTED},
    # Until the due date a reviewer may take a review back and correct it.
    ReviewState.SUBMITTED: {ReviewState.DRAFT},
}


class ConflictSource(models.TextChoices):
    NONE = "", _("No conflict")
    AUTOMATIC = "AUTOMATIC", _("Found by rule")
    DECLARED = "DECLARED", _("Declared by the person")
    CHAIR = "CHAIR", _("Recorded by the chair")


class ConflictStrength(models.TextChoices):
    """Hard: the pair is out and the text stays shut. Soft: somebody else is preferred."""

    HARD = "HARD", _("Hard")
    SOFT = "SOFT", _("Soft")


class ConflictKind(models.TextChoices):
    """Why a pair is in conflict. Source: the list of section 4 of the call's rules."""

    TEAM = "TEAM", _("Takes part in the project")
    SAME_AGENCY = "SAME_AGENCY", _("Same agency or partner organisation")
    SAME_COUNTRY = "SAME_COUNTRY", _("Same country or region")
    EMPLOYER = "EMPLOYER", _("Employed there within the last year")
    COLLABORATOR = "COLLABORATOR", _("Worked together within 48 months")
    EDITOR = "EDITOR", _("Edited together within 24 months")
    ADVISER = "ADVISER", _("Adviser or student, at any time")
    FAMILY = "FAMILY", _("Family or close personal tie")
    MONEY = "MONEY", _("Financial interest")
    # Follows from the chair's naming of two letters; nobody declares it.
    COMPETING = "COMPETING", _("Closely competes with a letter in conflict")
    OTHER = "OTHER", _("Anything else a reasonable person would question")


# What a person may name about herself or himself: (value, label), in this order.
DECLARABLE = [pair for pair in ConflictKind.choices if pair[0] != ConflictKind.COMPETING]


class InvitationAnswer(models.TextChoices):
    ACCEPTED = "ACCEPTED", _("Accepted")
    DECLINED = "DECLINED", _("Declined")


class InvitationStanding(models.TextChoices):
    """Where an invitation stands, as the chair reads it."""

    WAITING = "WAITING", _("No answer yet")
    DECLINED = "DECLINED", _("Declined")
    ACCEPTED = "ACCEPTED", _("Accepted, waits for the operator")
    REVIEWER = "REVIEWER", _("Accepted, reviews")
    TAKEN_BACK = "TAKEN_BACK", _("Taken back")


class PlanState(models.TextChoices):
    QUEUED = "QUEUED", _("Waiting")
    RUNNING = "RUNNING", _("Being computed")
    READY = "READY", _("Ready")
    IMPOSSIBLE = "IMPOSSIBLE", _("Impossible as asked")
    FAILED = "FAILED", _("Failed")
    APPLIED = "APPLIED", _("Applied")


# A failed plan is asked for anew, or the operator has it tried again; an applied one is history.
PLAN_MOVES = {
    PlanState.QUEUED: {PlanState.RUNNING},
    PlanState.RUNNING: {PlanState.READY, PlanState.IMPOSSIBLE, PlanState.FAILED},
    PlanState.READY: {PlanState.APPLIED},
    PlanState.IMPOSSIBLE: set(),
    PlanState.FAILED: {PlanState.QUEUED},
    PlanState.APPLIED: set(),
}


class MeetingState(models.TextChoices):
    PLANNED = "PLANNED", _("Planned")
    RUNNING = "RUNNING", _("Being held")
    CLOSED = "CLOSED", _("Closed")
    CANCELLED = "CANCELLED", _("Cancelled")


MEETING_MOVES = {
    MeetingState.PLANNED: {MeetingState.RUNNING, MeetingState.CANCELLED},
    MeetingState.RUNNING: {MeetingState.CLOSED},
    MeetingState.CLOSED: set(),
    MeetingState.CANCELLED: set(),
}


class ItemState(models.TextChoices):
    """Called: whoever is in conflict leaves. Only then is it open, and spoken about."""

    WAITING = "WAITING", _("To come")
    CALLED = "CALLED", _("Called")
    OPEN = "OPEN", _("Being discussed")
    DONE = "DONE", _("Done")


ITEM_MOVES = {
    ItemState.WAITING: {ItemState.CALLED},
    # Back to the others where it cannot be taken now: somebody does not leave, a letter withdrawn.
    ItemState.CALLED: {ItemState.OPEN, ItemState.WAITING},
    ItemState.OPEN: {ItemState.DONE},
    # The meeting comes back to it.
    ItemState.DONE: {ItemState.CALLED},
}


class Decision(models.TextChoices):
    """What a meeting decided about a letter. Empty is undecided."""

    CONSENSUS = "CONSENSUS", _("Consensus reached")
    MORE = "MORE", _("More reviews wanted")
    SCORED = "SCORED", _("Stands as scored")
    LEFT = "LEFT", _("Left without a decision")


class LeftBecause(models.TextChoices):
    """All that is ever said of why somebody left the room."""

    CONFLICT = "CONFLICT", _("conflict of interest")
    UNANSWERED = "UNANSWERED", _("conflict question not answered")


class Wish(models.TextChoices):
    """Whether somebody would like to read a letter; what each is worth says `reviews.plan_pool`."""

    NO = "NO", _("Rather not")
    NEUTRAL = "NEUTRAL", _("No preference")
    MAYBE = "MAYBE", _("If need be")
    YES = "YES", _("Gladly")


class PackState(models.TextChoices):
    QUEUED = "QUEUED", _("Waiting")
    RUNNING = "RUNNING", _("Being made")
    READY = "READY", _("Ready")
    FAILED = "FAILED", _("Failed")


# One that failed is asked for anew, or the operator has it tried again.
PACK_MOVES = {
    PackState.QUEUED: {PackState.RUNNING},
    PackState.RUNNING: {PackState.READY, PackState.FAILED},
    PackState.READY: set(),
    PackState.FAILED: {PackState.QUEUED},
}


class PackKind(models.TextChoices):
    PDF = "PDF", _("One PDF with bookmarks")
    ZIP = "ZIP", _("ZIP, a folder for each letter")


class PackOrder(models.TextChoices):
    """Not by rank unless somebody asks: what is read first is remembered as the best."""

    REFERENCE = "REFERENCE", _("By reference")
    RANDOM = "RANDOM", _("Random")
    RANK = "RANK", _("By rank as it stands")


class Expertise(models.TextChoices):
    SCIENTIST = "SCIENTIST", _("Scientist")
    ENGINEER = "ENGINEER", _("Engineer")


class Degree(models.TextChoices):
    LOW = "LOW", _("Low")
    MEDIUM = "MEDIUM", _("Medium")
    HIGH = "HIGH", _("High")


class Recognised(models.TextChoices):
    """In a double-anonymous round: whether the reviewer knows whose the letter is all the same."""

    NO = "NO", _("I do not recognise the team")
    YES = "YES", _("I recognise the team")


class Recommendation(models.TextChoices):
    SELECT = "SELECT", _("Select")
    CONDITIONS = "CONDITIONS", _("Select with conditions")
    RESERVE = "RESERVE", _("Keep in reserve")
    DECLINE = "DECLINE", _("Do not select")
