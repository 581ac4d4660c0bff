"""One letter of intent in each state that the matrix names, and everybody around it."""

from datetime import timedelta

from allauth.mfa.models import Authenticator

from accounts import actions as accounts
from accounts.models import User
from accounts.states import Role, Seat
from chang_e8_portal import clock
from decisions import actions as decisions
from decisions import results
from decisions.models import Dossier
from decisions.states import Outcome, Reader
from notifications.models import Message
from notifications.states import MessageState
from proposals import actions, files
from proposals.models import CallRound, Opening, Screening
from proposals.states import (
    Answer,
    AttachmentKind,
    Eligibility,
    LetterState,
    RoundKind,
    ScanState,
)
from reviews import actions as panel
from reviews.guest_list import Guest
from reviews.models import AssignmentPlan, CommitteePack, Ranking
from reviews.states import PackState, PlanState
from tests import make
from tests.decisions import stage, tables
from tests.proposals import papers

SUBMITTED_KEY = "the-first-click-of-the-matrix"
# What a reviewer wrote for the agency, which the chair cleared, and for the panel alone.
CLEARED = "Please say how the sensor is calibrated."
CONFIDENTIAL = "The institute has missed two launches."
# Why the panel decided as it did, and the form with which the second publisher released.
REASON = "It fits the second objective."
RELEASE_KEY = "the-click-that-released"


class World:
    """The call is open and the letter of `agency` is a complete draft with a file."""

    def __init__(self, it_is):
        self.it_is = it_is
        self.call = make.call()
        self.opens(timedelta(days=30))
        self.agency = make.agency(name="Space Agency of Atlantis")
        # Of the visitors "ra" and "rc", as soon as letters are given out.
        self.assignment = self.ended = None
        self.people: dict[str, User | None] = {
            "an": None,
            "ed": make.member(self.agency, Seat.EDITOR),
            "su": make.member(self.agency, Seat.REPRESENTATIVE),
            "vw": make.member(self.agency, Seat.VIEWER),
            "ob": make.member(make.agency(), Seat.REPRESENTATIVE),
            "ra": make.reviewer(),
            "ru": make.reviewer(),
            "rc": make.reviewer(),
            "ch": make.user(Role.CHAIR),
            "cc": make.user(Role.CHAIR),
            "ad": make.user(Role.OPERATOR),
            "p1": make.user(Role.PUBLISHER),
            "p2": make.user(Role.PUBLISHER),
            "au": make.user(Role.AUDITOR),
        }
        self.letter = make.letter(call=self.call, agency=self.agency)
        make.check(self.people["cc"], self.letter, conflicted=True)
        stored = files.Stored(sha256=files.store_bytes(papers.GOOD), size=len(papers.GOOD), pages=1)
        self.attachment = actions.attach(
            self.letter,
            kind=AttachmentKind.LETTER,
            stored=stored,
            name="letter.pdf",
            actor=self.people["ed"],
        )

    def opens(self, after):
        """So long after the call opened."""
        self.it_is(self.call.opens_at + after)

    def closed_since(self, after):
        self.it_is(self.call.closes_at + after)


def draft(it_is) -> World:
    return World(it_is)


def with_a_colleague(it_is) -> World:
    """Somebody of the letter's agency, who is none of the visitors, has a second factor."""
    world = World(it_is)
    world.member = make.member(world.agency, Seat.EDITOR)
    Authenticator.objects.create(
        user=world.member, type=Authenticator.Type.TOTP, data={"secret": "x"}
    )
    return world


def with_a_newcomer(it_is) -> World:
    """Somebody has an account and serves the call as nothing yet."""
    world = World(it_is)
    world.newcomer = make.user()
    return world


def publishers_proposed(it_is) -> World:
    """Each of the two publishers has proposed somebody."""
    world = World(it_is)
    world.appointments = {
        role: accounts.propose_publisher(
            make.user(), reason="A third.", actor=world.people[role], at=clock.now()
        )
        for role in ("p1", "p2")
    }
    return world


def weighed(it_is) -> World:
    """The call is open and says what letters will be judged by."""
    world = World(it_is)
    make.rubric(world.call)
    return world


def quarantined(it_is) -> World:
    """The scanner found malware in the file."""
    world = World(it_is)
    world.attachment.scan = ScanState.INFECTED
    world.attachment.save(update_fields=["scan"])
    return world


def late_draft(it_is) -> World:
    world = World(it_is)
    world.closed_since(timedelta(minutes=5))
    return world


def submitted(it_is) -> World:
    world = World(it_is)
    actions.submit(world.letter, actor=world.people["su"], idempotency_key=SUBMITTED_KEY)
    world.letter.refresh_from_db()
    return world


def closed(it_is) -> World:
    world = submitted(it_is)
    world.closed_since(timedelta(minutes=5))
    actions.seal(world.call, at=world.call.closes_at + timedelta(minutes=1))
    return world


def opening_proposed(it_is) -> World:
    world = closed(it_is)
    world.proposal = actions.propose_opening(world.call, actor=world.people["p1"])
    return world


def extension_proposed(it_is) -> World:
    world = World(it_is)
    world.proposal = actions.propose_extension(
        world.call,
        closes_at=world.call.closes_at + timedelta(days=4),
        reason="The portal was away for an hour.",
        actor=world.people["p1"],
    )
    return world


def opened(it_is) -> World:
    """Two publishers opened the letters; the letter is eligible and has one reviewer."""
    world = closed(it_is)
    at = world.call.closes_at + timedelta(minutes=2)
    Opening.objects.create(
        call=world.call,
        proposed_by=world.people["p1"],
        proposed_at=at,
        answer=Answer.YES,
        answered_by=world.people["p2"],
        answered_at=at,
    )
    world.closed_since(timedelta(days=10))
    Screening.objects.create(
        letter=world.letter,
        outcome=Eligibility.ELIGIBLE,
        screened_by=world.people["ch"],
        screened_at=at,
    )
    make.check(world.people["ru"], world.letter)
    make.check(world.people["rc"], world.letter, conflicted=True)
    world.assignment = make.assignment(letter=world.letter, reviewer=world.people["ra"])
    return world


def shortlisted(it_is) -> World:
    """The agency was told of the shortlist, and its fuller proposal is written and not filed."""
    world = opened(it_is)
    told = world.call.closes_at + timedelta(days=110)
    CallRound.objects.filter(call=world.call).update(proposals_due_at=told + timedelta(days=50))
    actions.announce(
        {world.letter.pk: LetterState.SHORTLISTED},
        round_kind=RoundKind.PRELIMINARY,
        actor=world.people["p2"],
        at=told,
    )
    world.letter.refresh_from_db()
    world.closed_since(timedelta(days=120))
    stored = files.Stored(sha256=files.store_bytes(papers.GOOD), size=len(papers.GOOD), pages=1)
    actions.attach(
        world.letter,
        kind=AttachmentKind.SCHEME,
        stored=stored,
        name="scheme.pdf",
        actor=world.people["ed"],
    )
    actions.save_fuller(
        world.letter, changes={"changes": "Heavier."}, revision=1, actor=world.people["ed"]
    )
    return world


def fuller_due(it_is) -> World:
    world = shortlisted(it_is)
    world.closed_since(timedelta(days=160))
    return world


def reviews_due(it_is) -> World:
    """The reviews of the final round were due."""
    world = shortlisted(it_is)
    it_is(world.call.rounds.get(kind=RoundKind.FINAL).reviews_due_at)
    return world


def fuller_filed(it_is) -> World:
    world = shortlisted(it_is)
    actions.file_fuller(world.letter, actor=world.people["su"], idempotency_key=SUBMITTED_KEY)
    return world


def planned(it_is) -> World:
    """Two plans would give the letter to one reviewer more: one who may read it, one who not."""
    world = opened(it_is)
    world.plans = {name: _plan(world, world.people[name]) for name in ("ru", "rc")}
    return world


def plan_failed(it_is) -> World:
    """A worker failed three times to compute a plan that the chair had asked for."""
    world = opened(it_is)
    world.plan = _plan(world, world.people["ru"])
    world.plan.state, world.plan.attempts = PlanState.FAILED, 3
    world.plan.save(update_fields=["state", "attempts"])
    return world


def mailed_of_a_decision(it_is) -> World:
    """An agency's representative was told by mail that there is a decision to read."""
    world = told(it_is)
    world.mail = Message.objects.filter(template="decision_ready").order_by("pk").first()
    Message.objects.update(state=MessageState.SENT, sent_at=clock.now())
    return world


def mail_of_a_decision_refused(it_is) -> World:
    """The server of the one who was to be told refused that mail, and no other."""
    world = mailed_of_a_decision(it_is)
    Message.objects.filter(pk=world.mail.pk).update(state=MessageState.FAILED, sent_at=None)
    return world


def _plan(world, reviewer) -> AssignmentPlan:
    pairs = [(world.people["ra"], True), (reviewer, False)]
    return AssignmentPlan.objects.create(
        round=make.first_round(world.call),
        state=PlanState.READY,
        asked_by=world.people["ch"],
        asked_at=world.call.closes_at,
        parameters={
            "letters": [str(world.letter.pk)],
            **{"locked": [], "barred": [], "allowed": []},
        },
        result={
            "pairs": [
                {
                    "letter": str(world.letter.pk),
                    "reviewer": str(person.pk),
                    **{"affinity": 0.5, "penalty": 0.0, "parts": {}},
                    **{"locked": given, "given": given},
                }
                for person, given in pairs
            ],
            "reviewers": [str(person.pk) for person, _given in pairs],
            "loads": [],
            **{"dropped": [], "prices": {}, "proven": True},
        },
    )


def scored(it_is) -> World:
    """Both reviews of the letter are in, and a worker has been by."""
    world = review_filed(it_is)
    panel.score_owed(at=world.call.closes_at + timedelta(days=10))
    return world


def frozen(it_is) -> World:
    world = scored(it_is)
    at = world.call.closes_at + timedelta(days=10)
    panel.freeze_ranking(world.assignment.round, actor=world.people["ch"], at=at)
    panel.score_owed(at=at)
    return world


def decided(it_is, outcome=Outcome.SHORTLISTED) -> World:
    """The round is decided; the chair cleared a reviewer's words for the agency."""
    world = reviewing(it_is)
    world.review.comment_to_applicant = CLEARED
    world.review.confidential_comment = CONFIDENTIAL
    world.review.save(update_fields=["comment_to_applicant", "confidential_comment"])
    panel.submit_review(world.review, actor=world.people["ra"])
    call_round, at = world.assignment.round, world.call.closes_at + timedelta(days=10)
    panel.freeze_ranking(call_round, actor=world.people["ch"], at=at)
    decisions.decide(
        call_round,
        world.letter,
        outcome=outcome,
        reason=REASON,
        weaknesses=CLEARED,
        actor=world.people["ch"],
        at=at,
    )
    return world


def weighed_up(it_is) -> World:
    """The chair signed rules for the portfolio and has a scenario, with the letter in its set."""
    world = frozen(it_is)
    world.rules = tables.rules(world.assignment.round, world.people["ch"])
    world.scenario = tables.ready(world.assignment.round, world.people["ch"], signed=world.rules)
    return world


def packed(it_is) -> World:
    """A chair who is none of the visitors has had a committee pack made."""
    world = opened(it_is)
    world.pack = CommitteePack.objects.create(
        round=make.first_round(world.call),
        asked_by=make.user(Role.CHAIR),
        asked_at=world.call.closes_at + timedelta(days=10),
        letters=[str(world.letter.pk)],
        language="en",
        state=PackState.READY,
        sha256=files.store_bytes(papers.GOOD),
        size=len(papers.GOOD),
    )
    return world


def with_a_dossier(it_is) -> World:
    """An auditor who is none of the visitors has had the letter's dossier made."""
    world = opened(it_is)
    world.dossier = Dossier.objects.create(
        letter=world.letter,
        reader=Reader.AUDITOR,
        asked_by=make.user(Role.AUDITOR),
        asked_at=world.call.closes_at + timedelta(days=10),
        reason="Complaint",
        language="en",
        state=PackState.READY,
        sha256=files.store_bytes(papers.GOOD),
        size=len(papers.GOOD),
    )
    return world


def unrendered(it_is, outcome=Outcome.SHORTLISTED) -> World:
    """One publisher proposed, and no letter is rendered yet."""
    world = decided(it_is, outcome)
    at = world.call.closes_at + timedelta(days=10)
    world.publication = decisions.propose(world.assignment.round, actor=world.people["p1"], at=at)
    return world


def proposed(it_is, outcome=Outcome.SHORTLISTED) -> World:
    """The same with every letter rendered, so that another publisher can release."""
    world = unrendered(it_is, outcome)
    for letter in world.publication.letters.all():
        decisions.render_letter(letter.pk, at=world.publication.proposed_at)
    return world


def told(it_is, outcome=Outcome.SHORTLISTED) -> World:
    """The same, and released."""
    world = proposed(it_is, outcome)
    _release(world)
    return world


def told_to_others(it_is) -> World:
    """The same; those who stand for the letter's agency are of a third one."""
    world = told(it_is)
    third = make.agency()
    seats = {"ed": Seat.EDITOR, "su": Seat.REPRESENTATIVE, "vw": Seat.VIEWER}
    world.people |= {role: make.member(third, seat) for role, seat in seats.items()}
    return world


def _release(world):
    decisions.release(
        world.publication,
        confirmed_count=world.publication.positive_count,
        key=RELEASE_KEY,
        actor=world.people["p2"],
        at=world.publication.proposed_at,
    )
    decisions.mail_told(at=world.publication.proposed_at)
    world.letter.refresh_from_db()


def corrected(it_is) -> World:
    """The first publisher proposed to correct the words of what was told."""
    world = told(it_is)
    world.correction = decisions.propose_correction(
        world.assignment.round,
        world.letter,
        why="A word was missing.",
        outcome=Outcome.SHORTLISTED,
        reason="It fits the second objective well.",
        actor=world.people["p1"],
        at=world.publication.proposed_at,
    )
    for letter in world.correction.letters.all():
        decisions.render_letter(letter.pk, at=world.publication.proposed_at)
    return world


def selection_proposed(it_is) -> World:
    """The final round: the letter is to be selected, as two publishers know."""
    world = shortlisted(it_is)
    call_round = make.final_round(world.call)
    stage.freeze(call_round, [world.letter])
    at = world.call.closes_at + timedelta(days=120)
    decisions.decide(
        call_round,
        world.letter,
        outcome=Outcome.SELECTED,
        reason=REASON,
        actor=world.people["ch"],
        at=at,
    )
    world.publication = decisions.propose(call_round, actor=world.people["p1"], at=at)
    for letter in world.publication.letters.all():
        decisions.render_letter(letter.pk, at=at)
    return world


def selected(it_is) -> World:
    """The same, and released."""
    world = selection_proposed(it_is)
    _release(world)
    # Or each visitor's look would make it, and be undone with what it made.
    decisions.paper_of(results.of(world.call), "en", at=clock.now())
    return world


def archived(it_is) -> World:
    """Nothing was shortlisted, and ninety days have passed since everybody was told."""
    world = told(it_is, Outcome.NOT_SHORTLISTED)
    at = world.call.closes_at + timedelta(days=100)
    decisions.archive_due(at=at)
    it_is(at)
    return world


def withdrawn(it_is) -> World:
    """Taken back by its agency after the letters were opened."""
    world = opened(it_is)
    actions.withdraw(world.letter, actor=world.people["su"])
    world.letter.refresh_from_db()
    return world


def read_by_another(it_is) -> World:
    """Opened, and read by one more reviewer, who is none of the visitors."""
    world = opened(it_is)
    world.reader = make.reviewer(name="Quintessa Ledger")
    make.assignment(letter=world.letter, reviewer=world.reader)
    return world


def accepted(it_is) -> World:
    """The chair invited somebody to review, who accepted."""
    world = closed(it_is)
    call_round = make.first_round(world.call)
    at = world.call.closes_at + timedelta(minutes=5)
    [world.invitation] = panel.invite_reviewers(
        call_round,
        [Guest("Ana Nakara", "ana@oba.example")],
        letters=5,
        due_at=call_round.reviews_due_at,
        language="en",
        actor=world.people["ch"],
        at=at,
    )
    panel.answer_reviewer_invitation(world.invitation, accept=True, note="", at=at)
    return world


def reviewing(it_is) -> World:
    """The reviewer has begun a complete review; another one ended the own by a conflict."""
    world = opened(it_is)
    make.rubric(world.call)
    world.ended = make.assignment(
        letter=world.letter,
        reviewer=world.people["rc"],
        conflicted=None,
        ended_at=world.call.closes_at + timedelta(days=8),
        ended_because="conflict of interest declared",
    )
    world.review = make.review(of=world.assignment, submitted=False)
    world.colleague = make.assignment(letter=world.letter, reviewer=make.reviewer(name="Wanda Kuo"))
    make.review(of=world.colleague)
    return world


def review_filed(it_is) -> World:
    world = reviewing(it_is)
    panel.submit_review(world.review, actor=world.people["ra"])
    return world


def past_due(it_is) -> World:
    world = reviewing(it_is)
    it_is(world.assignment.due_at)
    return world


def ranked(it_is) -> World:
    """The chair froze the ranking before the reviews were due."""
    world = reviewing(it_is)
    Ranking.objects.create(
        round=world.assignment.round,
        frozen_at=world.assignment.assigned_at,
        frozen_by=world.people["ch"],
        rubric=[],
    )
    return world


def meeting(it_is) -> World:
    """The panel speaks about the letter; whoever is in conflict with it is invited and outside."""
    world = review_filed(it_is)
    at = world.call.closes_at + timedelta(days=11)
    chair, who = world.people["ch"], {"actor": world.people["ch"], "at": at}
    held = panel.make_meeting(
        world.assignment.round,
        title="Panel meeting",
        place="Room 5",
        starts_at=at + timedelta(days=1),
        **who,
    )
    people = [world.people[name] for name in ("ch", "cc", "ra", "rc")]
    panel.invite_to_meeting(held, people, **who)
    [item] = panel.add_letters(held, [world.letter], actor=chair)
    panel.start_meeting(held, {person.pk for person in people}, **who)
    panel.call_item(held, item, seen=None, **who)
    panel.confirm_left(held, item, {world.people[name].pk for name in ("cc", "rc")}, **who)
    world.meeting, world.item = held, panel.open_item(held, item, **who)
    return world


def minuted(it_is) -> World:
    """The same, decided and closed."""
    world = meeting(it_is)
    who = {"actor": world.people["ch"], "at": world.meeting.starts_at}
    what = {"decision": "SCORED", "more": 0, "reason": "", "note": "", "ends": True}
    panel.record_item(world.meeting, world.item, **what, **who)
    panel.close_meeting(world.meeting, **who)
    return world
