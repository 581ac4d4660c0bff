"""What was decided in a round, as a table: the header, and the rows one at a time."""

from django.utils.translation import gettext as _

from decisions.models import Decision
from decisions.portfolio_input import POWER
from decisions.querysets import letters_barred_to
from decisions.rounds import decisions_of, plain


def table(user, call_round) -> tuple:
    """For whoever `permissions.can(user, "see", ...)`; letters in conflict are not among them."""
    barred = letters_barred_to(user)
    decisions = (
        Decision.objects.visible_to(user)
        .filter(pk__in=decisions_of(call_round, barred).values("pk"))
        .select_related("letter__agency", "merged_with")
        .order_by("letter__reference")
    )
    hidden = set(barred.values_list("letter", flat=True))
    return _header(), (_row(one, hidden) for one in decisions.iterator(chunk_size=200))


def scenario_table(bench) -> tuple:
    """Every candidate of a scenario with its figures, those in the set first."""
    header = [
        *(_("Reference"), _("Title"), _("Agency"), _("Level"), _("In the set")),
        *(_("Merit"), _("Counts as scored"), _("Mass stated, kg"), _("Mass with margin, kg")),
        *(_("Average power, W"), _("Share of draws, %"), _("Pinned"), _("Cannot fly")),
    ]
    cards = sorted(bench.cards, key=lambda card: (not card.inside, -card.merit, card.key))
    return header, (_card(card) for card in cards)


def _card(card) -> list:
    pin = card.pin
    return [
        card.key,
        " + ".join(letter.title for letter in card.letters),
        " + ".join(letter.agency.name for letter in card.letters),
        card.level,
        _("yes") if card.inside else _("no"),
        card.merit,
        _("yes") if card.as_scored else "",
        card.data.get("mass", ""),
        plain(card.mass),
        card.data.get("uses", {}).get(POWER, ""),
        "" if card.percent is None else card.percent,
        "" if pin is None else f"{_('in') if pin['inside'] else _('out')}: {pin['reason']}",
        card.out_because,
    ]


def _header() -> list[str]:
    return [
        *(_("Reference"), _("Title"), _("Agency"), _("Level"), _("Outcome"), _("Reason")),
        *(_("Strengths"), _("Weaknesses"), _("Conditions"), _("Merged with")),
        *(_("Reserve rank"), _("Reserve valid until"), _("Mass allocated, kg")),
        *(_("Version"), _("Decided, UTC")),
    ]


def _row(decision, hidden) -> list:
    letter, lead = decision.letter, decision.merged_with
    return [
        letter.reference,
        letter.title,
        letter.agency.name,
        letter.get_level_display(),
        decision.get_outcome_display(),
        decision.reason,
        decision.strengths,
        decision.weaknesses,
        "\n".join(_condition(*pair) for pair in enumerate(decision.conditions, 1)),
        lead.reference if lead and lead.pk not in hidden else "",
        None if hidden else decision.reserve_rank,
        decision.reserve_until or "",
        plain(decision.mass_kg),
        decision.version,
        decision.decided_at,
    ]


def _condition(number, condition) -> str:
    due = f" ({condition['due']})" if condition.get("due") else ""
    return f"{number}. {condition['text']}{due}"
