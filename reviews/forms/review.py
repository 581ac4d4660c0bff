from decimal import Decimal

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reviews.forms.fields import paragraphs, radios
from reviews.models import Review, Score
from reviews.scoring import HALF_MARKS, must_explain

CANNOT_JUDGE = "none"


def mark_text(mark) -> str:
    """A mark as the form writes it: "3", "3.5"."""
    return f"{mark.normalize():f}"


# What a criterion's mark is chosen from.
MARKS = [
    *((mark_text(mark), mark_text(mark)) for mark in HALF_MARKS),
    (CANNOT_JUDGE, _("Cannot judge")),
]


class MarksForm(forms.Form):
    """Two fields a criterion: its mark and a comment."""

    def __init__(self, criteria, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.criteria = criteria
        label_of_comment = gettext("Comment: %(criterion)s")
        explained = " ".join(mark_text(mark) for mark in HALF_MARKS if must_explain(mark))
        for criterion in criteria:
            name = str(criterion)
            self.fields[f"mark-{criterion.code}"] = forms.ChoiceField(
                label=name,
                choices=MARKS,
                widget=forms.RadioSelect,
                required=False,
            )
            comment = paragraphs(Score, "comment", rows=2)
            # forms.js asks nothing before what is missing is said.
            comment.widget.attrs["data-explains"] = f"mark-{criterion.code}: {explained}"
            comment.label = label_of_comment % {"criterion": name}
            self.fields[f"comment-{criterion.code}"] = comment

    @property
    def rows(self):
        """Each criterion with its two fields, for the template."""
        return [
            {
                "criterion": criterion,
                "mark": self[f"mark-{criterion.code}"],
                "comment": self[f"comment-{criterion.code}"],
                "is_wrong": f"mark-{criterion.code}" in self.errors,
            }
            for criterion in self.criteria
        ]

    @property
    def scores(self) -> dict:
        """Criterion codes to what is valid of mark, cannot_judge and comment, for the action."""
        given: dict = {}
        for criterion in self.criteria:
            line: dict = {}
            if self._was_sent(name := f"mark-{criterion.code}"):
                mark = self.cleaned_data[name]
                line["cannot_judge"] = mark == CANNOT_JUDGE
                line["mark"] = Decimal(mark) if mark not in ("", CANNOT_JUDGE) else None
            if self._was_sent(name := f"comment-{criterion.code}"):
                line["comment"] = self.cleaned_data[name]
            if line:
                given[criterion.code] = line
        return given

    def _was_sent(self, name) -> bool:
        """A text that is missing from the request was not emptied by anybody.

        Of radio buttons a browser sends nothing while none is chosen.
        """
        if name not in self.cleaned_data:
            return False
        is_text = isinstance(self.fields[name].widget, forms.Textarea)
        return name in self.data or not is_text


class ReviewForm(MarksForm):
    """A review: two fields a criterion, then what is said of the whole letter.

    `reopened` adds the reason for changing marks that had been filed, `nameless` the question
    whether the reviewer knows the team all the same.
    """

    major_strengths = paragraphs(Review, "major_strengths", rows=3)
    strengths = paragraphs(Review, "strengths", rows=3)
    major_weaknesses = paragraphs(Review, "major_weaknesses", rows=3)
    weaknesses = paragraphs(Review, "weaknesses", rows=3)
    comment_to_applicant = paragraphs(Review, "comment_to_applicant", rows=4)
    confidential_comment = paragraphs(Review, "confidential_comment", rows=3)
    risk = radios(Review, "risk")
    recommendation = radios(Review, "recommendation")
    confidence = radios(Review, "confidence")
    recognised = radios(Review, "recognised")
    change_reason = paragraphs(Review, "change_reason", rows=2)
    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    WORDS = (
        *("major_strengths", "strengths", "major_weaknesses", "weaknesses"),
        *("comment_to_applicant", "confidential_comment"),
    )
    CHOICES = ("risk", "recommendation", "confidence", "recognised")
    LABELS = {"strengths": _("Minor strengths"), "weaknesses": _("Minor weaknesses")}
    HELP = {
        "major_strengths": _("What would decide for the project. One point a line."),
        "strengths": _("What also speaks for it. At least one strength of either kind."),
        "major_weaknesses": _("What would decide against it. One point a line."),
        "weaknesses": _("What could be better. At least one weakness of either kind."),
        "comment_to_applicant": _(
            "May be sent to the agency with the decision. Write it so that it does not show who you"
            " are."
        ),
        "confidential_comment": _("Read by the panel only, never by the agency."),
        "change_reason": _(
            "Needed if a mark differs from what you had filed. The other reviewers of this letter"
            " and the chair see both marks and this reason."
        ),
    }

    use_required_attribute = False

    def __init__(self, criteria, *args, reopened=False, nameless=False, **kwargs):
        super().__init__(criteria, *args, **kwargs)
        if not nameless:
            del self.fields["recognised"]
        if not reopened:
            del self.fields["change_reason"]
        for name, field in self.fields.items():
            field.label = self.LABELS.get(name, field.label)
            field.help_text = self.HELP.get(name, "")
        for name in ("strengths", "weaknesses"):
            # One of the two must say something: see `when-complete` in forms.js.
            for either in (name, f"major_{name}"):
                self.fields[either].widget.attrs["data-one-of"] = name
        # As on the page, so that a list of errors leads down it.
        self.order_fields([n for n in self.fields if n.startswith(("mark-", "comment-"))])

    @property
    def words(self):
        return [self[name] for name in self.WORDS]

    @property
    def choices(self):
        return [self[name] for name in self.CHOICES if name in self.fields]

    @property
    def why_changed(self):
        """The reason for other marks, or None where nothing was filed before."""
        return self["change_reason"] if "change_reason" in self.fields else None

    @property
    def changes(self) -> dict:
        """The valid fields of the review that were sent, as the action takes them."""
        names = (*self.WORDS, *self.CHOICES, "change_reason")
        return {name: self.cleaned_data[name] for name in names if self._was_sent(name)}


def review_values(review, criteria, *, nameless=False) -> dict:
    """What is saved, under the form's own names; the empty form where there is no review yet."""
    values = {name: getattr(review, name, "") for name in (*ReviewForm.WORDS, *ReviewForm.CHOICES)}
    if not nameless:
        del values["recognised"]
    values["revision"] = review.revision if review else 0
    if review and review.is_reopened:
        values["change_reason"] = review.change_reason
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
