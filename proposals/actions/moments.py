"""The first lines of every action: lock the row, read the clock, ask whether it may be."""

from django.db import connection
from django.utils.translation import gettext as _

from chang_e8_portal import clock
from proposals.actions.refusal import Refused
from proposals.models import LetterOfIntent
from proposals.states import LetterState, RoundKind


def ensure_open(call) -> None:
    """Raise `Refused` if nothing can be written to this call's letters right now."""
    open_moment(call)


def ensure_draft(letter) -> None:
    """Raise `Refused` if this letter's working copy cannot be changed right now."""
    draft_moment(letter)


def lock(letter) -> LetterOfIntent:
    """The letter's row, held until the end of the transaction.

    Against other writers of it, not against rows that refer to it: their keys are checked at
    commit, when they hold the audit chain, which whoever holds this row may be waiting for.
    """
    rows = LetterOfIntent.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("call", "agency").get(pk=letter.pk)


def open_moment(call):
    """The moment of this write by the database's clock, or `Refused` outside the window."""
    opens_at, closes_at, at = window(call)
    if at < opens_at:
        raise Refused(_("This call is not open yet."), code="call_not_open")
    if at >= closes_at:
        raise Refused(
            _("This call closed at the cutoff and accepts no changes. Nothing was stored."),
            code="call_closed",
        )
    return at


def draft_moment(letter):
    """The moment of this write to the working copy, or `Refused`.

    The call is asked first: once it is closed, "reopen it" would be bad advice.
    """
    at = open_moment(letter.call)
    if letter.is_editable:
        return at
    if letter.state == LetterState.WITHDRAWN:
        raise Refused(
            _("This letter is withdrawn. Take it up again before you change it."), code="withdrawn"
        )
    raise Refused(
        _("This letter is filed. Reopen it before you change it; nothing was stored."),
        code="submitted",
    )


def ensure_fuller(letter) -> None:
    """Raise `Refused` if this letter's fuller proposal cannot be written right now."""
    fuller_moment(letter)


def fuller_moment(letter):
    """The moment of this write to the fuller proposal, or `Refused`.

    For a letter that its agency knows to be on the shortlist. Half-open like the call's window: the
    due instant is too late, by the database's clock read after the share lock of the round, for
    which whoever moves the due date waits.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proposals_due_at FROM proposals_callround WHERE call_id = %s AND kind = %s"
            " FOR SHARE",
            [letter.call_id, RoundKind.FINAL],
        )
        [due_at] = cursor.fetchone() or [None]
    at = clock.database_now()
    if letter.state == LetterState.WITHDRAWN:
        raise Refused(
            _("This letter is withdrawn, so nothing is filed for it any more."), code="withdrawn"
        )
    if letter.state != LetterState.SHORTLISTED or due_at is None:
        raise Refused(
            _("No fuller proposal is asked for this letter. Nothing was stored."),
            code="not_asked",
        )
    if at >= due_at:
        raise Refused(
            _("The fuller proposals were due before this. Nothing was stored."), code="too_late"
        )
    return at


def window(call):
    """First and last instant of the call and the present moment, behind a share lock of the call.

    The lock makes the sealer wait for us and us for the sealer; the clock is read after it. Time
    does not go back behind the seal: should the database's clock be set back, a call whose letters
    were counted stays closed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT opens_at, closes_at,"
            " (SELECT sealed_at FROM proposals_callseal seal WHERE seal.call_id = call.id)"
            " FROM proposals_call call WHERE id = %s FOR SHARE OF call",
            [call.pk],
        )
        opens_at, closes_at, sealed_at = cursor.fetchone()
    now = clock.database_now()
    return opens_at, closes_at, max(now, sealed_at or now)
