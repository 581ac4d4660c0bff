"""Everything a decision letter says, frozen: the letter knows no other source."""

import datetime
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class CriterionLine:
    """One row of the table of marks, already in the letter's language.

    `mean` is 0-5, or None if no reviewer could judge; `anchor` is the word beside it.
    """

    name: str
    weight_percent: int
    mean: Decimal | None
    anchor: str


@dataclass(frozen=True)
class Condition:
    """What must be met before a conditional selection is final, and by when."""

    text: str
    due: datetime.date | None = None


@dataclass(frozen=True)
class Joined:
    """Another letter that becomes part of the project: who leads it, and its title."""

    agency: str
    title: str


@dataclass(frozen=True)
class Texts:
    """The words around the facts that publishers may edit, with `${name}` where one is filled in.

    `version` is that of the approved template; 0 is the standard wording of the files.
    """

    opening: str
    sentence: str
    steps: tuple[str, ...]
    redress: str
    closing: str
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class LetterFacts:
    """The content of one letter in one language.

    Names, titles and words (`level`, `round_name`, criteria) come in the letter's language;
    texts keep their line breaks, each becomes a paragraph. `date` is printed on the letter and
    is also the date in the PDF's metadata, so that a second rendering gives the same bytes.
    """

    language: str  # one of wording.LANGUAGES
    letterhead: str
    office: str
    place: str
    date: datetime.date
    letter_number: str  # "CE8-2023-0001/F/1/en"

    reference: str
    title: str
    title_zh: str = ""
    agency: str
    country: str
    organisations: tuple[str, ...] = ()  # partners, without the lead agency
    addressee: str = ""
    addressee_position: str = ""

    call_title: str
    round_name: str
    letters_received: int
    letters_selected: int  # shortlisted in the first round, selected in the second

    outcome: str  # a key of wording.OUTCOMES
    reason: str = ""
    conditions: tuple[Condition, ...] = ()
    merged_with: str = ""
    led_by: str = (
        ""  # whose project it is merged with; none in facts from before letters told of it
    )
    joined_by: tuple[Joined, ...] = ()  # none in facts from before letters told of it
    reserve_rank: int | None = None
    reserve_until: datetime.date | None = None
    level: str = ""
    mass_allocated_kg: Decimal | None = None

    reviewers_count: int = 0
    criteria: tuple[CriterionLine, ...] = ()
    total: Decimal | None = None  # 0-100
    strengths: str = ""
    weaknesses: str = ""

    contact: str
    signatory: str
    signatory_position: str
    verification_code: str
    verification_address: str
    sha256_of_decision: str

    texts: Texts | None = None  # None in facts from before texts were copied: the standard wording
