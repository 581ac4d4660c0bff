"""What a decision was before: its versions, and what one changed of the one before it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from decisions import rounds
from decisions.models import Decision, DecisionVersion
from decisions.states import Outcome

_LABELS = {
    "outcome": gettext_lazy("Outcome"),
    "merged_with": gettext_lazy("Merged with"),
    "reserve_rank": gettext_lazy("Reserve rank"),
    "reserve_until": gettext_lazy("Reserve valid until"),
    "mass_kg": gettext_lazy("Mass allotted"),
    "conditions": gettext_lazy("Conditions"),
    "reason": gettext_lazy("Reason"),
    "strengths": gettext_lazy("Strengths"),
    "weaknesses": gettext_lazy("Weaknesses"),
}


@dataclass(frozen=True)
class Step:
    """One version, and what it changed: (label, before, after) each, as people read it."""

    version: DecisionVersion
    changes: list[tuple[str, str, str]]


def content_of(decision) -> dict:
    """A decision as plain JSON values, from which `fields_of` gives the columns back."""
    lead = decision.merged_with
    return {
        "outcome": decision.outcome,
        "reason": decision.reason,
        "strengths": decision.strengths,
        "weaknesses": decision.weaknesses,
        "conditions": decision.conditions,
        "merged_with": {"id": str(lead.pk), "reference": lead.reference} if lead else None,
        "reserve_rank": decision.reserve_rank,
        "reserve_until": decision.reserve_until and decision.reserve_until.isoformat(),
        # One writing for one number, whether it was typed or read: "6.5", never "6.500".
        "mass_kg": rounds.plain(decision.mass_kg) or None,
        "salt": decision.salt,
    }


def without_salt(content) -> dict:
    """A content for somebody who may not know all of it, and could try the rest by its hash."""
    return {name: value for name, value in content.items() if name != "salt"}


def fields_of(content) -> dict:
    """The columns of a decision from the content of one of its versions."""
    lead, until, mass = (content[name] for name in ("merged_with", "reserve_until", "mass_kg"))
    return {name: value for name, value in content.items() if name != "merged_with"} | {
        "merged_with_id": lead and lead["id"],
        "reserve_until": until and date.fromisoformat(until),
        "mass_kg": None if mass is None else Decimal(mass),
    }


def steps(call_round, letter, hidden=frozenset()) -> list[Step]:
    """The whole history of a letter's decision in a round, newest first.

    `hidden` are ids of letters that the reader may not know of: whom the letter was to join is left
    out, and so are the ranks of a list on which one of them may stand.
    """
    rows = DecisionVersion.objects.filter(round=call_round, letter=letter).select_related("actor")
    found, before = [], None
    for row in rows.order_by("number"):
        after = row.content and _concealed(row.content, hidden)
        found.append(Step(row, changes(before, after)))
        before = after
    return found[::-1]


def changes(before, after) -> list[tuple[str, str, str]]:
    """What differs between two contents, either of which may be None: undecided."""
    return [
        (str(label), old, new)
        for name, label in _LABELS.items()
        if (old := _said(name, before)) != (new := _said(name, after))
    ]


def last_act(call_round, person):
    """The id of the last bulk decision of this person in the round, if it still stands."""
    mine = DecisionVersion.objects.filter(round=call_round, actor=person)
    newest = mine.filter(act__isnull=False).order_by("-pk").values_list("act", flat=True).first()
    if newest is None or DecisionVersion.objects.filter(undoes=newest).exists():
        return None
    return newest


def versions_of(act):
    """What one bulk decision wrote, a row a letter."""
    rows = DecisionVersion.objects.filter(act=act).select_related("letter__agency", "round")
    return rows.order_by("letter__reference")


def before(version) -> DecisionVersion | None:
    """The version that this one followed."""
    return DecisionVersion.objects.filter(
        round=version.round_id, letter=version.letter_id, number=version.number - 1
    ).first()


def number_after(call_round, letter) -> int:
    """The number of the next version; an undo counts as one."""
    known = DecisionVersion.objects.filter(round=call_round, letter=letter)
    last = known.order_by("-number").values_list("number", flat=True).first()
    return (last or 0) + 1


def conceal(decision: Decision, hidden) -> Decision:
    """The decision as somebody may read it who is in conflict with the letters `hidden`."""
    if decision.merged_with_id in hidden:
        decision.merged_with = None
    if hidden:
        # Ranks are counted among all letters: a gap would tell of the one left out.
        decision.reserve_rank = None
    return decision


def _concealed(content, hidden):
    lead = content["merged_with"]
    return {
        **content,
        "merged_with": None if lead and lead["id"] in {str(key) for key in hidden} else lead,
        "reserve_rank": None if hidden else content["reserve_rank"],
    }


def _said(name, content) -> str:
    value = content and content[name]
    if name == "outcome":
        return str(Outcome(value).label) if value else _("Not decided yet")
    if not value and value != 0:
        return ""
    match name:
        case "merged_with":
            return value["reference"]
        case "mass_kg":
            return f"{rounds.plain(value)} kg"
        case "reserve_until":
            return date_format(date.fromisoformat(value))
        case "conditions":
            return "\n".join(_condition(*pair) for pair in enumerate(value, 1))
    return str(value)


def _condition(number, condition) -> str:
    due = f" ({condition['due']})" if condition.get("due") else ""
    return f"{number}. {condition['text']}{due}"
