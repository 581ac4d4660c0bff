"""Which round of a call is meant."""

from proposals.models import Call, CallRound, LetterOfIntent


def named(call: Call | None, word: str) -> CallRound | None:
    """The call's round of this kind, "preliminary" or "final" in any letters; else None."""
    rounds = call.rounds.all() if call else ()
    return next((one for one in rounds if one.kind == word.upper()), None)


def latest(call: Call | None) -> CallRound | None:
    """The last round that letters have entered, the first one before that."""
    rounds = sorted(call.rounds.all(), key=lambda one: one.is_final) if call else []
    entered = [one for one in rounds if LetterOfIntent.objects.in_round(one).exists()]
    return next(iter([*reversed(entered), *rounds]), None)
