"""What the calls about reviews and the panel take and answer."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field

from proposals.states import AttachmentKind, Level, RoundKind
from reviews.models import ConflictCheck, Review, Score
from reviews.states import DECLARABLE, Degree, Recognised, Recommendation

NOT_BEGUN, DRAFT, SUBMITTED = "NOT_BEGUN", "DRAFT", "SUBMITTED"

Round = Annotated[
    Literal[tuple(RoundKind.values)],
    Field(description="Which round of the call.", examples=["PRELIMINARY"]),
]
ReviewStanding = Annotated[
    Literal[NOT_BEGUN, DRAFT, SUBMITTED],
    Field(description="Only what is SUBMITTED counts.", examples=[DRAFT]),
]
Points = Annotated[
    float | None,
    Field(description="Weighted, 0 to 100; null where nothing was judged.", examples=[78.5]),
]


def _limit(model, name) -> int:
    return model._meta.get_field(name).max_length


class LetterBrief(Schema):
    """What names a letter before its text opens."""

    id: UUID = Field(
        description="The letter's own id.", examples=["6f0f0a0e-1d2c-4a8e-9d6b-0a4f6a3c2b11"]
    )
    reference: str = Field(description="How people name it.", examples=["CE8-2023-0417"])
    title: str = Field(description="As filed, in English.", examples=["Dust sensor"])
    title_zh: str = Field(
        description="In Chinese; empty if there is none.", examples=["尘埃传感器"]
    )
    agency: str = Field(
        description="Who leads, in the language asked for; empty for a reviewer of a"
        " double-anonymous round.",
        examples=["Demo Space Agency"],
    )
    place: str = Field(
        description="Country or region, or “International organisation”; empty as above.",
        examples=["Peru"],
    )
    level: Literal[tuple(Level.values)] = Field(description="Cooperation level.", examples=["UNIT"])


class ConflictOut(Schema):
    """Your own answer to the question whether you have a conflict of interest with a letter."""

    answered: bool = Field(description="False until you answer.", examples=[True])
    conflicted: bool = Field(
        description="Whether a conflict bars you. Only the chair removes one.", examples=[False]
    )
    kind: Literal[("", *(value for value, _label in DECLARABLE), "COMPETING")] = Field(
        description="Of the conflict on record; empty if there is none.", examples=["EMPLOYER"]
    )
    note: str = Field(
        description="What you wrote about it.", examples=["I worked there until May."]
    )


class ConflictIn(Schema):
    """The answer. `conflicted: false` opens the letter; `true` ends the assignment."""

    model_config = ConfigDict(extra="forbid")

    conflicted: bool = Field(
        description="Whether anything a reasonable person would question binds you.",
        examples=[True],
    )
    kind: Literal[("", *(value for value, _label in DECLARABLE))] = Field(
        "", description="Needed with `conflicted: true`.", examples=["EMPLOYER"]
    )
    note: Annotated[str, Field(max_length=_limit(ConflictCheck, "note"))] = Field(
        "", description="For the chair, if you like.", examples=["I worked there until May."]
    )


class ScoreOut(Schema):
    mark: float | None = Field(description="0 to 5 in half steps; null for none.", examples=[4.5])
    cannot_judge: bool = Field(
        description="An answer of its own, and no number: the other criteria stand in its place.",
        examples=[False],
    )
    comment: str = Field(
        description="Needed with a mark of 2 or less, or of 5.", examples=["Proven in flight."]
    )


class ScoreIn(Schema):
    """What of a criterion you want to write; what you leave out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    mark: Annotated[float, Field(ge=0, le=5, multiple_of=0.5)] | None = Field(
        None, description="0 to 5 in half steps; null takes it away.", examples=[4.5]
    )
    cannot_judge: bool = Field(False, description="In place of a mark.", examples=[False])
    comment: Annotated[str, Field(max_length=_limit(Score, "comment"))] = Field(
        "", description="Needed with a mark of 2 or less, or of 5.", examples=["Proven in flight."]
    )


# Name of a text: (what it is, an example).
_TEXTS = {
    "major_strengths": ("What would decide for the project.", "A sensor nobody else has."),
    "strengths": ("What also speaks for it. One of either kind.", "A team that has flown before."),
    "major_weaknesses": ("What would decide against it.", "No funding for the flight model."),
    "weaknesses": ("What could be better. One of either kind.", "A tight schedule."),
    "comment_to_applicant": (
        "May be sent to the agency with the decision; must not show who you are.",
        "Please say how the sensor is calibrated.",
    ),
    "confidential_comment": ("For the panel alone, never the agency's.", "Compare CE8-2023-0007."),
    "change_reason": (
        "Needed after reopening if a mark differs from what you had filed.",
        "The agency's answer convinced me.",
    ),
}
_CHOICES = {
    "risk": (Degree, "How risky the project is.", "MEDIUM"),
    "recommendation": (Recommendation, "What you advise.", "SELECT"),
    "confidence": (Degree, "How sure you are.", "HIGH"),
    "recognised": (
        Recognised,
        "Whether you know whose the letter is: asked in a double-anonymous round.",
        "NO",
    ),
}


def _text(name):
    told, example = _TEXTS[name]
    return Field(description=told, examples=[example])


def _text_in(name):
    told, example = _TEXTS[name]
    return Field("", max_length=_limit(Review, name), description=told, examples=[example])


def _choice(name):
    _values, told, example = _CHOICES[name]
    return Field(description=told, examples=[example])


def _choice_in(name):
    _values, told, example = _CHOICES[name]
    return Field("", description=told, examples=[example])


_Degree = Literal[("", *Degree.values)]
_Recognised = Literal[("", *Recognised.values)]
_Advice = Literal[("", *Recommendation.values)]


class ReviewIn(Schema):
    """The answers to write; those left out stay as they are."""

    model_config = ConfigDict(extra="forbid")

    scores: dict[str, ScoreIn] = Field(
        {},
        description="By the criterion's code, as the call lists them.",
        examples=[{"science": {"mark": 4.5, "comment": "Well argued."}}],
    )
    major_strengths: str = _text_in("major_strengths")
    strengths: str = _text_in("strengths")
    major_weaknesses: str = _text_in("major_weaknesses")
    weaknesses: str = _text_in("weaknesses")
    comment_to_applicant: str = _text_in("comment_to_applicant")
    confidential_comment: str = _text_in("confidential_comment")
    change_reason: str = _text_in("change_reason")
    risk: _Degree = _choice_in("risk")
    recommendation: _Advice = _choice_in("recommendation")
    confidence: _Degree = _choice_in("confidence")
    recognised: _Recognised = _choice_in("recognised")


class ReviewHead(Schema):
    """One letter that you were given to review."""

    id: UUID = Field(
        description="Of the review; the page of the portal has the same.",
        examples=["0e1c1f9a-52a0-4bb1-9f7e-0b3a5c1d2e4f"],
    )
    round: Round
    letter: LetterBrief
    due_at: datetime = Field(
        description="The first instant that is too late.", examples=["2024-03-15T16:00:00Z"]
    )
    state: ReviewStanding
    revision: int = Field(
        description="Counts every save; what `If-Match` must name. 0 before the first.",
        examples=[7],
    )
    marked: int = Field(description="Criteria that are answered.", examples=[8])
    asked: bool = Field(
        description="Whether the conflict question is still open: answer it, then the text opens.",
        examples=[False],
    )
    closed: Literal["past_due", "frozen"] | None = Field(
        description="Why it cannot be written now; null while it can.", examples=["past_due"]
    )


class ReviewPage(Schema):
    items: list[ReviewHead] = Field(
        description="In an order that is your own and stays.", examples=[[]]
    )
    page: int = Field(description="Which one this is, from 1.", examples=[1])
    pages: int = Field(description="How many there are.", examples=[1])
    count: int = Field(description="Items on all pages.", examples=[7])


class ReviewOut(ReviewHead):
    """Your working copy."""

    updated_at: datetime | None = Field(
        description="The last save.", examples=["2024-03-01T09:12:44Z"]
    )
    submitted_at: datetime | None = Field(
        description="When it was filed last.", examples=["2024-03-02T10:00:00Z"]
    )
    reopened: bool = Field(
        description="Whether it was filed before and taken back.", examples=[False]
    )
    scores: dict[str, ScoreOut] = Field(
        description="By the code of each criterion of the call.",
        examples=[{"science": {"mark": 4.5, "cannot_judge": False, "comment": "Well argued."}}],
    )
    total: Points
    major_strengths: str = _text("major_strengths")
    strengths: str = _text("strengths")
    major_weaknesses: str = _text("major_weaknesses")
    weaknesses: str = _text("weaknesses")
    comment_to_applicant: str = _text("comment_to_applicant")
    confidential_comment: str = _text("confidential_comment")
    change_reason: str = _text("change_reason")
    risk: _Degree = _choice("risk")
    recommendation: _Advice = _choice("recommendation")
    confidence: _Degree = _choice("confidence")
    recognised: _Recognised = _choice("recognised")
    missing: list[str] | None = Field(
        description="What is still needed to submit; null before the first save.",
        examples=[["scores.science.mark", "recommendation"]],
    )


class AnswerOut(Schema):
    name: str = Field(description="Of the field.", examples=["goals"])
    label: str = Field(
        description="As the form asks, in the language asked for.", examples=["Goals"]
    )
    value: str = Field(
        description="What was filed, as text; a row a line.", examples=["A year of records."]
    )


class SectionOut(Schema):
    section: str = Field(description="Its letter, a to h.", examples=["c"])
    title: str = Field(description="What it is about.", examples=["Science and engineering"])
    answers: list[AnswerOut] = Field(description="What was answered.", examples=[[]])


class FileOut(Schema):
    kind: Literal[tuple(AttachmentKind.values)] = Field(
        description="What the file is.", examples=["LETTER"]
    )
    size: int | None = Field(
        description="Bytes; null in a double-anonymous round, where a copy comes.",
        examples=[482133],
    )
    pages: int = Field(description="0 for a picture.", examples=[4])
    address: str = Field(
        description="Where `GET` downloads it with this token.",
        examples=["/api/v1/reviews/0e1c1f9a-52a0-4bb1-9f7e-0b3a5c1d2e4f/files/letter"],
    )


class QuestionOut(Schema):
    question: str = Field(description="Of the panel.", examples=["How is it calibrated?"])
    asked_at: datetime = Field(description="When.", examples=["2024-02-01T08:00:00Z"])
    answer: str = Field(description="Of the agency; empty before it.", examples=["In flight."])
    answered_at: datetime | None = Field(description="When.", examples=["2024-02-09T08:00:00Z"])


class FigureOut(Schema):
    label: str = Field(description="Which figure.", examples=["Mass including adapters, kg"])
    letter: str = Field(description="In the letter; empty if not said.", examples=["6.5"])
    fuller: str = Field(description="In the fuller proposal.", examples=["7.25"])


class FullerOut(Schema):
    """The fuller proposal of the second round, as it was filed last."""

    version: int = Field(description="Its own count of versions.", examples=[1])
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = Field(
        description="Of what was filed, as on the receipt.", examples=["9f" * 32]
    )
    changes: str = Field(description="What changed since the letter.", examples=["Heavier."])
    figures: list[FigureOut] = Field(description="Those that either says.", examples=[[]])


class FiledLetter(Schema):
    """The letter as it was filed, without what only the chair may read."""

    version: int = Field(description="The version that counts.", examples=[2])
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = Field(
        description="Of what was filed, as on the receipt; null in a double-anonymous round.",
        examples=["9f" * 32],
    )
    sections: list[SectionOut] = Field(description="In the order of the form.", examples=[[]])
    files: list[FileOut] = Field(description="Those that may be handed out by now.", examples=[[]])
    fuller: FullerOut | None = Field(
        description="In the final round, where one is filed.", examples=[None]
    )
    questions: list[QuestionOut] = Field(
        description="What the panel asked the agency.", examples=[[]]
    )


class ReviewRead(ReviewOut):
    """Your working copy beside the letter."""

    filed: FiledLetter | None = Field(
        description="The letter; null if nothing of it was kept.", examples=[None]
    )


class ReviewerOut(Schema):
    id: UUID = Field(
        description="Of the person.", examples=["d5b2c1de-7a54-4b0e-8d55-0f9d2f6d4a10"]
    )
    name: str = Field(description="As she or he writes it.", examples=["Ana Nakara"])


class AssignmentOut(Schema):
    """Who reads what."""

    id: UUID = Field(
        description="Of the assignment, which is the review's as well.",
        examples=["0e1c1f9a-52a0-4bb1-9f7e-0b3a5c1d2e4f"],
    )
    round: Round
    letter: LetterBrief
    reviewer: ReviewerOut
    assigned_at: datetime = Field(description="When.", examples=["2024-01-10T09:00:00Z"])
    due_at: datetime = Field(
        description="The first instant that is too late.", examples=["2024-03-15T16:00:00Z"]
    )
    state: ReviewStanding


class AssignmentPage(Schema):
    round: Round
    items: list[AssignmentOut] = Field(
        description="Active ones, by the letter's reference.", examples=[[]]
    )
    page: int = Field(description="Which one this is, from 1.", examples=[1])
    pages: int = Field(description="How many there are.", examples=[1])
    count: int = Field(description="Items on all pages.", examples=[123])


class RankedOut(Schema):
    """A letter's standing. `docs/arithmetic.md` says how each figure is made."""

    letter: LetterBrief
    position: int | None = Field(
        description=(
            "Place by the total as scored, from 1; null, and last in order, where fewer than two"
            " reviews judged something."
        ),
        examples=[3],
    )
    total: Points
    corrected_position: int | None = Field(description="Place with severity removed.", examples=[4])
    corrected_total: float | None = Field(
        description="Total with severity removed; null below two reviews.", examples=[76.2]
    )
    standard_error: float | None = Field(
        description="Of the corrected total, in points.", examples=[2.9]
    )
    expected_rank: float | None = Field(description="Mean place over all draws.", examples=[4.4])
    rank_5: int | None = Field(description="Nine tenths of the draws lie from here …", examples=[2])
    rank_95: int | None = Field(description="… to here.", examples=[9])
    chance: float | None = Field(description="Of being among the best, 0 to 1.", examples=[0.86])
    reviews: int = Field(description="How many count.", examples=[3])
    means: dict[str, float | None] = Field(
        description="Mean mark by criterion, 0 to 5.", examples=[{"science": 4.33}]
    )
    spread: float | None = Field(
        description="Points between the highest and the lowest total.", examples=[21.0]
    )
    marks_apart: list[str] = Field(
        description="Criteria with marks 2 or more apart.", examples=[["feasibility"]]
    )
    flags: list[Literal["totals_apart", "below", "crosses", "disagreement", "hinges"]] = Field(
        description=(
            "Totals more than 20 apart; below a threshold; reviews on both sides of the passing"
            " total; further apart than chance explains; hangs on one reviewer."
        ),
        examples=[["totals_apart"]],
    )


class RankingOut(Schema):
    round: Round
    frozen_at: datetime | None = Field(
        description="Null while reviews come in.", examples=["2024-03-20T08:00:00Z"]
    )
    made_at: datetime | None = Field(
        description="When it was calculated; null before the first time.",
        examples=["2024-03-20T08:00:00Z"],
    )
    items: list[RankedOut] = Field(description="Best total as scored first.", examples=[[]])
    page: int = Field(description="Which one this is, from 1.", examples=[1])
    pages: int = Field(description="How many there are.", examples=[1])
    count: int = Field(description="Items on all pages.", examples=[41])
