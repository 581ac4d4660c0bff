"""What differs between two wordings of one kind of letter: text by text, word by word."""

from dataclasses import dataclass

from decisions import letter_texts
from decisions.models import LetterTemplate
from decisions.rendering import Texts, fit
from proposals.differences import Change, change


@dataclass(frozen=True)
class Step:
    """One version, and what it would have changed of what held when it was proposed."""

    template: LetterTemplate
    changes: list[Change]


def changes_between(old: Texts, new: Texts) -> list[Change]:
    """The texts that differ, each with the words taken out and put in."""
    return [
        change(str(label), before, after)
        for name, label in fit.FIELDS.items()
        if (before := _plain(getattr(old, name))) != (after := _plain(getattr(new, name)))
    ]


def history_of(versions, standard: Texts) -> list[Step]:
    """Every version, newest first; the standard wording came before the first one."""
    found, held = [], standard
    for template in sorted(versions, key=lambda one: one.version):
        said = letter_texts.texts_of(template)
        found.append(Step(template, changes_between(held, said)))
        held = said if template.is_approved else held
    return found[::-1]


def _plain(text) -> str:
    return text if isinstance(text, str) else "\n".join(text)
