"""Read a finished letter back and compare it with its facts, before anybody may release it.

The wrong letter to the right person has happened to others (28,000 refused applicants welcomed
in 2009). So the text is taken from the PDF itself, not from what it was made of.
"""

import re
import unicodedata
from functools import cached_property
from itertools import groupby

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from decisions.rendering import letter, reading, wording
from decisions.rendering.letter import paragraphs
from proposals.printing.characters import BREAK, is_cut

_QUOTES = "«»„“”‘’"
_STRETCH = "\N{ARABIC TATWEEL}"  # a longer line between two letters, drawn by some fonts


def text_of(pdf):
    """Return the text of a letter, a form feed between pages."""
    return reading.Letter(pdf).text


def findings(pdf, facts, *, never=()):
    """Return what is wrong with a letter, one sentence each; nothing if it may be released.

    `never` are names that no letter may tell: those of the reviewers.
    """
    try:
        read = reading.Letter(pdf)
    except reading.Unreadable:
        return [gettext("The file cannot be read as a PDF.")]
    if not read.pages:
        return [gettext("The file has no pages.")]

    clean = letter.cleaned(facts)
    text = _Text(
        *(
            "\n".join(_without_furniture(page, clean) for page in pages)
            for pages in (read.pages, read.turned, read.across)
        )
    )
    expected = [(label, value.replace(BREAK, "")) for label, value in _expected(clean)]

    found = []
    if read.language != letter.tag_of(facts.language):
        found.append(
            gettext("The language of the file is “%(found)s”, not “%(wanted)s”.")
            % {"found": read.language, "wanted": facts.language}
        )
    found += [
        gettext("Missing from the letter: %(what)s “%(text)s”.") % {"what": label, "text": value}
        for label, value in expected
        if not text.has(value)  # an empty value is in every text
    ]
    found += [
        gettext("The letter states another decision: “%(text)s”.") % {"text": sentence}
        for sentence in _other_sentences(clean)
        if text.has_exactly(sentence)
    ]
    return found + _gaps(facts) + _named(clean, read.text, never)


class _Text:
    """What was read in a letter, to be asked whether it says something.

    It is read more than once, because not every line tells in which direction its paragraph runs.
    In a text of two directions what stands in one line may have changed places with what stands in
    the next: there each word is looked for by itself.
    """

    def __init__(self, *readings):
        """`readings` are the same text; the first is the likeliest."""
        self.readings = [_squeezed(text) for text in readings]
        self._as_read = readings

    def has(self, said) -> bool:
        squeezed = _squeezed(said)
        if any(squeezed in text for text in self.readings):
            return True
        return reading.is_rtl(said) and self.words.issuperset(_words_in(said))

    @cached_property
    def words(self) -> set[str]:
        """Asked for by few letters: it takes a third as long as reading one."""
        return {word for text in self._as_read for word in _words_in(text)}

    def has_exactly(self, said) -> bool:
        return _squeezed(said) in self.readings[0]


def _words_in(text):
    """Words of one direction each, signs between them left out, as they are compared.

    Where nothing stands between words, as in Chinese, a line may end behind any character: there
    each of them is a word.
    """
    for word in text.split():
        runs = groupby(_squeezed(word), key=lambda c: reading.is_rtl(c) if c.isalnum() else None)
        for direction, run in runs:
            run = "".join(run)
            if direction is not None:
                yield from run if unicodedata.east_asian_width(run[0]) in "WF" else [run]


def _expected(facts):
    """Everything that must be read in the letter, with the name a person would give it.

    The facts are clean already.
    """
    words = wording.of(facts.language)
    yield _("letter number"), facts.letter_number
    yield _("reference"), facts.reference
    yield _("agency"), facts.agency
    yield _("country"), facts.country
    yield _("addressee"), facts.addressee
    yield _("title"), facts.title
    yield _("Chinese title"), facts.title_zh
    yield _("heading"), words.word("heading")
    yield _("opening"), wording.opening(facts)
    yield _("decision"), wording.word_of(facts.outcome, facts.language)
    yield _("decision"), wording.sentence(facts)
    yield _("who leads"), facts.led_by
    for one in facts.joined_by:
        yield _("who joins"), one.agency
        yield _("who joins"), one.title
    yield _("level"), letter.level_shown(facts)
    yield _("mass"), letter.mass_shown(facts)
    for line in facts.criteria:
        row = letter.row_of(line, facts.language)
        yield _("marks"), f"{row['name']} {row['weight']} {row['mark']} {row['anchor']}"
    if facts.total is not None:
        yield _("total"), f"{letter.total_shown(facts)} / 100"
    for condition in facts.conditions:
        yield _("condition"), condition.text
    for part, label in [
        (facts.reason, _("reason")),
        (facts.strengths, _("strengths")),
        (facts.weaknesses, _("weaknesses")),
    ]:
        for paragraph in paragraphs(part):
            yield label, paragraph
    for step in wording.next_steps(facts):
        yield _("next steps"), step
    yield _("redress"), wording.redress(facts)
    yield _("closing"), wording.closing(facts)
    yield _("verification code"), facts.verification_code
    yield _("verification address"), facts.verification_address
    yield _("SHA-256"), facts.sha256_of_decision


def _other_sentences(facts):
    """The sentences of the other outcomes, each up to a project's name if it has one."""
    words = wording.of(facts.language)
    return [
        texts["sentence"].partition("${")[0]
        for outcome, texts in words.files["outcomes"].items()
        if outcome != facts.outcome
    ]


def _gaps(facts):
    """What the facts themselves leave open: a true copy of them would still be a bad letter."""
    found = []
    if facts.outcome != "INELIGIBLE" and not facts.criteria:
        found.append(gettext("The letter has no marks."))
    for number, line in enumerate(facts.criteria, start=1):
        if not line.name.strip() or (line.mean is None and not line.anchor.strip()):
            found.append(
                gettext("Criterion %(number)s is empty: “%(name)s”.")
                % {"number": number, "name": line.name}
            )
    if facts.outcome == "CONDITIONAL" and not facts.conditions:
        found.append(gettext("The selection is conditional, but no condition is stated."))
    if facts.outcome == "MERGED" and not facts.merged_with.strip():
        found.append(gettext("The letter does not say with which project it is merged."))
    if facts.outcome == "INELIGIBLE" and not facts.reason.strip():
        found.append(gettext("The letter does not say which rule was not met."))
    if any(is_cut(text) for text in (facts.reason, facts.strengths, facts.weaknesses)):
        found.append(gettext("A text is too long to be printed whole."))
    return found


def _without_furniture(page, facts):
    """The text of a page without what is drawn last, so that sentences join across pages.

    These are the numbers of the steps, the running head, the letter number and "Page 1 of 2".
    """
    words = wording.of(facts.language)
    known = {facts.letterhead, facts.letter_number, *re.split(r"\$\{\w+\}", words.word("page"))}
    known = {_squeezed(part) for part in known}
    lines = page.split("\n")
    while lines and (_squeezed(lines[-1]) in known or re.fullmatch(r"\s*\.?\d+\.?\s*", lines[-1])):
        lines.pop()
    return "\n".join(lines)


def _named(facts, text, never):
    """Whether the letter tells who reviewed it. The sentence does not tell it either.

    The people whom the letter is from and to may have a reviewer's name.
    """
    own = _words(" ".join((facts.addressee, facts.signatory, facts.agency, facts.title)))
    said = _words(text)
    for name in never:
        words = _words(name)
        # A single short word may be a word of the letter, as "May" or "Long".
        if len(words.split()) < 2 and words.isascii():
            continue
        if f" {words} " in f" {said} " and f" {words} " not in f" {own} ":
            return [gettext("The letter tells the name of a reviewer.")]
    return []


def _words(text):
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))


def _squeezed(text):
    """A text as it is compared: no spaces, no accents, one kind of dash and of quotation mark.

    A letter may have been set before names within quotation marks had marks of the second level. A
    line may break anywhere, and one drawn glyph may stand for several code points.
    """
    return "".join(
        "-" if unicodedata.category(char) == "Pd" else '"' if char in _QUOTES else char
        for char in unicodedata.normalize("NFKD", text)
        if not char.isspace() and unicodedata.category(char)[0] not in "MC" and char != _STRETCH
    )
