"""Which words hold around the facts of a round's letters: those approved last, or the standard."""

from collections.abc import Callable
from functools import cache

from django.utils.translation import gettext as _

from accounts.states import Language
from decisions.models import LetterTemplate
from decisions.rendering import Texts, Unfit, ensure_fit, wording
from decisions.states import Outcome


def texts_of(template: LetterTemplate) -> Texts:
    """What a proposed or approved row says."""
    steps = tuple(template.texts["steps"])
    return Texts(**{**template.texts, "steps": steps}, version=template.version)


def approved_in(call_round) -> dict[tuple[str, str], LetterTemplate]:
    """The version in force by outcome and language, where it is not the standard wording."""
    rows = LetterTemplate.objects.approved().filter(round=call_round)
    rows = rows.select_related("proposed_by", "answered_by").order_by("version")
    return {(row.outcome, row.language): row for row in rows}


def in_force(call_round, outcome, language) -> Texts:
    """The texts that such a letter has now."""
    return chosen(approved_in(call_round), outcome, language)


def chosen(approved, outcome, language) -> Texts:
    """The same, from what `approved_in` found."""
    template = approved.get((outcome, language))
    return texts_of(template) if template else wording.standard(outcome, language)


def fitting_in(call_round) -> Callable[[str, str], Texts]:
    """What gives the texts in force by outcome and language, each kind looked at once.

    It raises `rendering.Unfit` for texts that may not stand in a letter: the rules have become
    stricter since their approval.
    """
    approved = approved_in(call_round)

    @cache
    def texts_for(outcome, language):
        texts = chosen(approved, outcome, language)
        try:
            ensure_fit(texts, outcome, language)
        except Unfit as error:
            sentence = _(
                "The approved wording of “%(outcome)s” (%(language)s) cannot stand in a letter. "
                "%(why)s Propose another wording, and have it approved."
            )
            kind = {"outcome": Outcome(outcome).label, "language": Language(language).label}
            raise Unfit(sentence % (kind | {"why": error})) from error
        return texts

    return texts_for


def versions_in(call_round) -> dict[str, int]:
    """For the audit record: every version in force that is not the standard one.

    Of all outcomes, whether a letter has them or not: before the release that would be news.
    """
    approved = sorted(approved_in(call_round).items())
    return {f"{outcome}/{language}": row.version for (outcome, language), row in approved}


def open_in(call_round) -> list[str]:
    """The proposals that nobody answered yet, each by outcome and language."""
    rows = LetterTemplate.objects.awaited().filter(round=call_round)
    return [
        f"{row.get_outcome_display()} ({row.get_language_display()})"
        for row in rows.order_by("outcome", "language")
    ]
