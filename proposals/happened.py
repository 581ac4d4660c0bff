"""What an agency may read of the record: its own acts, in words.

Named one by one. The record holds more about a letter than its agency may know before the decision
is published (who reads it, what the panel said), and what is not named here is not shown.
"""

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.models import Entry
from proposals.models import LetterOfIntent

ACTS = {
    "agency.founded": _("registered the agency"),
    "agency.edited": _("changed the agency's description"),
    "agency.invited": _("invited somebody"),
    "agency.joined": _("accepted an invitation"),
    "agency.declined": _("declined an invitation"),
    "agency.invitation_withdrawn": _("withdrew an invitation"),
    "agency.seat_changed": _("changed the role of a member"),
    "agency.handed_over": _("handed the representative's seat over"),
    "agency.left": _("left the agency"),
    "agency.member_removed": _("removed a member"),
    "letter.started": _("started a letter"),
    "letter.file_attached": _("attached a file"),
    "letter.file_removed": _("removed a file"),
    "letter.file_put_back": _("put a file back"),
    "letter.partner_asked": _("asked a partner organisation"),
    "letter.partner_question_taken_back": _("took the question to a partner back"),
    "clarification.answered": _("answered a question of the panel"),
    "letter.submitted": _("submitted the letter"),
    "letter.reopened": _("reopened the letter"),
    "letter.put_back": _("put back what was filed"),
    "letter.withdrawn": _("withdrew the letter"),
    "letter.draft": _("took the letter up again"),
    "letter.deleted": _("deleted the draft"),
    "fuller.started": _("started the fuller proposal"),
    "fuller.filed": _("filed the fuller proposal"),
}


def entries(agency):
    """The agency's entries of the record, newest first; a lazy query."""
    letters = LetterOfIntent.objects.filter(agency=agency).values_list("pk", flat=True)
    subjects = [f"agency:{agency.pk}", *(f"letter:{pk}" for pk in letters), *_deleted(agency)]
    return Entry.objects.filter(subject__in=subjects, action__in=ACTS).order_by("-seq")


def in_words(page, agency) -> list[dict]:
    """Time, who, what and which letter, for one page of entries; three queries however long.

    A deleted draft is named by its `reference` and has no `letter` to go to.

    Positions in the record are left out: their gaps would tell how much happens elsewhere.
    """
    page = list(page)
    people = {str(pk): name or email for pk, name, email in _people(page)}
    own = LetterOfIntent.objects.filter(agency=agency).only("pk", "reference")
    letters = {f"letter:{letter.pk}": letter for letter in own}
    deleted = _deleted(agency)
    return [
        {
            "at": entry.at,
            "who": people.get(entry.actor, ""),
            "what": ACTS[entry.action],
            "whom": people.get(entry.data.get("person") or entry.data.get("to", ""), ""),
            "letter": letters.get(entry.subject),
            "reference": deleted.get(entry.subject, ""),
        }
        for entry in page
    ]


def _deleted(agency) -> dict[str, str]:
    """Subject of every draft that this agency deleted -> its reference; the rows are gone."""
    found = Entry.objects.filter(action="letter.deleted", data__agency=str(agency.pk))
    return dict(found.values_list("subject", "data__reference"))


def _people(page):
    """Only people who acted in the agency's own affairs are named in these entries."""
    mentioned = {entry.actor for entry in page}
    mentioned |= {entry.data.get(key) for entry in page for key in ("person", "to")}
    return User.objects.filter(pk__in=mentioned - {"", None}).values_list("pk", "name", "email")
