"""Read a finished letter back and compare it with its facts, before anybody may release it.

The wrong letter to the right person has happened to others (28,000 refused applicants welcomed
in 2009). So the text is taken from the PDF itself, not from what it was made of.

pypdf reads the text because it is plain Python, kept, and returns the rows of a table as rows;
pdfminer.six returns the same letter column by column, which a check of marks cannot use.
"""

import io
import re
import unicodedata

from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from decisions.rendering import letter, wording
from proposals.printing.characters import BREAK, is_cut, paragraphs, printable


def text_of(pdf):
    """Return the text of a PDF, a form feed between pages."""
    return "\f".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def findings(pdf, facts):
    """Return what is wrong with a letter, one sentence each; nothing if it may be released."""
    try:
        reader = PdfReader(io.BytesIO(pdf))
        pages = [page.extract_text() for page in reader.pages]
        language = str(reader.trailer["/Root"].get("/Lang", ""))
    except PyPdfError:
        return [gettext("The file cannot be read as a PDF.")]
    if not pages:
        return [gettext("The file has no pages.")]

    text = "".join(_without_furniture(page, facts) for page in pages)
    with translation.override(facts.language):
        expected = [(label, value.replace(BREAK, "")) for label, value in _expected(facts)]
        foreign = _other_sentences(facts)

    found = []
    if language.lower() != facts.language:
        found.append(
            gettext("The language of the file is “%(found)s”, not “%(wanted)s”.")
            % {"found": language, "wanted": facts.language}
        )
    found += [
        gettext("Missing from the letter: %(what)s “%(text)s”.") % {"what": label, "text": value}
        for label, value in expected
        if _squeezed(value) not in text  # an empty value is in every text
    ]
    found += [
        gettext("The letter states another decision: “%(text)s”.") % {"text": sentence}
        for sentence in foreign
        if _squeezed(sentence) in text
    ]
    return found + _gaps(facts)


def _expected(facts):
    """Everything that must be read in the letter, with the name a person would give it."""
    yield _("letter number"), printable(facts.letter_number)
    yield _("reference"), printable(facts.reference)
    yield _("agency"), printable(facts.agency)
    yield _("country"), printable(facts.country)
    yield _("addressee"), printable(facts.addressee)
    yield _("title"), printable(facts.title)
    yield _("Chinese title"), printable(facts.title_zh)
    yield _("decision"), str(wording.OUTCOMES[facts.outcome].word)
    yield _("decision"), letter.decision_sentence(facts)
    yield _("level"), letter.level_shown(facts)
    if facts.mass_allocated_kg is not None:
        yield _("mass"), f"{letter.plain_number(facts.mass_allocated_kg)} kg"
    for line in facts.criteria:
        row = f"{line.name} {line.weight_percent}% {letter.mark(line.mean)} {line.anchor}"
        yield _("marks"), printable(row)
    if facts.total is not None:
        yield _("total"), f"{letter.rounded(facts.total, '0.1')} / 100"
    for condition in facts.conditions:
        yield _("condition"), printable(condition.text)
    for part, label in [
        (facts.reason, _("reason")),
        (facts.strengths, _("strengths")),
        (facts.weaknesses, _("weaknesses")),
    ]:
        for paragraph in paragraphs(part):
            yield label, paragraph
    yield _("verification code"), printable(facts.verification_code)
    yield _("verification address"), printable(facts.verification_address)
    yield _("SHA-256"), printable(facts.sha256_of_decision)


def _other_sentences(facts):
    """The sentences of the other outcomes, each up to a project's name if it has one."""
    name = "\N{NULL}"
    return [
        wording.sentence(outcome, project=name).partition(name)[0]
        for outcome in wording.OUTCOMES
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
    """The text of a page without what stands at its foot, so that sentences join across pages.

    After the text of a page come the running head, the letter number and "Page 1 of 2".
    """
    head, number = (
        re.escape(_squeezed(printable(part))) for part in (facts.letterhead, facts.letter_number)
    )
    furniture = rf"({head})?{number}\D{{1,8}}\d+\D{{1,8}}\d+\D{{0,8}}$"
    return re.sub(furniture, "", _squeezed(page))


def _squeezed(text):
    """A text as it is compared: no spaces, no accents, one kind of dash.

    A line may break anywhere, and one drawn glyph may stand for several code points.
    """
    return "".join(
        "-" if unicodedata.category(char) == "Pd" else char
        for char in unicodedata.normalize("NFKD", text)
        if not char.isspace() and unicodedata.category(char)[0] not in "MC"
    )
