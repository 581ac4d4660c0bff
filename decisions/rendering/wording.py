"""What a decision letter says: sentences from one file a language, filled with its facts.

The files in letter_assets/wording are made for translators: every key in every language, and
nothing else. Numbers have Western digits in all six languages, in Arabic too, because references,
codes and marks are compared digit by digit with the other language and with the portal.
"""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from string import Template

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from decisions.rendering.facts import Texts

_FOLDER = Path(__file__).resolve().parent.parent / "letter_assets" / "wording"
# Day before month, as in every other language of the letters.
_LOCALES = {"en": "en_GB", "zh-hans": "zh_Hans"}
LANGUAGES = ("en", "zh-hans", "fr", "ru", "es", "ar")
OUTCOMES = (
    "SHORTLISTED",
    "NOT_SHORTLISTED",
    "SELECTED",
    "CONDITIONAL",
    "MERGED",
    "RESERVE",
    "NOT_SELECTED",
    "INELIGIBLE",
)
FIRST_ROUND = {"SHORTLISTED", "NOT_SHORTLISTED"}

# Before the name of a placeholder that stands within quotation marks.
_QUOTED = "quoted_"

# Between these a reader's software orders a text by itself, whatever stands around it.
_ISOLATE, _END = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"


@dataclass(frozen=True)
class Words:
    """All fixed texts of one language."""

    language: str
    locale: Locale
    files: dict

    @property
    def is_rtl(self) -> bool:
        return self.locale.text_direction == "rtl"

    def word(self, key: str) -> str:
        """A text without anything to fill in."""
        return self.files["letter"][key]

    def say(self, key: str, **values) -> str:
        return self.fill(self.files["letter"][key], **values)

    def counted(self, key: str, count: int, **values) -> str:
        """The sentence in the plural form that this language has for `count`."""
        forms = self.files[key]
        form = forms.get(self.locale.plural_form(count)) or forms["other"]
        return self.fill(form, count=count, **values)

    def fill(self, text: str, /, **values) -> str:
        """Put the values into `${...}`, each in a direction of its own where directions mix.

        Within quotation marks a value has its own as those of the second level: „ “ inside « ».
        Raises KeyError for a name that has no value.
        """
        outer, closes = self.word("quotes")[:2]
        quoted = re.compile(f"{outer}[^{outer}{closes}]*{closes}")
        text = quoted.sub(lambda found: found[0].replace("${", f"${{{_QUOTED}"), text)
        shown = {name: self.isolated(str(value)) for name, value in values.items()}
        inside = {
            f"{_QUOTED}{name}": self.isolated(self._inside_quotes(str(value)))
            for name, value in values.items()
        }
        return Template(text).substitute(shown | inside)

    def _inside_quotes(self, value: str) -> str:
        outer, inner = self.word("quotes")[:2], self.word("quotes")[2:]
        if self.language == "fr":  # only « » keep a space
            value = re.sub(r"(?<=«)\s|\s(?=»)", "", value)
        return value.translate(str.maketrans(outer, inner))

    def isolated(self, value: str) -> str:
        """The value so that it keeps its own order of characters within this language.

        A bare number needs no help, and beside a percent sign it must not have any.
        """
        mixed = self.is_rtl or reads_right_to_left(value)
        if mixed and value.strip("0123456789.,"):
            return f"{_ISOLATE}{value}{_END}"
        return value

    def sentences(self, *said: str) -> str:
        return self.word("between_sentences").join(said)

    def long_date(self, date) -> str:
        """A date as people write it: "30 September 2024"."""
        return format_date(date, self.word("date_format"), locale=self.locale)

    def month(self, date) -> str:
        """A month as it stands by itself: "September 2024"."""
        return format_date(date, self.files["results"]["month_format"], locale=self.locale)

    def number(self, number, places: int) -> str:
        """A number with so many places, rounded as at school: half goes up."""
        exact = Decimal(number).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        return format_decimal(exact, "0" + "." * bool(places) + "0" * places, locale=self.locale)

    def plain_number(self, number) -> str:
        """A number without useless zeros: 35, 4.5; empty if there is none."""
        if number is None:
            return ""
        return format_decimal(Decimal(number).normalize(), "0.###", locale=self.locale)


@cache
def of(language: str) -> Words:
    """The texts of one language; KeyError for one that has none."""
    if language not in LANGUAGES:
        raise KeyError(language)
    files = tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return Words(language, Locale.parse(_LOCALES.get(language, language)), files)


def reads_right_to_left(text: str) -> bool:
    """Whether the first letter that has a direction runs from right to left."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in {"R", "AL"}:
            return True
        if direction == "L":
            return False
    return False


# --- words that are facts, too ---


def word_of(outcome: str, language: str) -> str:
    """An outcome in a word or two."""
    return of(language).files["outcomes"][outcome]["word"]


def criterion(name: dict, code: str, language: str) -> str:
    """The name of a criterion: as the call has it, else from the files, else in English.

    The files know the default rubric. A criterion that somebody renamed is not in them.
    """
    default = of("en").files["criteria"].get(code)
    translated = of(language).files["criteria"].get(code) if name.get("en") == default else None
    return name.get(language) or translated or name.get("en", "")


def anchor(mark: int | None, language: str) -> str:
    """The word beside a whole mark, or that nobody could judge."""
    words = of(language)
    return words.word("cannot_judge") if mark is None else words.files["anchors"][str(mark)]


# --- sentences ---


def standard(outcome: str, language: str) -> Texts:
    """What the files say around the facts of such a letter: version 0 of its texts."""
    files = of(language).files
    said = files["outcomes"][outcome]
    return Texts(sentence=said["sentence"], steps=tuple(said["steps"]), **files["texts"])


def texts_of(facts) -> Texts:
    """The texts that were copied into the facts, or else the standard ones."""
    return facts.texts or standard(facts.outcome, facts.language)


def values_of(facts) -> dict[str, str]:
    """What can be filled into such a text, by the name of its placeholder."""
    return {
        "call": facts.call_title,
        "round": facts.round_name,
        "reference": facts.reference,
        "title": facts.title,
        "agency": facts.agency,
        "contact": facts.contact,
        "number": facts.letter_number,
        "project": facts.merged_with,
    }


def opening(facts) -> str:
    """The first sentence: what is answered."""
    return _filled(facts, texts_of(facts).opening)


def sentence(facts) -> str:
    """The decision in one sentence."""
    return _filled(facts, texts_of(facts).sentence)


def place_and_date(facts) -> str:
    """Where and when the letter was written."""
    words = of(facts.language)
    return words.say("place_and_date", place=facts.place, date=words.long_date(facts.date))


def partners(facts) -> str:
    """Name the partner organisations, or say nothing if there are none."""
    if not facts.organisations:
        return ""
    words = of(facts.language)
    names = words.word("between_names").join(map(words.isolated, facts.organisations))
    return Template(words.word("partners")).substitute(names=names)


def salutation(facts) -> str:
    """Greet the addressee, or everybody if nobody is named."""
    words = of(facts.language)
    return words.say("dear", name=facts.addressee) if facts.addressee else words.word("dear_all")


def context(facts) -> str:
    """Say what was answered and how the round went: one paragraph."""
    words = of(facts.language)
    chosen = "shortlisted" if facts.outcome in FIRST_ROUND else "selected"
    return words.sentences(
        opening(facts),
        words.counted("received", facts.letters_received),
        words.counted(chosen, facts.letters_selected, round=facts.round_name),
    )


def assessment(facts) -> str:
    """Say how the letter was assessed: one paragraph; nothing if it was not admitted."""
    if facts.outcome == "INELIGIBLE":
        return ""
    words = of(facts.language)
    said = [words.word("checked")]
    if facts.reviewers_count:
        said += [words.counted("reviewers", facts.reviewers_count), words.word("names_withheld")]
    if facts.criteria:
        said.append(words.word("marks_explained"))
    return words.sentences(*said)


def next_steps(facts) -> list[str]:
    """What happens next, one string a step."""
    words = of(facts.language)
    steps = [_filled(facts, step) for step in texts_of(facts).steps]
    if facts.outcome == "RESERVE" and facts.reserve_until:
        steps.insert(0, words.say("reserve_until", date=words.long_date(facts.reserve_until)))
    return steps


def redress(facts) -> str:
    """Say how to ask, how to contest the procedure, and until when."""
    return _filled(facts, texts_of(facts).redress)


def closing(facts) -> str:
    """The last words above the signature."""
    return _filled(facts, texts_of(facts).closing)


def _filled(facts, text: str) -> str:
    return of(facts.language).fill(text, **values_of(facts))
