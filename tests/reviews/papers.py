"""What these tests need beyond `make`: filed versions, and a review as the form posts it."""

import re
from datetime import timedelta
from decimal import Decimal

from django.urls import reverse

from proposals import actions, content, files
from proposals.states import AttachmentKind
from reviews.models import Criterion
from tests import make
from tests.proposals.papers import GOOD

DAY = timedelta(days=1)
CODES = ("science", "feasibility")
PDF = b"%PDF-1.4\nfor the panel\n"


# What the page's script says it is.
AUTOSAVE = {"X-Requested-With": "autosave"}


def seen(response) -> str:
    """What a page says, without the tokens that no two answers share."""
    body = response.content.decode()
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", body)


def page_of(assignment):
    return reverse("reviews:review", args=[assignment.pk])


def filed(letter, *, pdf=False):
    """The letter's version as it was filed, with or without a PDF."""
    said = content.of(letter, version=1)
    if pdf:
        sha256 = files.store_bytes(PDF)
        said["attachments"] = [
            {"kind": "LETTER", "name": "theirs.pdf", "size": len(PDF), "sha256": sha256}
        ]
    return make.version(letter, said, by=letter.agency.memberships.first().user)


def file_fuller(letter, **changes):
    """File the letter's fuller proposal by its only member, with the implementation scheme."""
    person = letter.agency.members.get()
    stored = files.Stored(files.store_bytes(GOOD), len(GOOD), 1)
    actions.attach(
        letter, kind=AttachmentKind.SCHEME, stored=stored, name="Ana Nakara.pdf", actor=person
    )
    proposal = actions.fuller_of(letter)
    actions.save_fuller(
        letter,
        changes={"changes": "A longer mast.", "mass_kg": Decimal("7.25"), **changes},
        revision=proposal.revision,
        actor=person,
    )
    key = f"a-click-of-some-length-{letter.fuller_versions.count()}"
    return actions.file_fuller(letter, actor=person, idempotency_key=key)


def form_of(assignment, *, revision=0, **changed):
    """A complete review as a browser sends it; keywords change fields (mark_science="4.5")."""
    values = {
        "major_strengths": "",
        "major_weaknesses": "",
        "strengths": "Strong team.",
        "weaknesses": "Tight schedule.",
        "comment_to_applicant": "",
        "confidential_comment": "",
        "risk": "LOW",
        "recommendation": "SELECT",
        "confidence": "HIGH",
        "revision": revision,
    }
    for criterion in Criterion.objects.filter(call=assignment.letter.call):
        values |= {f"mark-{criterion.code}": "4", f"comment-{criterion.code}": ""}
    for name, value in changed.items():
        start, _, rest = name.partition("_")
        of_a_criterion = start in ("mark", "comment") and rest in CODES
        values[f"{start}-{rest}" if of_a_criterion else name] = value
    return values


def scores(**marks):
    """Marks by criterion code as the action takes them; None is no mark, "none" cannot judge."""
    return {
        code: {
            "mark": None if mark == "none" else mark,
            "cannot_judge": mark == "none",
            "comment": "Because.",
        }
        for code, mark in marks.items()
    }
