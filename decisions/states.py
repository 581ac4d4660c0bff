from django.db import models
from django.utils.translation import gettext_lazy as _

from proposals.states import LetterState, RoundKind


class Outcome(models.TextChoices):
    SHORTLISTED = "SHORTLISTED", _("Shortlisted")
    NOT_SHORTLISTED = "NOT_SHORTLISTED", _("Not shortlisted")
    INELIGIBLE = "INELIGIBLE", _("Not eligible")
    SELECTED = "SELECTED", _("Selected")
    CONDITIONAL = "CONDITIONAL", _("Selected with conditions")
    MERGED = "MERGED", _("Selected, merged with another project")
    RESERVE = "RESERVE", _("Reserve list")
    NOT_SELECTED = "NOT_SELECTED", _("Not selected")


# What may be decided in each round.
OUTCOMES = {
    RoundKind.PRELIMINARY: (Outcome.SHORTLISTED, Outcome.NOT_SHORTLISTED, Outcome.INELIGIBLE),
    RoundKind.FINAL: (
        Outcome.SELECTED,
        Outcome.CONDITIONAL,
        Outcome.MERGED,
        Outcome.RESERVE,
        Outcome.NOT_SELECTED,
    ),
}

# The outcomes that go forward: counted when a release is confirmed.
POSITIVE = (Outcome.SHORTLISTED, Outcome.SELECTED, Outcome.CONDITIONAL, Outcome.MERGED)

# What the world is told after the final round.
PUBLIC = (Outcome.SELECTED, Outcome.CONDITIONAL, Outcome.MERGED)

# What the agency's own row says once the outcome is published.
ANNOUNCED_AS = {outcome: LetterState(outcome.value) for outcome in Outcome}


class PublicationState(models.TextChoices):
    PROPOSED = "PROPOSED", _("Proposed")
    VOID = "VOID", _("Void")
    RELEASED = "RELEASED", _("Released")


MOVES = {
    PublicationState.PROPOSED: {PublicationState.VOID, PublicationState.RELEASED},
    PublicationState.VOID: set(),
    PublicationState.RELEASED: set(),
}


class RenderState(models.TextChoices):
    OWED = "OWED", _("Waiting to be rendered")
    RENDERING = "RENDERING", _("Being rendered")
    READY = "READY", _("Ready")
    FAILED = "FAILED", _("Failed")


# How the last error of a letter begins that is owed because the time-stamp service gave no stamp.
NO_STAMP = "no time stamp"
# And of one that waits for a key that can sign it.
NO_KEY = "no signing key"


class ConsentState(models.TextChoices):
    """What a lead agency says to a merger it is asked about in confidence."""

    ASKED = "ASKED", _("Asked")
    GIVEN = "GIVEN", _("Consents")
    DECLINED = "DECLINED", _("Declines")
    TAKEN_BACK = "TAKEN_BACK", _("Taken back")


class ScenarioState(models.TextChoices):
    QUEUED = "QUEUED", _("Waiting")
    RUNNING = "RUNNING", _("Being computed")
    READY = "READY", _("Ready")
    IMPOSSIBLE = "IMPOSSIBLE", _("No set keeps all rules")
    FAILED = "FAILED", _("Failed")


# A scenario is never computed anew: whoever changes a rule or a pin asks for another one.
SCENARIO_MOVES = {
    ScenarioState.QUEUED: {ScenarioState.RUNNING},
    ScenarioState.RUNNING: {
        ScenarioState.READY,
        ScenarioState.IMPOSSIBLE,
        ScenarioState.FAILED,
    },
    ScenarioState.READY: set(),
    ScenarioState.IMPOSSIBLE: set(),
    ScenarioState.FAILED: set(),
}


class ExceptionKind(models.TextChoices):
    """What the panel may decide only with a reason and the word of a second person."""

    TOTAL = "TOTAL", _("Goes forward below the lowest total that passes")
    MASS = "MASS", _("More mass than the lander carries")
    SET = "SET", _("Not the set that the panel adopted, or against its rules")


class Reader(models.TextChoices):
    """For whom a dossier is made, which decides what is in it."""

    AUDITOR = "AUDITOR", _("The auditor")
    CHAIR = "CHAIR", _("A chair")
    AGENCY = "AGENCY", _("The agency that wrote the letter")
