"""Which words publishers may put around the facts, and that what may stand is also printed."""

import io
import string
from dataclasses import replace

import pikepdf
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from decisions.rendering import Texts, Unfit, ensure_fit, findings, fit, letter, render, wording
from tests.decisions import samples

EACH = pytest.mark.parametrize("language", wording.LANGUAGES)
# A sentence of each language, to fill texts up to their limits.
SAID = {
    "en": "confidence in the panel and its work ",
    "zh-hans": "贵机构意向书经评审组认真评审",
    "fr": "une lettre d’intention présentée ",
    "ru": "письмо о намерениях и решение ",
    "es": "la carta de intención presentada ",
    "ar": "نشكركم على رسالة النوايا التي ",
}


def texts(**changes):
    return replace(wording.standard("SELECTED", "en"), version=1, **changes)


def wrong(field, text, outcome="SELECTED", language="en"):
    said = replace(wording.standard(outcome, language), **{field: text})
    found = fit.problems(said, outcome, language)
    assert set(found) <= {field}
    return " ".join(found.get(field, []))


@EACH
@pytest.mark.parametrize("outcome", wording.OUTCOMES)
def test_the_standard_wording_may_stand(language, outcome):
    assert fit.problems(wording.standard(outcome, language), outcome, language) == {}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("${event.__init__.__code__.co_filename}", "${event.__init__.__code__.co_filename}"),
        ("{event.__init__.__code__.co_filename}", "“{”"),
        ("${CALL}", "“${CALL}”"),
        ("${project}", "“${project}”"),
        ("${ call }", "“${ call }”"),
        ("${call", "“${”"),
        ("${${call}}", "“${”"),
        ("$call", "“$”"),
        ("$$", "“$$”"),
        ("{{ call }}", "“{{”"),
        ("{% debug %}", "“{%”"),
        ("{{7*7}}", "“{{”"),
        ("Money: US$ 5", "“$”"),
        ("<b>bold</b>", "“<”"),
        ("a > b", "“>”"),
        ("Write to somebody@example.org.", "somebody@example"),
        ("See https://example.org", "https://"),
        ("See www.example", "www.example"),
        ("See un.org", "un.org"),
        ("See EXAMPLE.ORG", "EXAMPLE.ORG"),
        ("See пример.рф", "пример.рф"),
        ("Write to a＠example", "a@example"),
        ("right\u202eleft", "U+202E"),
        ("one\u2066two\u2069", "U+2066"),
        ("a\u200bb", "U+200B"),
        ("a\x00b", "U+0000"),
        ("a\x1bb", "U+001B"),
        ("two\nlines", "U+000A"),
        ("a\u2028b", "U+2028"),
        ("half \ud800", "U+D800"),
        ("hieroglyph 𓀀", "U+13000"),
        ("〓", "U+3013"),
        ("x" * 61, "at most 60 characters"),
        ("e\u0301\u0302\u0303\u0304", "two accents"),
        ("", "Write something here, or start from the standard text."),
        (" \u00a0 ", "Write something"),
        ("word " * 101, "there are 505 now"),
    ],
)
def test_what_no_letter_may_say_is_named_with_its_remedy(text, named):
    assert named in wrong("opening", text)


@pytest.mark.parametrize(
    "text",
    [
        "R&D at 50%, e.g. p. ex. in EE. UU., i.e. 12.5 kg (n.º 3): “so”, and/or #7 'thus' \\ ~.",
        "${call}${round} ${reference}, ${title}; ${agency}.",
        "%(password)s %s %n",
        "Ω ≤ 50 W, Größe, Ђ, نعم, 是",
    ],
)
def test_plain_words_may_stand(text):
    assert wrong("opening", text) == ""


def test_what_must_stand_in_a_text_is_missed_by_name():
    assert "${contact}" in wrong("redress", "Write to us about ${number}.")
    assert "${number}" in wrong("redress", "Write to ${contact}.")
    assert "${project}" in wrong("sentence", "You join another project.", outcome="MERGED")
    assert wrong("sentence", "You join “${project}”.", outcome="MERGED") == ""
    assert "none" in wrong("closing", "Yours, ${agency}")


def test_steps_are_counted_and_each_is_looked_at():
    assert "start from the standard text" in wrong("steps", ())
    assert "there are 9 now" in wrong("steps", ("A step.",) * 9)
    assert "${password}" in wrong("steps", ("A step.", "Another: ${password}"))


@EACH
def test_a_text_that_says_another_decision_is_refused(language):
    """Such a letter would be stopped by the release check, when it is too late to write anew."""
    other = wording.standard("NOT_SELECTED", language).sentence
    said = wrong("opening", f"{other}", language=language)
    assert wording.word_of("NOT_SELECTED", "en") in said


def test_the_first_problem_is_told_with_the_name_of_its_text():
    with pytest.raises(Unfit, match=r"^Closing: Remove “<”"):
        ensure_fit(texts(closing="<i>Yours</i>"), "SELECTED", "en")


# --- for every text there is ---

ANY_TEXT = st.one_of(
    st.text(st.characters(codec=None), max_size=80),
    st.text("${}%_. callnumberprojectcontact", max_size=40),
    st.from_regex(r"\A[a-z ]{0,9}\$\{[a-z_.!:\[\]]{0,12}\}[a-z ]{0,9}\Z"),
)


@settings(max_examples=300)
@given(said=ANY_TEXT, field=st.sampled_from(list(fit.FIELDS)))
@example(said="${event.__init__}", field="sentence")
def test_any_text_is_refused_or_filled_in_and_nothing_else_happens(said, field):
    mine = texts(**{field: (said,) if field == "steps" else said})
    facts = samples.facts("en", texts=mine)
    if fit.problems(mine, "SELECTED", "en"):
        with pytest.raises(Unfit):
            render(facts)
        return
    html = letter.html_of(facts)
    assert "${" not in html.split("</head>")[1]
    assert facts.contact in html


@settings(max_examples=25)
@given(
    said=st.text(
        st.sampled_from(string.ascii_letters + " ,;-éßЖяΩ是的年"), min_size=1, max_size=90
    ),
    language=st.sampled_from(("en", "zh-hans")),
)
def test_what_may_stand_is_printed_and_read_back(said, language):
    mine = replace(wording.standard("SELECTED", language), opening=said, closing=said, version=3)
    if fit.problems(mine, "SELECTED", language):
        return
    facts = samples.facts(language, texts=mine)
    assert findings(render(facts), facts) == []


@EACH
def test_with_every_text_at_its_limit_a_letter_is_one_page_longer(language):
    def full(field, end=""):
        return (SAID[language] * 50)[: fit.longest(field, language) - len(end)].strip() + end

    mine = Texts(
        opening=full("opening"),
        sentence=full("sentence"),
        steps=(full("steps"),) * fit.MOST_STEPS,
        redress=full("redress", " ${contact} ${number}"),
        closing=full("closing"),
        version=1,
    )
    assert fit.problems(mine, "SELECTED", language) == {}
    usual, longest = (samples.facts(language, texts=one) for one in (None, mine))
    made = render(longest)
    assert pages(made) <= pages(render(usual)) + 1
    assert findings(made, longest) == []


def pages(pdf):
    return len(pikepdf.open(io.BytesIO(pdf)).pages)


# --- in the letter ---


@EACH
def test_a_letter_with_the_standard_texts_copied_is_the_letter_without_them(language):
    """What was proposed before texts were copied renders as ever."""
    facts = samples.facts(language, "MERGED")
    copied = replace(facts, texts=wording.standard("MERGED", language))
    assert letter.html_of(copied) == letter.html_of(facts)


def test_the_release_check_wants_every_text_in_the_letter():
    mine = texts(
        opening="Your letter ${reference} was read with joy.",
        sentence="It is selected.",
        steps=("Rest.", "Write to ${contact}."),
        redress="Ask ${contact} and quote ${number}.",
        closing="With kind regards,",
    )
    facts = samples.facts("en", texts=mine)
    assert findings(render(facts), facts) == []
    standard = render(samples.facts("en"))
    missing = " ".join(findings(standard, facts))
    for said in (
        *("Your letter CE8-2023-0007 was read with joy.", "It is selected.", "Rest."),
        *("Ask cooperation@example.org and quote CE8-2023-0007/F/1/en.", "With kind regards,"),
    ):
        assert f"“{said}”" in missing


def test_what_is_filled_in_is_not_read_again():
    facts = samples.facts("en", title="${agency} {{7*7}} $", texts=texts(opening="About ${title}."))
    assert wording.opening(facts) == "About ${agency} {{7*7}} $."


@EACH
def test_a_draft_has_nothing_by_which_a_letter_proves_itself(language):
    facts = samples.facts(language, texts=wording.standard("SELECTED", language))
    draft = letter.html_of(facts, draft=True)
    for proof in ("<svg", facts.verification_code, "/verify/", "2d711642"):
        assert proof in letter.html_of(facts)
        assert proof not in draft
    marks = wording.of(language).files["draft"]
    assert f"<title>{marks['foot']}</title>" in draft
    assert marks["proof"] in draft
