"""What the portal holds about the person who asks, from every room, as one file.

The wiring does it, because no room may look into those above it.
"""

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.http import JsonResponse
from django.views.decorators.http import require_safe

from accounts.models import CalendarAddress
from audit.models import Entry
from chang_e8_portal import clock
from notifications.models import Message
from proposals.models import Clarification, Comment, LetterEvent, LetterVersion, SubmitAttempt
from reviews.models import (
    Absence,
    Assignment,
    ConflictCheck,
    Contribution,
    MarkChange,
    Participant,
    Pledge,
    Practice,
    Review,
    ReviewerInvitation,
    ReviewerProfile,
    Score,
    Wish,
)
from reviews.states import ConflictSource


@require_safe
def own_data(request):
    """Everything about oneself, to be kept: no other person's data, no secrets."""
    data = {"made_at": clock.now(), **of(request.user)}
    response = JsonResponse(data, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = 'attachment; filename="own-data.json"'
    return response


def of(user) -> dict:
    return {
        **_as_a_person(user),
        **_in_an_agency(user),
        **_as_a_reviewer(user),
        "record": list(Entry.objects.filter(actor=str(user.pk)).values("at", "action")),
    }


def _as_a_person(user) -> dict:
    seats = user.memberships.select_related("agency")
    return {
        "person": {
            "id": user.pk,
            "email": user.email,
            "name": user.name,
            "language": user.language,
            "time_zone": user.time_zone,
            "roles": user.roles,
            "joined": user.date_joined,
        },
        "addresses": list(user.emailaddress_set.values("email", "verified", "primary")),
        "agencies": [
            {"agency": seat.agency.name, "role": seat.seat, "since": seat.since} for seat in seats
        ],
        "second_factors": [
            {"type": factor.type, "added": factor.created_at, "last_used": factor.last_used_at}
            for factor in Authenticator.objects.filter(user=user)
        ],
        "sessions": list(
            UserSession.objects.filter(user=user).values(
                "ip", "user_agent", "created_at", "last_seen_at"
            )
        ),
        "tokens": list(
            user.api_tokens.values(
                *("name", "scope", "prefix", "created_at", "expires_at"),
                *("last_used_at", "revoked_at"),
            )
        ),
        "calendar_addresses": list(CalendarAddress.objects.filter(user=user).values("made_at")),
        "mails": list(
            Message.objects.filter(recipient=user).values("subject", "template", "sent_at")
        ),
    }


def _in_an_agency(user) -> dict:
    """What one did with letters of intent."""
    return {
        "letters": list(
            LetterEvent.objects.filter(actor=user).values(
                "letter__reference", "from_state", "to_state", "at"
            )
        ),
        "versions_submitted": list(
            LetterVersion.objects.filter(submitted_by=user).values(
                "letter__reference", "number", "accepted_at"
            )
        ),
        "attempts_to_submit": list(
            SubmitAttempt.objects.filter(actor=user).values("letter__reference", "at", "outcome")
        ),
        "comments": list(
            Comment.objects.filter(author=user).values("letter__reference", "section", "text", "at")
        ),
        "answers_to_questions": list(
            Clarification.objects.filter(answered_by=user).values(
                "letter__reference", "answer", "answered_at"
            )
        ),
    }


def _as_a_reviewer(user) -> dict:
    """What one said in the panel, and what was asked of one there."""
    return {
        "assignments": list(
            Assignment.objects.filter(reviewer=user).values(
                "letter__reference", "assigned_at", "due_at"
            )
        ),
        "reviews": list(
            Review.objects.filter(assignment__reviewer=user).values(
                *("assignment__letter__reference", "state", "submitted_at"),
                *("major_strengths", "strengths", "major_weaknesses", "weaknesses"),
                *("comment_to_applicant", "confidential_comment"),
                *("recommendation", "risk", "confidence"),
            )
        ),
        "marks": list(
            Score.objects.filter(review__assignment__reviewer=user).values(
                "review__assignment__letter__reference",
                *("criterion__code", "mark", "cannot_judge", "comment"),
            )
        ),
        "changed_marks": list(
            MarkChange.objects.filter(review__assignment__reviewer=user).values(
                "review__assignment__letter__reference",
                *("criterion__code", "before", "after", "reason", "at"),
            )
        ),
        "said_about_letters": list(
            Contribution.objects.filter(author=user).values("letter__reference", "text", "at")
        ),
        "wishes": list(
            Wish.objects.filter(reviewer=user).values("letter__reference", "choice", "said_at")
        ),
        "practice": list(
            Practice.objects.filter(user=user).values(
                *("call__code", "marks", "done_at", "declined_at")
            )
        ),
        # Not the evidence, the chair's reasons and by which rule it was found: those may hold what
        # others said in confidence.
        "conflict_answers": [
            one | ({"kind": ""} if one["source"] == ConflictSource.AUTOMATIC else {})
            for one in ConflictCheck.objects.filter(
                reviewer=user, answered_at__isnull=False
            ).values("letter__reference", "conflicted", "kind", "source", "note", "answered_at")
        ],
        "reviewer_profile": list(
            ReviewerProfile.objects.filter(user=user).values(
                *("expertise", "country", "employer", "former_employers", "keywords", "about"),
                *("most_letters", "away_from", "away_until"),
            )
        ),
        "pledges": list(
            Pledge.objects.filter(user=user).values(
                "call__code", "version", "text_sha256", "accepted_at"
            )
        ),
        "invitations_to_review": list(
            ReviewerInvitation.objects.filter(user=user).values(
                "round__kind", "invited_at", "letters", "due_at", "answer", "answered_at", "note"
            )
        ),
        # Not what was on the agenda: what a person left the room for is nothing she or he is told.
        "meetings": list(
            Participant.objects.filter(person=user).values(
                "meeting__title", "meeting__starts_at", "invited_at", "arrived_at", "gone_at"
            )
        ),
        "left_the_room": list(
            Absence.objects.filter(person=user).values(
                "item__meeting__title", "because", "left_at", "back_at"
            )
        ),
    }
