"""What must be true before a release, as the publishers' page says it.

Each check is a sentence with its state, "done", "wait" or "fault"; those marked "before" must be
done before a round can be proposed.
"""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from decisions import decided_set, exceptions, letter_texts, mergers, rounds
from decisions.models import PortfolioAdoption
from decisions.states import ExceptionKind, PublicationState


def of(call_round, latest, barred) -> list[dict]:
    """The checks of a round whose latest publication is `latest`, without the letters `barred`."""
    decided = _decided_check(call_round, barred)
    cases = exceptions.of(call_round, barred)
    against = [case for case in cases if not case.is_granted]
    checks = [decided, _rules_check(against), _wording_check(call_round)]
    if not barred.exists():
        # A set less what is shown of it would be what is missing.
        all_decided = decided["state"] == "done"
        checks.append(set_check(call_round, cases, all_decided=all_decided))
    if call_round.is_final:
        checks += [
            _mass_check(call_round, barred, against),
            _projects_check(call_round, barred),
            _consents_check(call_round, barred),
        ]
        if not barred.exists():
            # Whoever does not see every rank cannot be told whether they are whole.
            checks.append(_ranks_check(call_round))
    return checks + _checks_of_proposal(latest)


def decisions_are_ready(checks) -> bool:
    """Whether nothing stands against proposing the round."""
    return all(check["state"] == "done" for check in checks if check.get("before"))


def _decided_check(call_round, barred) -> dict:
    undecided = rounds.undecided_in(call_round, barred).count()
    decided = rounds.decisions_of(call_round, barred).count()
    return {
        "state": "wait" if undecided or not decided else "done",
        "text": _("Every letter is decided: %(decided)s of %(all)s")
        % {"decided": decided, "all": decided + undecided},
        "before": True,
    }


def _rules_check(against) -> dict:
    what = "; ".join(case.what for case in against)
    return {
        "state": "fault" if against else "done",
        "text": _("Against the rules, without a reason and a second person: %(what)s")
        % {"what": what}
        if against
        else _("Nothing is against the rules, or a second person agreed"),
        "before": True,
    }


def set_check(call_round, cases, *, all_decided) -> dict:
    """How the decisions stand to the set that the panel adopted, or else to the signed rules."""
    adoption = (
        PortfolioAdoption.objects.filter(scenario__round=call_round)
        .select_related("scenario")
        .first()
    )
    apart = next((case for case in cases if case.kind == ExceptionKind.SET), None)
    if apart is not None:
        return {
            "state": "done" if apart.is_granted else "fault",
            "text": apart.what,
            "before": True,
        }
    if adoption is None:
        return _signed_check(call_round)
    if all_decided:
        state, text = "done", _("It is the set that the panel adopted, by its rules: “%(name)s”")
    else:
        state, text = "wait", _("The panel adopted the set “%(name)s”")
    return {"state": state, "text": text % {"name": adoption.scenario.name}, "before": True}


def _signed_check(call_round) -> dict:
    """Without an adopted set: which of the signed rules hold. Nothing waits for them."""
    signed = decided_set.signed_in(call_round)
    words = [
        _("“%(name)s” does not hold: %(broken)s")
        % {"name": kept.name, "broken": ", ".join(kept.broken)}
        if kept.broken
        else _("“%(name)s” holds") % {"name": kept.name}
        for kept in signed
    ]
    text = _("The panel adopted no set")
    if words:
        text = _("The panel adopted no set. Of the signed rules: %(rules)s") % {
            "rules": "; ".join(words)
        }
    holds = not signed or any(not kept.broken for kept in signed)
    return {"state": "done" if holds else "wait", "text": text}


def _wording_check(call_round) -> dict:
    waiting, changed = letter_texts.open_in(call_round), len(letter_texts.approved_in(call_round))
    if waiting:
        text = _("A proposed wording of letters waits for an answer: %(which)s") % {
            "which": "; ".join(waiting)
        }
    elif changed:
        text = ngettext(
            "The letters' wording: %(count)s text differs from the standard, approved by two",
            "The letters' wording: %(count)s texts differ from the standard, approved by two",
            changed,
        ) % {"count": changed}
    else:
        text = _("The letters' wording: standard")
    return {"state": "wait" if waiting else "done", "text": text, "before": True}


def _mass_check(call_round, barred, against) -> dict:
    mass = rounds.mass_on_the_lander(call_round, barred)
    limit = call_round.call.lander_mass_kg
    granted = not barred.exists() and not against
    return {
        "state": "fault" if mass > limit and not granted else "done",
        "text": _("The lander can carry it: %(mass)s of %(limit)s kg")
        % {"mass": rounds.plain(mass), "limit": rounds.plain(limit)},
        "before": True,
    }


def _projects_check(call_round, barred) -> dict:
    loose = rounds.loose_merges(call_round, barred).select_related("letter")
    names = ", ".join(decision.letter.reference for decision in loose)
    return {
        "state": "fault" if names else "done",
        "text": _("Merged with a project that is not selected: %(letters)s") % {"letters": names}
        if names
        else _("Every merged letter has a selected project to join"),
        "before": True,
    }


def _consents_check(call_round, barred) -> dict:
    waiting = mergers.waiting(call_round, barred)
    return {
        "state": "wait" if waiting else "done",
        "text": _("Consent of lead agencies to a merger is missing: %(missing)s")
        % {"missing": "; ".join(waiting)}
        if waiting
        else _("Every merger has the consent of its lead agencies"),
        "before": True,
    }


def _ranks_check(call_round) -> dict:
    whole = rounds.reserve_is_whole(call_round)
    return {
        "state": "done" if whole else "fault",
        "text": _("The reserve list has the ranks 1, 2, 3 and so on, each once, none expired")
        if whole
        else _("The reserve list has a gap, or a place on it has expired"),
        "before": True,
    }


def _checks_of_proposal(latest) -> list[dict]:
    """How far the proposal is, if there is one that is not void."""
    live = latest is not None and latest.state != PublicationState.VOID
    rendering = rounds.rendering_of(latest) if live else {"all": 0, "ready": 0, "failed": 0}
    rendered = live and rendering["ready"] == rendering["all"]
    return [
        {
            "state": "done" if live else "wait",
            "text": _("Proposed by %(name)s") % {"name": latest.proposed_by}
            if live
            else _("Proposed by one publisher"),
        },
        {
            "state": "fault" if rendering["failed"] else "done" if rendered else "wait",
            # The number that grows stands in the bar below.
            "text": _("Every letter is rendered: %(ready)s of %(all)s") % rendering
            if rendered
            else _("Every letter is rendered"),
        },
        {
            "state": "done" if rendered else "wait",
            "text": _("The text of every file was read back and compared with its decision"),
        },
        {
            "state": "done" if live else "wait",
            "text": _("The results page, the letters and the text for the press count the same"),
        },
        {
            "state": "done" if live and latest.is_released else "wait",
            "text": _("Released by %(name)s") % {"name": latest.released_by}
            if live and latest.is_released
            else _("Released by another publisher"),
        },
    ]
