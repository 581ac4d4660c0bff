"""What is sent: the fields of each form, made from the world in which it is tried."""

from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from decisions.rendering import fit, wording
from decisions.states import Outcome
from proposals import actions, content
from proposals.models import CallRound, LetterOfIntent
from proposals.states import RoundKind
from reviews.forms import rubric_values
from reviews.models import Criterion
from tests.proposals import papers
from tests.reviews import papers as papers_of_reviews

KEY = "a-key-that-nobody-guesses"


def other_rules(world):
    return {
        **{"name": "Robot floor", "zero_point": "60", "mass": "200", "margin": "20"},
        **{"module_mass": "100", "reason": "The panel asked for it."},
        **{"letters-TOTAL_FORMS": "0", "letters-INITIAL_FORMS": "0"},
    }


def a_vote(world):
    return {"minute": "Carried, nine to one."}


def title(world):
    world.letter.refresh_from_db()
    return {"title": "Another title", "revision": world.letter.revision}


def new_title(world):
    return {"title": "Another title"}


RECORD = ("log", "verify", "export")
SCENARIO_PAGES = ("scenario", "scenario_state", "scenario_csv")
FULLER_PAGES = ("fuller", "fuller_edit", "fuller_files", "fuller_submit")


def figures(world):
    return {"mass_kg": "7.25", "revision": str(actions.fuller_of(world.letter).revision)}


def a_scheme(world):
    return {"kind": "SCHEME", "file": SimpleUploadedFile("scheme.pdf", papers.GOOD)}


def a_click(world):
    said = content.of_fuller(actions.fuller_of(world.letter), version=1)
    return {"idempotency_key": KEY, "seen": content.digest(said)}


def other_weights(world):
    """The form of the criteria with half the weight on each."""
    criteria = list(Criterion.objects.filter(call=world.call))
    halves = {f"weight-{criterion.code}": "50" for criterion in criteria}
    return rubric_values(criteria, None) | halves


def not_writable(world):
    return {"title": "Another title", "state": "SELECTED", "submitted_at": "2023-10-01T00:00:00Z"}


def paper(world):
    return {"kind": "CV", "file": SimpleUploadedFile("letter.pdf", papers.GOOD, "application/pdf")}


def what_was_shown(world):
    letter = LetterOfIntent.objects.select_related("call", "agency").get(pk=world.letter.pk)
    number = letter.versions.count() + 1
    shown = content.digest(content.of(letter, version=number))
    return {"idempotency_key": KEY, "seen": shown}


REVISION = {"If-Match": '"1"'}
IDEMPOTENT = {"Idempotency-Key": KEY}


def a_later_cutoff(world):
    return {"closes_at": "2024-01-05T00:00", "reason": "The portal was away for an hour."}


def an_earlier_cutoff(world):
    return {"closes_at": "2023-12-01T00:00", "reason": "We have enough."}


def a_later_due(world):
    due = CallRound.objects.get(call=world.call, kind=RoundKind.FINAL).proposals_due_at
    later = (due + timedelta(days=1)).isoformat(timespec="seconds")
    return {"due_at": later, "reason": "Longer.", "seen": due.isoformat(), "confirm": "yes"}


def the_proposal(world):
    return {"proposal": world.proposal.pk}


def an_invitation(world):
    return {"email": "new.colleague@example.org", "seat": "VIEWER"}


def rest(world):
    """No conflict with any letter that is still asked about."""
    return {"rest": "on"}


def a_reason(world):
    return {"reason": "The person called from the number that we know."}


def to_close(world):
    return a_reason(world) | {"do": "close"}


def the_newcomer(world):
    return a_reason(world) | {"email": world.newcomer.email}


def who_accepted(world):
    return {"invitation": world.invitation.pk}


def a_review(world):
    """What is saved already, sent once more."""
    return papers_of_reviews.form_of(world.assignment, revision=1)


def a_review_to_file(world):
    return a_review(world) | {"do": "submit"}


def an_answer(world):
    return {"conflicted": False}


def a_save(world):
    return {"risk": "HIGH"}


def words(world):
    return {"text": "I see it differently."}


def another_outcome(world):
    return {
        "outcome": "NOT_SHORTLISTED",
        "reason": "Thought better of it.",
        "version": "1",
        "conditions-TOTAL_FORMS": "0",
        "conditions-INITIAL_FORMS": "0",
    }


def other_words(world):
    """The form of a correction: the same outcome, said better, and why."""
    return another_outcome(world) | {"outcome": "SHORTLISTED", "why": "A word was missing."}


def other_texts(world):
    """The words around the facts of a letter with another last line."""
    said = wording.standard(Outcome.SHORTLISTED, "en")
    fields = {name: getattr(said, name) for name in fit.FIELDS}
    return fields | {"steps": "\n".join(said.steps), "closing": "Kind regards,"}


def second_key(key, **more):
    """The form of the release, with the number that was counted."""

    def sent(world):
        return {"publication": str(world.publication.pk), "key": key, "count": "1", **more}

    return sent


def the_reference(world):
    return {"key": KEY, "reference": world.letter.reference}
