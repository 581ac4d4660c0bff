"""The life of the demo call, lived through: every deed is done by the real action at its moment.

The clock is moved to each deed before it is done. A chapter only does what is still missing, so a
person may do any part by hand - submit a letter, screen, assign, decide - and travel on from there.
"""

import threading
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from django.core.files.base import ContentFile

from accounts.models import Agency, User
from accounts.states import Role, Seat
from chang_e8_portal import clock
from chang_e8_portal.demo import content, filled, paper, people
from decisions import actions as decisions_room
from decisions.models import Decision, DecisionLetter, Publication
from decisions.states import Outcome, RenderState
from proposals import actions as letters_room
from proposals import files
from proposals.models import Call, LetterOfIntent
from proposals.sections import FIELDS, missing
from proposals.states import Answer, AttachmentKind, Eligibility, RoundKind
from reviews import actions as panel
from reviews.models import Assignment, ConflictCheck, Criterion, RankedLetter, Ranking, Review

PHASES = ("intake", "closed", "review", "shortlist", "selection", "published")
# What the panel may still fly; below it a letter is not selected.
_GOOD_ENOUGH = Decimal("66.7")
# Half seconds to wait for a letter that a worker has in hand.
_PATIENCE = 240
# These two reviewers leave their letters to whoever tries the demo.
IDLE_REVIEWERS = 2


def tell(*, to: str) -> None:
    """Bring the world to a phase from wherever it stands, and the clock with it."""
    chapters = {
        "intake": _intake,
        "closed": _closed,
        "review": _review,
        "shortlist": _shortlist,
        "selection": _selection,
        "published": _published,
    }
    for phase in PHASES[: PHASES.index(to) + 1]:
        if clock.now() < moment_of(phase) or not Call.objects.exists():
            chapters[phase](moment_of(phase))
            clock.travel_to(moment_of(phase))


def phase_at(moment) -> str:
    """The phase a moment belongs to: the last one that has begun."""
    begun = [row["key"] for row in content.phases() if _moment(row["at"]) <= moment]
    return begun[-1] if begun else PHASES[0]


def moment_of(phase) -> datetime:
    """When a phase begins."""
    return next(_moment(row["at"]) for row in content.phases() if row["key"] == phase)


def _intake(until):
    if not Call.objects.exists():
        clock.travel_to(_moment(content.call()["opens_at"]))
        panel.announce_call(content.call(), content.rubric(), at=clock.now())
        people.settle(at=clock.now())
    _write_letters(until)


def _closed(until):
    _write_letters(until)
    the_call = _call()
    clock.travel_to(the_call.closes_at + timedelta(seconds=5))
    letters_room.seal(the_call, at=clock.now())


def _review(until):
    the_call, chair = _call(), _person(Role.CHAIR)
    clock.travel_to(_day(until, -41))
    _open(the_call)
    clock.travel_to(_day(until, -40))
    refused = {row["form"]["title"]: row["ineligible"] for row in content.letters()}
    for letter in the_call.letters.filed().filter(screening__isnull=True).order_by("reference"):
        fault = refused.get(letter.title)
        letters_room.screen(
            letter,
            outcome=Eligibility.INELIGIBLE if fault else Eligibility.ELIGIBLE,
            rule=fault["rule"] if fault else "",
            reason=fault["reason"]["en"] if fault else "",
            actor=chair,
            at=clock.now(),
        )
    _assign_all(_round(RoundKind.PRELIMINARY), start=_day(until, -37))
    _file_reviews(_round(RoundKind.PRELIMINARY), since=_day(until, -30), until=until, share=0.5)


def _open(the_call):
    """Two publishers open the letters, unless whoever tries the demo has done so."""
    if the_call.is_opened():
        return
    opening = the_call.openings.filter(answer=Answer.AWAITED).first()
    if opening is None:
        opening = letters_room.propose_opening(the_call, actor=_person(Role.PUBLISHER))
    other = User.objects.with_role(Role.PUBLISHER).exclude(pk=opening.proposed_by_id)
    letters_room.approve_opening(opening, actor=other.order_by("email").first())


def _shortlist(until):
    preliminary = _round(RoundKind.PRELIMINARY)
    _finish_reviews(preliminary)
    _decide_all(preliminary, at=_day(until, -8))
    _propose(preliminary, at=_day(until, -2))


def _selection(until):
    _release(_round(RoundKind.PRELIMINARY), at=_day(until, -130))
    final = _round(RoundKind.FINAL)
    _assign_all(final, start=_day(until, -120))
    _finish_reviews(final)
    _decide_all(final, at=_day(until, -2))
    _propose(final, at=_day(until, -1))


def _published(until):
    _release(_round(RoundKind.FINAL), at=_day(until, -2))


# --- letters ---


def _write_letters(until):
    """Start, save and submit the letters of the data whose moment has come, in order of time."""
    deeds = []
    known = set(LetterOfIntent.objects.values_list("title", flat=True))
    for row in content.letters():
        deeds.append((_moment(row["submitted_at"]), "submit", row))
        if row["form"]["title"] not in known:
            deeds.append((_moment(row["started_at"]), "start", row))
    for row in content.drafts():
        if row["form"]["title"] not in known:
            deeds.append((_moment(row["started_at"]), "start", row))
    for moment, deed, row in sorted(deeds, key=lambda item: item[0]):
        if clock.now() <= moment <= until or (deed == "start" and moment <= until):
            clock.travel_to(moment)
            (_start if deed == "start" else _submit)(row)


def _start(row):
    agency = Agency.objects.get(name=_agency_names()[row["agency"]])
    writer = _member(agency, Seat.EDITOR) or _member(agency, Seat.REPRESENTATIVE)
    letter = letters_room.start_draft(_call(), agency, actor=writer, changes=_fields(row))
    stored = files.store_pdf(ContentFile(paper.letter_pdf(letter), name="letter.pdf"))
    letters_room.attach(
        letter,
        kind=AttachmentKind.LETTER,
        stored=stored,
        name="letter-of-intent.pdf",
        actor=writer,
    )


def _submit(row):
    letter = LetterOfIntent.objects.drafts().filter(title=row["form"]["title"]).first()
    if letter and not missing(letter):
        letters_room.submit(
            letter,
            actor=_member(letter.agency, Seat.REPRESENTATIVE),
            idempotency_key=f"demo-{row['key']}",
        )


def _fields(row) -> dict:
    form = dict(row["form"])
    length, width, height = form.pop("envelope_mm", None) or (None, None, None)
    form |= {"envelope_x_mm": length, "envelope_y_mm": width, "envelope_z_mm": height}
    for name in ("operating_min_c", "operating_max_c", "survival_min_c", "survival_max_c"):
        form[name] = form.pop(f"temp_{name}", None)
    form |= filled.rest_of(row)
    fields = {name: value for name, value in form.items() if name in FIELDS and value is not None}
    return {
        name: Decimal(str(value)) if isinstance(value, float) else value
        for name, value in fields.items()
    }


# --- reviews ---


def _assign_all(call_round, *, start):
    """Ask about conflicts, have them answered, and give every letter its reviewers."""
    chair = _person(Role.CHAIR)
    if Ranking.objects.filter(round=call_round).exists():
        return
    clock.travel_to(start)
    panel.open_conflict_checks(call_round, actor=chair, at=clock.now())
    reviewers = list(User.objects.with_role(Role.REVIEWER).active().order_by("email"))
    clock.travel_to(start + timedelta(days=2))
    for number, reviewer in enumerate(reviewers):
        asked = ConflictCheck.objects.filter(reviewer=reviewer).unanswered()
        answers = dict.fromkeys(asked.values_list("letter_id", flat=True))
        if answers and number >= IDLE_REVIEWERS:
            panel.answer_conflicts(reviewer, answers, at=clock.now())
    clock.travel_to(start + timedelta(days=4))
    load = {reviewer.pk: 0 for reviewer in reviewers}
    for assignment in Assignment.objects.active().filter(round=call_round):
        load[assignment.reviewer_id] += 1
    clear: dict = {}
    for letter_id, reviewer_id in ConflictCheck.objects.filter(conflicted=False).values_list(
        "letter_id", "reviewer_id"
    ):
        clear.setdefault(letter_id, set()).add(reviewer_id)
    for letter in LetterOfIntent.objects.in_round(call_round).order_by("reference"):
        taken = set(
            Assignment.objects.active()
            .filter(round=call_round, letter=letter)
            .values_list("reviewer_id", flat=True)
        )
        free = [r for r in reviewers if r.pk in clear.get(letter.pk, ()) and r.pk not in taken]
        free.sort(key=lambda r: (load[r.pk], _dice(letter.title, r.email).random()))
        for reviewer in free[: max(0, call_round.reviewers_per_letter - len(taken))]:
            panel.assign(call_round, letter, reviewer, actor=chair, at=clock.now())
            load[reviewer.pk] += 1


def _file_reviews(call_round, *, since, until, share=1.0):
    """Write and submit this share of the round's missing reviews, spread over the days."""
    pending = list(
        Assignment.objects.pending()
        .filter(round=call_round)
        .select_related("letter", "reviewer")
        .order_by("letter__reference", "reviewer__email")
    )
    idle = [user.pk for user in _idle_reviewers()] if share < 1 else []
    pending = [a for a in pending if a.reviewer_id not in idle]
    _dice("order", str(call_round)).shuffle(pending)
    chosen = pending[: round(len(pending) * share)]
    for number, assignment in enumerate(chosen):
        clock.travel_to(since + (until - since) * (number + 1) / (len(chosen) + 1))
        _file_review(assignment)


def _file_review(assignment):
    check = ConflictCheck.objects.get(letter=assignment.letter, reviewer=assignment.reviewer)
    if not check.is_clear:
        panel.answer_conflicts(assignment.reviewer, {assignment.letter_id: None}, at=clock.now())
    written = content.review_for(
        _key(assignment.letter), _pen(assignment.reviewer), assignment.round.kind
    )
    codes = Criterion.objects.filter(call=assignment.letter.call_id).values_list("code", flat=True)
    review = Review.objects.filter(assignment=assignment).first()
    review = panel.save_review(
        assignment,
        changes={name: written[name] for name in _REVIEW_FIELDS},
        scores={
            code: {
                "mark": written["scores"][code],
                "cannot_judge": written["scores"][code] is None,
                "comment": written["comments"].get(code, ""),
            }
            for code in codes
        },
        revision=review.revision if review else 0,
        actor=assignment.reviewer,
    )
    panel.submit_review(review, actor=assignment.reviewer)


_REVIEW_FIELDS = (
    "strengths",
    "weaknesses",
    "comment_to_applicant",
    "confidential_comment",
    "risk",
    "recommendation",
    "confidence",
)


def _finish_reviews(call_round):
    """All missing reviews come in before the due date, and the chair freezes the ranking."""
    if Ranking.objects.filter(round=call_round).exists():
        return
    due = call_round.reviews_due_at
    _file_reviews(call_round, since=due - timedelta(days=20), until=due - timedelta(days=1))
    clock.travel_to(due + timedelta(days=3))
    panel.freeze_ranking(call_round, actor=_person(Role.CHAIR), at=clock.now())


# --- decisions ---


def _decide_all(call_round, *, at):
    decided = Decision.objects.filter(round=call_round).values("letter")
    undecided = LetterOfIntent.objects.to_decide_in(call_round).exclude(pk__in=decided)
    if not undecided.exists():
        return
    clock.travel_to(at)
    planned = {row["form"]["title"]: row for row in content.letters()}
    ranked = {row.letter_id: row for row in RankedLetter.objects.filter(ranking__round=call_round)}
    for letter in undecided.select_related("screening").order_by("reference"):
        row = ranked.get(letter.pk)
        outcome, details = _outcome(call_round, letter, planned.get(letter.title), row)
        words = _words(letter, outcome, row)
        decisions_room.decide(
            call_round,
            letter,
            outcome=outcome,
            **words,
            actor=_person(Role.CHAIR),
            at=clock.now(),
            **details,
        )


def _outcome(call_round, letter, planned, ranked):
    if letter.screening.outcome == Eligibility.INELIGIBLE:
        return Outcome.INELIGIBLE, {}
    if planned and not call_round.is_final:
        return Outcome(planned["outcome_round1"]), {}
    if planned and planned["outcome_final"] == Outcome.RESERVE:
        reserve = planned["reserve"]
        return Outcome.RESERVE, {
            "reserve_rank": reserve["rank"],
            "reserve_until": date.fromisoformat(reserve["valid_until"]),
        }
    if planned:
        return Outcome(planned["outcome_final"]), {}
    # A letter written by whoever tries the demo goes by its marks, and then behind the others.
    if not call_round.is_final:
        good = ranked.total >= _GOOD_ENOUGH
        return (Outcome.SHORTLISTED if good else Outcome.NOT_SHORTLISTED), {}
    rank = 1 + Decision.objects.filter(round=call_round, outcome=Outcome.RESERVE).count()
    return Outcome.RESERVE, {"reserve_rank": rank}


def _words(letter, outcome, ranked):
    """Reason, strengths and weaknesses as a chair would clear them from the first review."""
    if ranked is None:
        return {"reason": letter.screening.reason}
    first = (
        Review.objects.submitted()
        .filter(assignment__round=ranked.ranking.round_id, assignment__letter=letter)
        .order_by("submitted_at")
        .first()
    )
    return {
        "reason": content.reason_for(str(outcome), _key(letter)),
        "strengths": first.strengths,
        "weaknesses": first.weaknesses,
    }


def _propose(call_round, *, at):
    if not Publication.objects.live().filter(round=call_round).exists():
        clock.travel_to(at)
        decisions_room.propose(call_round, actor=_person(Role.PUBLISHER), at=clock.now())
    _render_all(call_round)


def _render_all(call_round):
    """Have every letter of the proposal rendered, by us or by a worker who was quicker."""
    letters = DecisionLetter.objects.filter(publication__round=call_round)
    unfinished = letters.filter(state__in=(RenderState.OWED, RenderState.RENDERING))
    pause = threading.Event()
    for _try in range(_PATIENCE):
        for letter_id in unfinished.renderable(at=clock.now()).values_list("pk", flat=True):
            decisions_room.render_letter(letter_id, at=clock.now())
        if not unfinished.exists():
            return
        pause.wait(0.5)


def _release(call_round, *, at):
    publication = Publication.objects.live().get(round=call_round)
    if publication.is_released:
        return
    clock.travel_to(at)
    other = User.objects.with_role(Role.PUBLISHER).exclude(pk=publication.proposed_by_id)
    decisions_room.release(
        publication,
        confirmed_count=publication.positive_count,
        actor=other.order_by("email").first(),
        at=clock.now(),
    )


# --- who and when ---


def _call() -> Call:
    return Call.objects.get(code=content.call()["code"])


def _round(kind):
    return _call().rounds.select_related("call").get(kind=kind)


def _person(role):
    """The first of the staff with this role."""
    first = next(row for row in content.people()["staff"] if row["role"] == role)
    return User.objects.get(email=first["email"])


def _idle_reviewers():
    return User.objects.with_role(Role.REVIEWER).order_by("email")[:IDLE_REVIEWERS]


def _member(agency, seat):
    membership = agency.memberships.filter(seat=seat).select_related("user").first()
    return membership.user if membership else None


def _agency_names() -> dict[str, str]:
    return {row["key"]: row["name"]["en"] for row in content.agencies()}


def _key(letter) -> str:
    """The data's key of a letter, or the reference of one that somebody wrote in the demo."""
    keys = {row["form"]["title"]: row["key"] for row in content.letters()}
    return keys.get(letter.title, letter.reference)


def _pen(reviewer) -> str:
    """Whose manner of writing a reviewer has; one who joined in the demo borrows somebody's."""
    known = [row["email"] for row in content.people()["reviewers"]]
    return reviewer.email if reviewer.email in known else _dice(reviewer.email).choice(known)


def _moment(text) -> datetime:
    return datetime.fromisoformat(text)


def _day(moment, days) -> datetime:
    return moment + timedelta(days=days)


def _dice(*words) -> Random:
    return Random("/".join(words))
