"""The criteria and their weights: changed until the call closes, and frozen from then on."""

from django.db import transaction
from django.utils.translation import gettext as _

from audit import chain
from proposals import actions as letters_room
from reviews import rubrics
from reviews.actions.refusal import Refused, Stale
from reviews.models import Criterion, RubricSeal, RubricVersion

_FIELDS = ("name", "short_name", "question", "anchors", "weight", "threshold")


@transaction.atomic
def change_rubric(call, changes, *, revision, actor) -> RubricVersion:
    """Write `changes`, code to field to value, and keep the rubric that results as a version.

    `revision` is the number of the version one has seen, 0 where there is none yet. Raises `Stale`
    with the newest version if there is another by now, and `Refused` from the cutoff on, by the
    database's clock read after the locks, for weights that do not add up to 100, and KeyError for a
    criterion or field that does not exist. Without a difference nothing is written.
    """
    _opens_at, closes_at, at = letters_room.window(call)
    criteria = _lock(call)
    if at >= closes_at:
        raise Refused(
            _("The criteria are frozen since the call closed. Nothing was stored."),
            code="call_closed",
        )
    newest = rubrics.latest_of(call)
    if revision != (newest.number if newest else 0):
        raise Stale(newest)
    before = newest or _keep(call, criteria, number=1, actor=None, at=at)
    for code, values in changes.items():
        for name, value in values.items():
            if name not in _FIELDS:
                raise KeyError(name)
            setattr(criteria[code], name, value)
    said = rubrics.content_of(criteria.values())
    if (weight := rubrics.weight_of(said)) != rubrics.WHOLE:
        raise Refused(_("The weights add up to %(weight)s, not to 100.") % {"weight": weight})
    if rubrics.digest(said) == before.sha256:
        return before
    for criterion in criteria.values():
        criterion.save(update_fields=_FIELDS)
    made = _keep(call, criteria, number=before.number + 1, actor=actor, at=at)
    _log("rubric.changed", made, actor=actor, at=at)
    return made


def seal_rubric(call, *, at) -> RubricSeal | None:
    """Once the call is closed, put on record which rubric stood then; None before.

    Whatever comes first does it: the worker, or whoever scores or freezes.
    """
    return RubricSeal.objects.filter(call=call).first() or _seal(call, at=at)


def seal_rubrics(calls, *, at) -> int:
    """Freeze the rubrics of these calls that are due; returns how many were."""
    known = set(RubricSeal.objects.values_list("call", flat=True))
    due = calls.exclude(pk__in=known).filter(closes_at__lte=at)
    return sum(_seal(call, at=at) is not None for call in due)


def keep_first(call, *, at) -> None:
    """The rubric that came with a call, as its first version. For the action that announces it."""
    _log("rubric.announced", _keep(call, _lock(call), number=1, actor=None, at=at), at=at)


@transaction.atomic
def _seal(call, *, at) -> RubricSeal | None:
    # The call's share lock waits for an extension, and the rubric's own for a change.
    _opens_at, closes_at, now = letters_room.window(call)
    criteria = _lock(call)
    if sealed := RubricSeal.objects.filter(call=call).first():
        return sealed
    # The clock of a machine that is ahead must not freeze what may still be changed.
    at = min(at, now)
    if at < closes_at or not criteria:
        return None
    newest = rubrics.latest_of(call)
    if newest is None or newest.sha256 != rubrics.digest(rubrics.content_of(criteria.values())):
        number = newest.number + 1 if newest else 1
        newest = _keep(call, criteria, number=number, actor=None, at=at)
    _log("rubric.frozen", newest, at=at)
    return RubricSeal.objects.create(call=call, version=newest, sealed_at=at)


def _lock(call) -> dict[str, Criterion]:
    rows = Criterion.objects.filter(call=call).select_for_update().order_by("position", "pk")
    return {criterion.code: criterion for criterion in rows}


def _keep(call, criteria, *, number, actor, at) -> RubricVersion:
    said = rubrics.content_of(criteria.values())
    return RubricVersion.objects.create(
        call=call,
        number=number,
        content=said,
        sha256=rubrics.digest(said),
        made_at=at,
        made_by=actor,
    )


def _log(action, version, *, at, actor=None):
    chain.append(
        action,
        subject=f"call:{version.call_id}",
        actor=str(actor.pk) if actor else "",
        at=at,
        data={
            "version": version.number,
            "sha256": version.sha256,
            "weights": {line["code"]: line["weight"] for line in version.content},
        },
    )
