"""Who may open what: every route of the panel's rooms against every kind of person."""

import uuid
from datetime import timedelta

import pytest
from django.urls import get_resolver, reverse

from accounts.states import Role
from audit.models import Entry
from notifications.models import Message
from proposals.models import CallRound, Screening
from reviews import actions, pledges
from reviews.models import (
    AgendaItem,
    Assignment,
    AssignmentPlan,
    ConflictCheck,
    Meeting,
    Participant,
    Pledge,
    Ranking,
    Review,
)
from tests import make
from tests.reviews import papers

pytestmark = pytest.mark.django_db
REVIEWER, CHAIR, PUBLISHER, AUDITOR, OPERATOR = "rcpao"
ALLOWED = 200
# The chair's pages of a meeting that is being held.
MEETING = (
    *("meetings", "meeting", "meeting_screen", "meeting_change", "meeting_people"),
    *("meeting_agenda", "meeting_consensus", "meeting_minutes"),
)

# Route: who gets in, who is told 403; everybody else is told 404. R is a reviewer who reads this
# letter, r one who does not, c the chair, p a publisher, a the auditor, o the operator.
REVIEWS = {
    "reviews:queue": ("Rr", ""),
    "reviews:conflicts": ("Rr", ""),
    "reviews:names": ("Rr", ""),
    "reviews:wishes": ("Rr", ""),
    "reviews:profile": ("Rr", ""),
    "reviews:pledge": ("Rr", ""),
    "reviews:review": ("R", ""),
    "reviews:letter_file": ("R", ""),
    "reviews:letter_pdf": ("R", ""),
    "reviews:marks": ("Rr", ""),
    "reviews:offline": ("Rr", ""),
    "reviews:offline_csv": ("Rr", ""),
    "reviews:offline_xlsx": ("Rr", ""),
    "reviews:meetings": ("Rr", ""),
    **{f"reviews:{name}": ("R", "") for name in ("meeting", "meeting_screen")},
    # Until one's own review is filed, nobody else's is there, and no talk about it.
    "reviews:others": ("", ""),
    "reviews:discussion": ("", "R"),
    "reviews:consensus": ("", "R"),
}
PANEL = {
    "panel:home": ("c", "Rrpao"),
    "panel:intake": ("cpao", ""),
    "panel:archive": ("a", ""),
    "panel:question": ("c", "Rrpao"),
    "panel:duplicates": ("c", "Rrpao"),
    "panel:compare": ("c", "Rrpao"),
    "panel:letters_csv": ("c", "Rrpo"),
    "panel:letters_xlsx": ("c", "Rrpo"),
    "panel:screening": ("c", "Rrpao"),
    "panel:letter": ("c", "Rrpao"),
    "panel:letter_file": ("c", "Rrpao"),
    "panel:criteria": ("Rrcpao", ""),
    "panel:edit_criteria": ("c", "Rrpao"),
    "panel:reviewers": ("c", "Rrpao"),
    "panel:reviewers_csv": ("c", "Rrpao"),
    "panel:reviewers_xlsx": ("c", "Rrpao"),
    "panel:invite": ("c", "Rrpao"),
    "panel:invitations": ("c", "Rrpao"),
    "panel:invitations_csv": ("c", "Rrpao"),
    "panel:invitations_xlsx": ("c", "Rrpao"),
    "panel:grant_reviewers": ("o", "cp"),
    "panel:conflicts": ("ca", "Rro"),
    "panel:conflicts_csv": ("ca", "Rro"),
    "panel:conflicts_xlsx": ("ca", "Rro"),
    "panel:conflict": ("c", "Rro"),
    "panel:record_conflict": ("c", "Rro"),
    "panel:competing": ("c", "Rro"),
    "panel:own_conflicts": ("c", ""),
    "panel:assignment": ("ca", "Rrpo"),
    "panel:assign": ("ca", "Rrpo"),
    "panel:assignment_csv": ("c", "Rrpo"),
    "panel:assignment_xlsx": ("c", "Rrpo"),
    "panel:plans": ("ca", "Rrpo"),
    "panel:plan_state": ("ca", "Rrpo"),
    "panel:change": ("c", "Rro"),
    "panel:reviews_csv": ("c", "Rrpo"),
    "panel:reviews_xlsx": ("c", "Rrpo"),
    "panel:packs": ("c", "Rrpo"),
    "panel:fuller_due": ("c", "Rrpao"),
    "panel:mark_lines_csv": ("c", "Rrpo"),
    "panel:mark_lines_xlsx": ("c", "Rrpo"),
    "panel:discussions": ("c", "Rr"),
    "panel:discussions_csv": ("c", "Rrpo"),
    "panel:discussions_xlsx": ("c", "Rrpo"),
    "panel:discussion": ("c", "Rr"),
    "panel:consensus": ("c", "Rr"),
    "panel:anonymity": ("c", "Rrpao"),
    "panel:progress": ("c", "Rrpao"),
    "panel:progress_csv": ("c", "Rrpo"),
    "panel:progress_xlsx": ("c", "Rrpo"),
    **{f"panel:{name}": ("c", "Rr") for name in MEETING},
    "panel:ranking": ("c", "Rr"),
    "panel:ranking_csv": ("c", "Rrpo"),
    "panel:ranking_xlsx": ("c", "Rrpo"),
    "panel:intervals": ("c", "Rr"),
    "panel:marks": ("c", "Rr"),
    "panel:marks_csv": ("c", "Rrpo"),
    "panel:marks_xlsx": ("c", "Rrpo"),
    "panel:residuals": ("c", ""),
    "panel:severity": ("c", ""),
    "panel:aim": ("c", "Rr"),
    "panel:freeze": ("c", "Rr"),
}
WRITES = {
    "reviews:conflicts": ("Rr", ""),
    "reviews:names": ("Rr", ""),
    "reviews:wishes": ("Rr", ""),
    "panel:anonymity": ("c", "Rrpao"),
    "reviews:profile": ("Rr", ""),
    "reviews:pledge": ("Rr", ""),
    "reviews:review": ("R", ""),
    "reviews:reopen": ("R", ""),
    "reviews:offline": ("Rr", ""),
    "reviews:offline_take": ("Rr", ""),
    "reviews:discussion": ("", "R"),
    "reviews:consensus": ("", "R"),
    "panel:plans": ("c", "Rro"),
    "panel:fuller_due": ("c", "Rrpao"),
    "panel:packs": ("c", "Rrpo"),
    "panel:discussion": ("c", "Rr"),
    "panel:consensus": ("c", "Rr"),
    "panel:edit_criteria": ("c", "Rrpao"),
    "panel:invite": ("c", "Rrpao"),
    "panel:invitations": ("c", "Rrpao"),
    "panel:grant_reviewers": ("o", "cp"),
    "panel:screening": ("c", "Rrpao"),
    "panel:question": ("c", "Rrpao"),
    "panel:letter": ("c", "Rrpao"),
    "panel:conflict": ("c", "Rro"),
    "panel:record_conflict": ("c", "Rro"),
    "panel:competing": ("c", "Rro"),
    "panel:own_conflicts": ("c", ""),
    "panel:assignment": ("c", "Rro"),
    "panel:assign": ("c", "Rro"),
    "panel:change": ("c", "Rro"),
    "panel:progress": ("c", "Rrpao"),
    **{f"panel:{name}": ("c", "Rr") for name in MEETING if name != "meeting_screen"},
    "panel:score": ("c", "Rr"),
    "panel:one_more": ("c", "Rro"),
    "panel:aim": ("c", "Rr"),
    "panel:freeze": ("c", "Rr"),
}
ELSEWHERE = {
    "panel:archived",  # once a call is archived: tests/decisions/test_archiving.py
    "reviews:next",  # leads on to one's own: tests/reviews/test_reviewer_pages.py
    "reviews:practice",  # where a call has a practice letter: tests/reviews/test_practice.py
    *("panel:pack_state", "panel:pack_file"),  # with a pack: tests/reviews/test_packs.py
    "reviews:invitation",  # by a secret in a mail: tests/reviews/test_inviting.py
    # In a double-anonymous round: tests/reviews/test_anonymity.py
    *("reviews:team", "reviews:team_file"),
    "reviews:thanks",  # once everything is filed: tests/reviews/test_marks_pages.py
    # With what is written, and with what is closed: tests/reviews/test_meeting_pages.py
    *("reviews:meeting_consensus", "reviews:meeting_minutes", "reviews:meeting_minutes_pdf"),
    "panel:meeting_minutes_pdf",
    *("panel:plan", "panel:apply_plan"),  # with a plan: tests/reviews/test_planning_pages.py
}
STRANGERS = {
    "r": lambda: make.reviewer(),
    "p": lambda: make.user(Role.PUBLISHER),
    "a": lambda: make.user(Role.AUDITOR),
    "o": lambda: make.user(Role.OPERATOR),
}


@pytest.fixture
def world(assignment):
    """One letter being read, one recorded conflict, and the addresses of everything."""
    make.review(of=assignment, submitted=False)
    call = assignment.letter.call
    call.facts = {"pledge": {"version": 1, "text": {"en": "I keep quiet."}}}
    call.save(update_fields=["facts"])
    text = pledges.text_of(call)
    Pledge.objects.create(
        user=assignment.reviewer,
        call=call,
        version=1,
        text_sha256=text.sha256,
        accepted_at=call.closes_at,
    )
    CallRound.objects.filter(call=call, kind="FINAL").update(proposals_due_at=assignment.due_at)
    check = make.check(make.reviewer(), assignment.letter, conflicted=True)
    letter = assignment.letter.pk
    # Not screened, so that it is in no round.
    other = make.letter(
        call=assignment.letter.call, agency=assignment.letter.agency, state="SUBMITTED"
    )
    papers.filed(other)
    plan = AssignmentPlan.objects.create(
        round=assignment.round,
        asked_by=assignment.assigned_by,
        asked_at=call.closes_at,
        parameters={},
    )
    meeting = held(assignment)
    there = ["preliminary", meeting.pk]
    return {
        "assignment": assignment,
        "people": {
            "R": assignment.reviewer,
            "c": assignment.assigned_by,
            "owner": assignment.letter.agency.members.get(),
            "stranger": make.member(),
        },
        "args": {
            "reviews:review": [assignment.pk],
            "reviews:reopen": [assignment.pk],
            **{
                f"reviews:{name}": [assignment.pk]
                for name in ("letter_pdf", "others", "discussion", "consensus")
            },
            "reviews:letter_file": [assignment.pk, "letter"],
            "panel:plan_state": ["preliminary", plan.pk],
            "reviews:meeting": [meeting.pk],
            "reviews:meeting_screen": [meeting.pk],
            **{f"panel:{name}": there for name in MEETING},
            "panel:meetings": ["preliminary"],
            "panel:fuller_due": ["final"],
            "panel:meeting_consensus": [*there, meeting.items.get().pk],
            "panel:discussion": ["preliminary", letter],
            "panel:consensus": ["preliminary", letter],
            "panel:compare": [letter, other.pk],
            "panel:question": [letter],
            "panel:letter": [letter],
            "panel:letter_file": [letter, "letter"],
            "panel:conflict": [check.pk],
            "panel:change": [assignment.pk],
            "panel:assign": ["preliminary", letter],
            **{
                f"panel:{name}": ["preliminary"]
                for name in (
                    *("assignment", "assignment_csv", "assignment_xlsx", "anonymity", "plans"),
                    *("progress", "progress_csv", "progress_xlsx"),
                    *("discussions", "discussions_csv", "discussions_xlsx"),
                    *("reviews_csv", "reviews_xlsx"),
                    *("mark_lines_csv", "mark_lines_xlsx"),
                    "packs",
                    *("ranking", "ranking_csv", "ranking_xlsx", "freeze", "score", "aim"),
                    "one_more",
                    *("intervals", "marks", "marks_csv", "marks_xlsx", "residuals", "severity"),
                )
            },
        },
    }


def held(assignment):
    """A meeting about the letter that is being held, to which its reader is invited."""
    chair, at = assignment.assigned_by, assignment.assigned_at
    meeting = actions.make_meeting(
        assignment.round,
        title="Panel meeting",
        place="Room 5",
        starts_at=at + timedelta(days=1),
        actor=chair,
        at=at,
    )
    actions.invite_to_meeting(meeting, [chair, assignment.reviewer], actor=chair, at=at)
    actions.add_letters(meeting, [assignment.letter], actor=chair)
    return actions.start_meeting(meeting, set(), actor=chair, at=at)


def person(world, who):
    return world["people"].get(who) or STRANGERS[who]()


def expected(rule, who):
    inside, known = rule
    return ALLOWED if who in inside else 403 if who in known else 404


EVERYBODY = [*"Rrcpao", "owner", "stranger"]


@pytest.mark.parametrize("who", EVERYBODY)
def test_who_may_read(client, world, who):
    client.force_login(person(world, who))
    answers, wanted = {}, {}
    for name, rule in {**REVIEWS, **PANEL}.items():
        url = reverse(name, args=world["args"].get(name))
        response = client.get(url)
        answers[name] = response.status_code
        if response.streaming:
            list(response.streaming_content)  # read to its end, the file is closed
        wanted[name] = expected(rule, who)
    assert answers == wanted


def all_rows():
    models = (Assignment, ConflictCheck, Ranking, Review, Screening, Message, Entry)
    models += (Meeting, Participant, AgendaItem)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.parametrize("who", EVERYBODY)
def test_who_may_not_write_writes_nothing(client, world, who):
    client.force_login(person(world, who))
    before = all_rows()
    answers, wanted = {}, {}
    for name, rule in WRITES.items():
        if expected(rule, who) == ALLOWED:
            continue
        url = reverse(name, args=world["args"].get(name))
        form = papers.form_of(world["assignment"], revision=1) | {
            **{"outcome": "ELIGIBLE", "reason": "x", "do": "waive", "rest": "on"},
            "reviewer": str(world["assignment"].reviewer_id),
        }
        answers[name] = client.post(url, form).status_code
        wanted[name] = expected(rule, who)
    assert answers == wanted
    assert all_rows() == before


def test_every_route_stands_in_the_tables_above():
    routes = set()
    for entry in get_resolver().url_patterns:
        if getattr(entry, "namespace", None) in ("reviews", "panel"):
            names = {name for name in entry.reverse_dict if isinstance(name, str)}
            routes |= {f"{entry.namespace}:{name}" for name in names}
    assert routes == set(REVIEWS) | set(PANEL) | set(WRITES) | ELSEWHERE


@pytest.mark.parametrize("who", [*"rcpao", "owner", "stranger"])
def test_a_foreign_review_answers_like_one_that_does_not_exist(client, world, who):
    client.force_login(person(world, who))
    real = client.get(reverse("reviews:review", args=[world["assignment"].pk]))
    none = client.get(reverse("reviews:review", args=[uuid.uuid4()]))
    assert (real.status_code, none.status_code) == (404, 404)
    assert _without_token(real) == _without_token(none)


def _without_token(response):
    """The page without the two things that differ from request to request."""
    body = response.content.decode()
    lines = [line for line in body.splitlines() if "csrfmiddlewaretoken" not in line]
    return [line for line in lines if 'name="next"' not in line]


@pytest.mark.parametrize(("who", "status"), [("p", 200), ("c", 200), ("R", 403), ("o", 404)])
def test_publishers_see_a_ranking_once_it_is_frozen(client, world, it_is, who, status):
    chair = world["people"]["c"]
    review = Review.objects.get()
    actions.submit_review(review, actor=review.assignment.reviewer)
    actions.freeze_ranking(world["assignment"].round, actor=chair, at=review.updated_at)
    client.force_login(person(world, who))
    response = client.get(reverse("panel:ranking", args=["preliminary"]))
    assert response.status_code == status


def test_a_person_who_was_switched_off_gets_no_further(client, world):
    reviewer = world["people"]["R"]
    client.force_login(reviewer)
    reviewer.is_active = False
    reviewer.save(update_fields=["is_active"])
    assert client.get(reverse("reviews:queue")).status_code == 302
