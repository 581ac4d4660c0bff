"""A discussion as its reader sees it: who says what, and what was marked and marked anew."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from reviews import apart, scoring
from reviews.models import Assignment, Contribution, MarkChange
from reviews.pseudonyms import pseudonym


@dataclass
class Said:
    """A contribution with the answers to it."""

    contribution: Contribution
    name: str
    is_own: bool
    answers: list["Said"] = field(default_factory=list)


class Names:
    """What the people around one letter are called on a page of `reader`.

    Reviewers meet under pseudonyms; the chair (`openly`) sees whose they are.
    """

    def __init__(self, call_round, letter, reader, *, openly):
        self._about, self._reader, self._openly = (call_round.pk, letter.pk), reader, openly
        given = Assignment.objects.filter(round=call_round, letter=letter)
        self._reviewers = set(given.values_list("reviewer", flat=True))

    def code_of(self, person) -> str:
        return pseudonym(*self._about, person.pk)

    def of(self, person) -> str:
        if person.pk == self._reader.pk:
            return _("You")
        is_reviewer = person.pk in self._reviewers
        if self._openly:
            return f"{person} ({self.code_of(person)})" if is_reviewer else str(person)
        if is_reviewer:
            return _("Reviewer %(code)s") % {"code": self.code_of(person)}
        return _("The chair")


def thread(call_round, letter, names: Names, reader) -> list[Said]:
    """The first contributions, oldest first, each with its answers, oldest first."""
    said: dict = {}
    for one in Contribution.objects.filter(round=call_round, letter=letter).select_related(
        "author"
    ):
        said[one.pk] = Said(one, names.of(one.author), one.author_id == reader.pk)
    for line in said.values():
        if line.contribution.answers_id:
            said[line.contribution.answers_id].answers.append(line)
    return [line for line in said.values() if not line.contribution.answers_id]


def columns(reviews, criteria, names: Names, reader) -> list[dict]:
    """The filed reviews as columns of a table: one's own first, the others in no order of theirs.

    `reviews` come with their scores and their assignment's reviewer. `changes` are the marks that
    were other ones when they were filed first: criterion id to the last `MarkChange`.
    """
    weights = {criterion.code: criterion.weight for criterion in criteria}
    codes = {criterion.pk: criterion.code for criterion in criteria}
    changed: dict = {}
    for change in MarkChange.objects.filter(review__in=[r.pk for r in reviews]).select_related(
        "criterion"
    ):
        changed.setdefault(change.review_id, []).append(change)
    found = []
    for review in reviews:
        person = review.assignment.reviewer
        scores = {score.criterion_id: score for score in review.scores.all()}
        marks = {code: scores[pk].mark if pk in scores else None for pk, code in codes.items()}
        found.append(
            {
                "review": review,
                "name": names.of(person),
                "code": names.code_of(person),
                "is_own": person.pk == reader.pk,
                "marks": marks,
                "lines": [{"criterion": c, "score": scores.get(c.pk)} for c in criteria],
                "total": scoring.weighted_total(marks, weights),
                "changes": changed.get(review.pk, []),
            }
        )
    return sorted(found, key=lambda column: (not column["is_own"], column["code"]))


def table(columns, criteria) -> dict:
    """Criteria by reviewers: rows with a cell a column, and where the reviews lie apart."""
    weights = {criterion.code: criterion.weight for criterion in criteria}
    found = apart.of([column["marks"] for column in columns], weights)
    rows = []
    for criterion in criteria:
        cells = []
        for column in columns:
            score = next(x["score"] for x in column["lines"] if x["criterion"] is criterion)
            changes = [c for c in column["changes"] if c.criterion_id == criterion.pk]
            cells.append({"score": score, "changes": changes})
        rows.append(
            {"criterion": criterion, "cells": cells, "apart": criterion.code in found.codes}
        )
    return {"rows": rows, "apart": found}
