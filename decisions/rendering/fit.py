"""Whether texts that publishers wrote may stand in a letter: plain words and known placeholders.

A text is never a program. `${name}` is filled in once, by `string.Template`, and only a name of the
list below; what is filled in is not read again. Asked when a text is proposed, when it is approved,
when a letter's facts are gathered and when the letter is set.
"""

import re
import unicodedata
from functools import cache, lru_cache

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from decisions.rendering import wording
from proposals.printing import fonts
from proposals.printing.characters import BREAK, GETA, LONGEST_WORD, printable

FIELDS = {
    "opening": gettext_lazy("Opening"),
    "sentence": gettext_lazy("The decision in one sentence"),
    "steps": gettext_lazy("Next steps"),
    "redress": gettext_lazy("Debriefing and redress"),
    "closing": gettext_lazy("Closing"),
}
_FACTS = ("call", "round", "reference", "title", "agency")
_ALLOWED = {
    "opening": _FACTS,
    "sentence": _FACTS,
    "steps": (*_FACTS, "contact", "number"),
    "redress": (*_FACTS, "contact", "number"),
    "closing": (),
}
# With every text at its limit a letter is one page longer, not more.
_LONGEST = {"opening": 500, "sentence": 400, "steps": 300, "redress": 900, "closing": 120}
MOST_STEPS = 8

_PLACEHOLDER = re.compile(r"\$\{([^{}$]*)\}")
_CODE = re.compile(r"[${}]+%?")
# Not "e.g.", "p. ex." or "EE. UU."; a full stop without a space after it is taken for a host name.
_ADDRESS = re.compile(r"\w*://|\w*@\w*|www\.\w*|[a-z0-9-]{2,}\.[a-z]{2,}|[^\W_]{3,}\.[^\W\d_]{2,}")
_SPACES = {" ", "\N{NO-BREAK SPACE}", "\N{IDEOGRAPHIC SPACE}"}


class Unfit(Exception):
    """The texts may not stand in a letter; the message names the field and the remedy."""


def allowed(field: str, outcome: str) -> tuple[str, ...]:
    """The placeholders that one text of a letter with this outcome may have."""
    joins = outcome == "MERGED" and field in ("sentence", "steps")
    return (*_ALLOWED[field], "project") if joins else _ALLOWED[field]


def required(field: str, outcome: str) -> tuple[str, ...]:
    """Those that it must have: nobody can ask without an address, nor join an unnamed project."""
    if field == "redress":
        return ("contact", "number")
    return ("project",) if (field, outcome) == ("sentence", "MERGED") else ()


def longest(field: str, language: str) -> int:
    """Characters that one text, or one step, may have; a Chinese one is as wide as two others."""
    return _LONGEST[field] // (2 if language == "zh-hans" else 1)


def problems(texts, outcome: str, language: str) -> dict[str, list[str]]:
    """What is wrong with each text, a sentence each with its remedy; empty if all may stand."""
    found = {}
    for field in FIELDS:
        said = getattr(texts, field)
        parts = list(said) if field == "steps" else [said]
        wrong = _of_steps(parts) if field == "steps" else []
        for part in parts:
            wrong += _of_text(part, field, outcome, language)
        wrong += [
            _("“%(name)s” must stand in this text.") % {"name": f"${{{name}}}"}
            for name in required(field, outcome)
            if not any(name in _PLACEHOLDER.findall(part) for part in parts)
        ]
        if wrong:
            found[field] = list(dict.fromkeys(wrong))
    return found


def ensure_fit(texts, outcome: str, language: str) -> None:
    """Raise `Unfit` with the first thing that is wrong."""
    for field, wrong in problems(texts, outcome, language).items():
        raise Unfit(f"{FIELDS[field]}: {wrong[0]}")


def _of_steps(steps) -> list[str]:
    if not steps:
        return [_("Write something here, or start from the standard text.")]
    if len(steps) > MOST_STEPS:
        return [
            _("Use at most %(most)s steps, one a line; there are %(count)s now.")
            % {"most": MOST_STEPS, "count": len(steps)}
        ]
    return []


def _of_text(text, field, outcome, language) -> list[str]:
    if not text.strip():
        return [_("Write something here, or start from the standard text.")]
    most = longest(field, language)
    if len(text) > most:
        return [
            _("Use at most %(limit_value)d characters; there are %(show_value)d now.")
            % {"limit_value": most, "show_value": len(text)}
        ]
    return [
        *_of_placeholders(text, allowed(field, outcome)),
        *_of_words(_PLACEHOLDER.sub(" ", text)),
        *_of_another_outcome(text, outcome, language),
    ]


def _of_placeholders(text, names) -> list[str]:
    known = ", ".join(f"${{{name}}}" for name in names) or _("none")
    return [
        _("“%(text)s” is not filled in here. Use only these: %(known)s.")
        % {"text": f"${{{name}}}", "known": known}
        for name in _PLACEHOLDER.findall(text)
        if name not in names
    ]


def _of_words(text) -> list[str]:
    wrong = []
    if code := _CODE.search(text):
        wrong.append(
            _(
                "Remove “%(text)s”: these signs stand in placeholders only. Write money with "
                "letters, as USD."
            )
            % {"text": code[0]}
        )
    if markup := re.search("[<>]", text):
        wrong.append(
            _("Remove “%(text)s”: a letter has plain text, without markup.") % {"text": markup[0]}
        )
    if address := _ADDRESS.search(unicodedata.normalize("NFKC", text)):
        wrong.append(
            _(
                "Remove “%(text)s”, which reads like an address. The only one in a letter is that "
                "of %(contact)s; put a space after a full stop."
            )
            % {"text": address[0][:40], "contact": "${contact}"}
        )
    if unknown := next((char for char in text if not _can_be_set(char)), None):
        wrong.append(
            _("Remove the character %(code)s: it cannot be seen, or not be printed in a letter.")
            % {"code": _named(unknown)}
        )
    elif _set(text) != _plain(text):
        wrong.append(
            _("Use words of at most %(most)s characters, and at most two accents on a letter.")
            % {"most": LONGEST_WORD}
        )
    return wrong


@lru_cache(maxsize=10_000)
def _can_be_set(char) -> bool:
    if char.isspace():
        return char in _SPACES
    return char != GETA and _set(char) == unicodedata.normalize("NFC", char)


def _set(text) -> str:
    """As the press would set it; a place to break a line tells of a word that is too long."""
    return printable(text, families=fonts.WITH_BOTH_ARABIC).replace(BREAK, f" {BREAK} ")


def _plain(text) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _named(char) -> str:
    name = unicodedata.name(char, "")
    return f"U+{ord(char):04X}" + (f" ({name.lower()})" if name else "")


def _of_another_outcome(text, outcome, language) -> list[str]:
    """The release check would stop such a letter: it tells another decision, too."""
    said = _squeezed(text)
    return [
        _("This is what a letter with the outcome “%(outcome)s” says. Say what was decided here.")
        % {"outcome": wording.word_of(other, get_language() or language)}
        for other in wording.OUTCOMES
        if other != outcome and _beginning(other, language) in said
    ]


@cache
def _beginning(outcome, language) -> str:
    """The standard sentence of an outcome, up to what is filled in."""
    return _squeezed(wording.standard(outcome, language).sentence.partition("${")[0])


def _squeezed(text) -> str:
    return "".join(text.split())
