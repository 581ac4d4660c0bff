"""The shortlisted agencies' part: fuller proposals, most a little heavier than the letter said."""

from decimal import Decimal

from django.core.files.base import ContentFile
from django.template.loader import render_to_string

from accounts.states import Seat
from chang_e8_portal import clock
from chang_e8_portal.demo import content
from chang_e8_portal.demo.story import who_and_when
from decisions.rendering import press
from proposals import actions as letters_room
from proposals import files
from proposals.models import LetterOfIntent
from proposals.states import AttachmentKind

# By how much masses grow from a letter to a fuller proposal, in turn; illustrative. Those of real
# projects stay as they were published.
_GROWTH = (Decimal("1.04"), Decimal("1.12"), Decimal("1.00"), Decimal("0.97"))
_NONE = Decimal("1.00")
# Per cent by which they may still grow, where the letters had a fifth; illustrative.
_MARGIN = Decimal(5)


def file_all(call_round, *, at):
    """File one for every shortlisted letter but the last: not filing one is allowed, too."""
    clock.travel_to(at)
    letters = list(LetterOfIntent.objects.awaited_in(call_round).order_by("reference"))
    if not letters:
        return
    # One paper for all: setting one for each would take the demonstration a minute.
    paper = press.pdf_from(render_to_string("demo/scheme.html", {"call": call_round.call}))
    stored = files.store_pdf(ContentFile(paper, name="scheme.pdf"))
    real = {row["form"]["title"] for row in content.letters() if row["real"]}
    for number, letter in enumerate(letters[:-1]):
        growth = _NONE if letter.title in real else _GROWTH[number % len(_GROWTH)]
        _file(letter, stored, growth=growth)


def _file(letter, stored, *, growth):
    signs = who_and_when.member_of(letter.agency, Seat.REPRESENTATIVE)
    proposal = letters_room.fuller_of(letter)
    changes = {"changes": _words(growth)}
    if letter.rides_on_the_lander:
        changes["margin_percent"] = _MARGIN
    if letter.rides_on_the_lander and letter.mass_kg and growth != _NONE:
        grown = (letter.mass_kg * growth).quantize(Decimal("0.1"))
        changes["mass_kg"] = min(grown, letter.call.module_mass_kg)
    letters_room.save_fuller(letter, changes=changes, revision=proposal.revision, actor=signs)
    for kind, name in (
        (AttachmentKind.SCHEME, "implementation-scheme.pdf"),
        (AttachmentKind.BACKING, "endorsement.pdf"),
    ):
        letters_room.attach(letter, kind=kind, stored=stored, name=name, actor=signs)
    letters_room.file_fuller(letter, actor=signs, idempotency_key=f"demo-fuller-{letter.pk}")


def _words(growth) -> str:
    if growth > 1:
        return "Illustrative: the structure is heavier after the first analysis of loads."
    if growth < 1:
        return "Illustrative: a lighter housing; everything else as in the letter."
    return "Illustrative: nothing but the schedule, which is firmer now."
