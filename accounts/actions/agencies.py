"""Agencies: founded, described, and fixed while their letters are judged."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.record import lock_partner, log
from accounts.actions.refusal import Refused
from accounts.models import Agency, Membership
from accounts.states import Seat

# Each has room for files and drafts of its own, so a person does not make them without end.
MOST_SEATS = 20


@transaction.atomic
def found_agency(*, actor, at, **fields) -> Agency:
    """Make an agency whose first authorised representative is the person making it."""
    actor = lock_partner(actor)
    if actor.memberships.count() >= MOST_SEATS:
        raise Refused(_("You belong to %(count)s agencies already.") % {"count": MOST_SEATS})
    agency = Agency.objects.create(**fields)
    Membership.objects.create(user=actor, agency=agency, seat=Seat.REPRESENTATIVE, since=at)
    log("agency.founded", f"agency:{agency.pk}", actor=actor, at=at)
    return agency


@transaction.atomic
def edit_agency(agency, *, changes, actor, at) -> Agency:
    """Change an agency's own description; who and where it is only while no letter is judged."""
    agency = Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
    if agency.fixed_at and Agency.IDENTITY & changes.keys():
        raise Refused(
            _("Name, kind and place stay as they are while letters of your agency are judged."),
            code="agency_fixed",
        )
    for name, value in changes.items():
        setattr(agency, name, value)
    agency.save(update_fields=list(changes))
    log(
        "agency.edited", f"agency:{agency.pk}", actor=actor, at=at, data={"fields": sorted(changes)}
    )
    return agency


def fix_agencies(agencies, *, at) -> None:
    """From now on who these agencies are, and where, stays as it is."""
    agencies.filter(fixed_at__isnull=True).update(fixed_at=at)


def free_agencies(agencies) -> None:
    """What was judged of these agencies is archived: they describe themselves again."""
    agencies.update(fixed_at=None)
