"""The minutes of a meeting as data, and what of them each reader may see.

Content: `meeting`, `round`, `title`, `place`, `zone`, times as ISO instants in UTC (`starts_at`,
`started_at`, `closed_at`), `people` (`id`, `name`, `chair`, `arrived_at`, `gone_at`), and `items`
in the order of the agenda: `letter` (id, or None) with `reference`, `title`, `title_zh`,
`withdrawn`; `subject`; `opened_at`, `done_at`, `led_by`; `decision`, `more`, `reason`, `note`;
`consensus` (`text`, `minority_view`, `marks`: name of the criterion in each language and mark)
where that was the decision; `left` (`id`, `name`, `because`, `left_at`, `back_at`).
"""

import hashlib
import json
from datetime import UTC

from accounts.states import Role
from proposals.states import LetterState
from reviews.models import Assignment, ConflictCheck, Consensus, Criterion, Meeting
from reviews.states import Decision


def content_of(meeting: Meeting) -> dict:
    """What the meeting was up to now."""
    items = list(
        meeting.items.select_related("letter", "led_by").prefetch_related("absences__person")
    )
    agreed = Consensus.objects.filter(
        round=meeting.round_id,
        letter__in=[one.letter_id for one in items if one.decision == Decision.CONSENSUS],
    )
    by_letter = {one.letter_id: one for one in agreed}
    names = {one.code: one.name for one in Criterion.objects.filter(call=meeting.round.call_id)}
    return {
        "meeting": str(meeting.pk),
        "round": meeting.round.kind,
        "title": meeting.title,
        "place": meeting.place,
        "zone": meeting.round.call.zone,
        "starts_at": _instant(meeting.starts_at),
        "started_at": _instant(meeting.started_at),
        "closed_at": _instant(meeting.closed_at),
        "people": [
            {
                "id": str(one.person_id),
                "name": one.person.name,
                "chair": one.person.has_role(Role.CHAIR),
                "arrived_at": _instant(one.arrived_at),
                "gone_at": _instant(one.gone_at),
            }
            for one in meeting.participants.select_related("person")
        ],
        "items": [_item(one, by_letter, names) for one in items],
    }


def digest(content: dict) -> str:
    """SHA-256 of the content as canonical JSON in UTF-8."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def for_reader(content: dict, user) -> dict:
    """The minutes without what `user` may not know; the same content where that is nothing.

    Of an item about a letter that is shut to the reader nothing is left, not even its place in a
    count, unless she or he left the room for it: that an item was there then, and no more. Whoever
    still owes a review of a letter reads no consensus on it.
    """
    letters = {one["letter"] for one in content["items"] if one["letter"]}
    shut, owing = _shut(letters, user), _owing(letters, content["round"], user)
    items = []
    for one in content["items"]:
        if one["letter"] in shut:
            if any(gone["id"] == str(user.pk) for gone in one["left"]):
                items.append({"absent": True})
        elif one["letter"] in owing:
            items.append({**one, "consensus": None, "reason": "", "note": "", "owing": True})
        else:
            items.append(one)
    return {**content, "items": items}


def _shut(letters, user) -> set:
    """The same rule as `AgendaItemQuerySet.open_to`."""
    checks = ConflictCheck.objects.filter(reviewer=user, letter__in=letters)
    if user.has_role(Role.CHAIR):
        return {str(one.letter_id) for one in checks.conflicted()}
    return letters - {str(one.letter_id) for one in checks if one.is_clear}


def _owing(letters, kind, user) -> set:
    if user.has_role(Role.CHAIR):
        return set()
    pending = Assignment.objects.pending().filter(
        reviewer=user, letter__in=letters, round__kind=kind
    )
    return {str(letter) for letter in pending.values_list("letter", flat=True)}


def _item(item, by_letter, names) -> dict:
    letter = item.letter
    consensus = by_letter.get(item.letter_id) if item.decision == Decision.CONSENSUS else None
    return {
        "letter": str(item.letter_id) if letter else None,
        "reference": letter.reference if letter else "",
        "title": letter.title if letter else "",
        "title_zh": letter.title_zh if letter else "",
        "withdrawn": letter is not None and letter.state == LetterState.WITHDRAWN,
        "subject": item.subject,
        "opened_at": _instant(item.opened_at),
        "done_at": _instant(item.done_at),
        "led_by": item.led_by.name if item.led_by else "",
        "decision": item.decision,
        "more": item.more,
        "reason": item.reason,
        "note": item.note,
        "consensus": {
            "text": consensus.text,
            "minority_view": consensus.minority_view,
            "marks": [
                {"criterion": name, "mark": consensus.marks[code]}
                for code, name in names.items()
                if code in consensus.marks
            ],
        }
        if consensus
        else None,
        "left": [
            {
                "id": str(one.person_id),
                "name": one.person.name,
                "because": one.because,
                "left_at": _instant(one.left_at),
                "back_at": _instant(one.back_at),
            }
            for one in item.absences.all()
        ],
    }


def _instant(moment) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else None
