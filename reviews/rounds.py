"""Which round of a call is meant."""

from proposals.models import Call, CallRound, LetterOfIntent


def call_of(code: str) -> Call | None:
    """The call with this code; without one, the call that opened last: its rounds know that."""
    if code:
        return Call.objects.prefetch_related("rounds").filter(code=code).first()
    call = Call.objects.current()
    for one in call.rounds.all() if call else ():
        one.is_present = True
    return call


def named(call: Call | None, word: str) -> CallRound | None:
    """The call's round of this kind, "preliminary" or "final" in any letters; else None."""
    rounds = call.rounds.all() if call else ()
    return next((one for one in rounds if one.kind == word.upper()), None)


def latest(call: Call | None) -> CallRound | None:
    """The last round that letters have entered, the first one before that."""
    rounds = sorted(call.rounds.all(), key=lambda one: one.is_final) if call else []
    entered = [one for one in rounds if LetterOfIntent.objects.in_round(one).exists()]
    return next(iter([*reversed(entered), *rounds]), None)
