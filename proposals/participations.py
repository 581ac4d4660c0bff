"""Where each partner organisation of a letter stands: asked, confirmed, or not.

A row and a question belong together by the row's id, and only as long as the organisation is still
called what it was called in the mail: an answer of one organisation is never shown for another.
An answer is about the share of the work it was given for; another share needs another answer.
"""

from dataclasses import dataclass

from proposals.models import Participation
from proposals.states import Answer

# The partner answered, and its share was changed afterwards.
OUTDATED = "OUTDATED"


@dataclass(frozen=True)
class Standing:
    """One row of the letter's partners, and the last question about it, if one still stands."""

    row: dict
    question: Participation | None

    @property
    def organisation(self) -> str:
        return self.row["name"]

    @property
    def state(self) -> str:
        """ "" if nobody was asked, `OUTDATED` if it was about another share, else an `Answer`."""
        if self.question is None:
            return ""
        if self.question.answered_at and self.question.answered_share != share_of(self.row):
            return OUTDATED
        return self.question.answer

    @property
    def filed_answer(self) -> str:
        return Answer.AWAITED if self.state == OUTDATED else self.state


def share_of(row) -> str:
    return row.get("share", "")


def rows_of(letter) -> list[dict]:
    """The partner organisations that can be asked; a letter from before rows has none."""
    return letter.partners if isinstance(letter.partners, list) else []


def row_of(letter, row_id) -> dict | None:
    return next((row for row in rows_of(letter) if row["id"] == row_id), None)


def stands(question, row) -> bool:
    """Whether a question is still about this row."""
    return (
        row is not None
        and question.answer != Answer.TAKEN_BACK
        and question.organisation == row["name"]
    )


def standing_of(question) -> Standing:
    """The same for a question that stands."""
    return Standing(row_of(question.letter, question.row), question)


def standings(letter) -> list[Standing]:
    """Every partner of the working copy in its order; one query."""
    last = {question.row: question for question in letter.participations.all()}
    found = []
    for row in rows_of(letter):
        question = last.get(row["id"])
        found.append(Standing(row, question if question and stands(question, row) else None))
    return found


def as_filed(letter) -> list[dict]:
    """What a filed version says of its partners' answers, in the order of the rows."""
    return [
        {
            "row": one.row["id"],
            "organisation": one.organisation,
            "answer": one.filed_answer,
            "answered_by": "" if one.state == OUTDATED else one.question.answered_name,
        }
        for one in standings(letter)
        if one.question
    ]
