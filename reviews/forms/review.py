from decimal import Decimal

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reviews.forms.fields import area, radios
from reviews.models import Review, Score
from reviews.scoring import HALF_MARKS

CANNOT_JUDGE = "none"


class ReviewForm(forms.Form):
    """A review: two fields a criterion, then what is said of the whole letter."""

    strengths = area(Review, "strengths", rows=4)
    weaknesses = area(Review, "weaknesses", rows=4)
    comment_to_applicant = area(Review, "comment_to_applicant", rows=4)
    confidential_comment = area(Review, "confidential_comment", rows=3)
    risk = radios(Review, "risk")
    recommendation = radios(Review, "recommendation")
    confidence = radios(Review, "confidence")
    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    WORDS = ("strengths", "weaknesses", "comment_to_applicant", "confidential_comment")
    CHOICES = ("risk", "recommendation", "confidence")
    HELP = {
        "strengths": _("What speaks for the project. At least one."),
        "weaknesses": _("What speaks against it. At least one."),
        "comment_to_applicant": _(
            "May be sent to the agency with the decision. Write it so that it does not show who you"
            " are."
        ),
        "confidential_comment": _("Read by the panel only, never by the agency."),
    }

    def __init__(self, criteria, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.criteria = criteria
        for name, text in self.HELP.items():
            self.fields[name].help_text = text
        for criterion in criteria:
            self.fields[f"mark-{criterion.code}"] = forms.ChoiceField(
                label=str(criterion),
                choices=[
                    *((mark_text(mark), mark_text(mark)) for mark in HALF_MARKS),
                    (CANNOT_JUDGE, _("Cannot judge")),
                ],
                widget=forms.RadioSelect,
                required=False,
            )
            comment = area(Score, "comment", rows=2)
            comment.label = gettext("Comment: %(criterion)s") % {"criterion": criterion}
            self.fields[f"comment-{criterion.code}"] = comment
        # As on the page, so that a list of errors leads down it.
        self.order_fields([n for n in self.fields if n.startswith(("mark-", "comment-"))])

    @property
    def rows(self):
        """Each criterion with its two fields, for the template."""
        return [
            {
                "criterion": criterion,
                "mark": self[f"mark-{criterion.code}"],
                "comment": self[f"comment-{criterion.code}"],
            }
            for criterion in self.criteria
        ]

    @property
    def words(self):
        return [self[name] for name in self.WORDS]

    @property
    def choices(self):
        return [self[name] for name in self.CHOICES]

    @property
    def changes(self) -> dict:
        """Fields of the review, as the action takes them."""
        return {name: self.cleaned_data[name] for name in (*self.WORDS, *self.CHOICES)}

    @property
    def scores(self) -> dict:
        """Criterion codes to mark, cannot_judge and comment, as the action takes them."""
        given = {}
        for criterion in self.criteria:
            mark = self.cleaned_data[f"mark-{criterion.code}"]
            given[criterion.code] = {
                "mark": Decimal(mark) if mark not in ("", CANNOT_JUDGE) else None,
                "cannot_judge": mark == CANNOT_JUDGE,
                "comment": self.cleaned_data[f"comment-{criterion.code}"],
            }
        return given


def mark_text(mark) -> str:
    """A mark as the form writes it: "3", "3.5"."""
    return f"{mark.normalize():f}"


def review_values(review, criteria) -> dict:
    """What is saved, under the form's own names; the empty form where there is no review yet."""
    values = {name: getattr(review, name, "") for name in (*ReviewForm.WORDS, *ReviewForm.CHOICES)}
    values["revision"] = review.revision if review else 0
    scores = {s.criterion_id: s for s in review.scores.all()} if review else {}
    for criterion in criteria:
        score = scores.get(criterion.pk)
        mark = ""
        if score and score.cannot_judge:
            mark = CANNOT_JUDGE
        elif score and score.mark is not None:
            mark = mark_text(score.mark)
        values[f"mark-{criterion.code}"] = mark
        values[f"comment-{criterion.code}"] = score.comment if score else ""
    return values
