"""From JSON to what the actions take, by the very forms that the pages use."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.bodies import refuse_unknown
from accounts.problems import invalid
from accounts.strict_json import Number
from reviews.api.schemas import ConflictIn, ReviewIn, ScoreIn
from reviews.api.written import path_of
from reviews.forms import (
    CANNOT_JUDGE,
    CONFLICT,
    NO_CONFLICT,
    ConflictAnswersForm,
    ReviewForm,
    mark_text,
    review_values,
    versions,
)
from reviews.scoring import HALF_MARKS

# Answers that not every review is asked for.
_NOT_ASKED = {
    "change_reason": gettext_lazy("This is asked once a review that was filed is open again."),
    "recognised": gettext_lazy("This is asked in a double-anonymous round only."),
}
ANSWERS, CONFLICT_ANSWER = set(ReviewIn.model_fields), set(ConflictIn.model_fields)


def review_in(sent: dict, review, criteria, *, nameless) -> tuple[dict, dict]:
    """Changes and scores for `actions.save_review`; with a fault anywhere, a 422 that names it.

    What was not sent stands as it is, and is not written.
    """
    typed, faults = {}, {}
    for name, value in sent.items():
        if name != "scores":
            _take(typed, faults, name, _text, value)
    lines = sent.get("scores", {})
    if not isinstance(lines, dict):
        raise invalid({"scores": [_("Give an object with the codes of criteria as names.")]})
    codes = {criterion.code for criterion in criteria}
    refuse_unknown([f"scores.{code}" for code in lines if code not in codes], known=())
    standing = review_values(review, criteria, nameless=nameless)
    for code, line in lines.items():
        _read_score(code, line, standing, typed, faults)
    form = ReviewForm(
        criteria,
        versions.sent(standing | typed),
        reopened="change_reason" in standing,
        nameless=nameless,
    )
    for name in typed.keys() - form.fields.keys():
        faults[name] = [_NOT_ASKED[name]]
    form.is_valid()
    faults = {path_of(name): list(said) for name, said in form.errors.items()} | faults
    if faults:
        raise invalid(faults)
    changes = {name: value for name, value in form.changes.items() if name in typed}
    return changes, {code: line for code, line in form.scores.items() if code in lines}


def answer_in(sent: dict, check) -> dict:
    """One letter's answer as `actions.answer_conflicts` takes it; a 422 names what is wrong."""
    if not isinstance(sent.get("conflicted"), bool):
        raise invalid({"conflicted": [_("Give true or false.")]})
    typed, faults = {}, {}
    for name in ("kind", "note"):
        _take(typed, faults, name, _text, sent.get(name, ""))
    key = check.letter_id
    data = {f"{name}-{key}": text for name, text in typed.items()}
    data[f"answer-{key}"] = CONFLICT if sent["conflicted"] else NO_CONFLICT
    form = ConflictAnswersForm([check], data)
    form.is_valid()
    faults = {name.partition("-")[0]: list(said) for name, said in form.errors.items()} | faults
    if faults:
        raise invalid(faults)
    return form.answers


def _read_score(code, line, standing, typed, faults):
    at = f"scores.{code}"
    if not isinstance(line, dict):
        faults[at] = [_("Give an object: mark, cannot_judge, comment.")]
        return
    refuse_unknown([f"{at}.{name}" for name in line if name not in ScoreIn.model_fields], known=())
    if "comment" in line:
        _take(typed, faults, f"comment-{code}", _text, line["comment"])
    name, cannot_judge = f"mark-{code}", line.get("cannot_judge", False)
    if not isinstance(cannot_judge, bool):
        faults[f"{at}.cannot_judge"] = [_("Give true or false.")]
    elif cannot_judge and line.get("mark") is not None:
        faults[f"{at}.mark"] = [_("Give a mark, or say that you cannot judge this; not both.")]
    elif cannot_judge:
        typed[name] = CANNOT_JUDGE
    elif "mark" in line:
        _take(typed, faults, name, _mark, line["mark"])
    elif "cannot_judge" in line and standing[name] == CANNOT_JUDGE:
        typed[name] = ""


def _take(typed, faults, name, read, value):
    try:
        typed[name] = read(value)
    except TypeError as fault:
        faults[path_of(name)] = [str(fault)]


def _text(value) -> str:
    if type(value) is not str:
        raise TypeError(_("Give a text."))
    return value


def _mark(value) -> str:
    """A mark as the form's choices write it."""
    if value is None:
        return ""
    if not isinstance(value, Number) or Decimal(value) not in HALF_MARKS:
        raise TypeError(_("Give a number from 0 to 5 in half steps, or null for none."))
    return mark_text(Decimal(value))
