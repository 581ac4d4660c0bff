"""axe finds nothing on the pages of every kind of visitor: wide and light, narrow and dark."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from allauth.mfa.models import Authenticator
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client

from accounts import actions as people
from chang_e8_portal import clock
from decisions import actions as decisions
from decisions.models import Dossier
from decisions.rendering import wording
from decisions.states import Outcome
from notifications import outbox
from notifications.models import Message
from notifications.states import MessageState
from reviews import actions
from reviews.models import Criterion, NameSearch, RankedLetter, Review
from tests import make
from tests.authorisation import worlds
from tests.decisions import stage, tables
from tests.plugins.browser import PATIENCE

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

DAY = timedelta(days=1)
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
# As tall as a page, so that the bar that sticks to the foot covers nothing half: axe would take
# what is left to see for the size of the target.
LOOKS = (({"width": 1440, "height": 6000}, "light"), ({"width": 390, "height": 6000}, "dark"))


def _public(world):
    yield from ("/", "/results/", "/results/?lang=ar", "/verify/", "/promises/")
    yield from ("/accounts/login/", "/accounts/signup/")


def _agency(world):
    letter = f"/letters/{world.letter.pk}/"
    yield from ("/letters/", "/letters/new/", letter, f"{letter}submit/", f"{letter}versions/")
    yield from (f"{letter}edit/{section}/" for section in "abcdefgh")
    yield from (f"{letter}{page}/" for page in ("partners", "comments", "mails"))
    agency = f"/agency/{world.agency.pk}/"
    yield from (agency, f"{agency}members/", f"{agency}record/")
    yield from (
        "/accounts/tokens/",
        "/accounts/calendar/",
        "/accounts/2fa/",
        "/accounts/email/",
        "/accounts/preferences/",
    )


def _reviewer(world):
    make.review(of=world.assignment, submitted=False)
    yield from ("/reviews/", "/reviews/conflicts/", f"/reviews/{world.assignment.pk}/")


def _reviewer_who_filed(world):
    own = f"/reviews/{world.assignment.pk}/"
    yield from (own, f"{own}others/", f"{own}discussion/", f"{own}consensus/")
    yield from ("/reviews/marks/", "/reviews/thanks/", "/reviews/offline/")


def _chair_of_a_discussion(world):
    there = "/panel/preliminary/discussion/"
    yield from (there, f"{there}{world.letter.pk}/", f"{there}{world.letter.pk}/consensus/")


def _held(world, *, opened):
    """A meeting about the letter; `rc` is in conflict with it, and out once it is `opened`."""
    chair, at = world.people["ch"], world.call.closes_at + timedelta(days=20)
    who = {"actor": chair, "at": at}
    starts_at = at + timedelta(days=1)
    found = actions.make_meeting(
        make.first_round(world.call), title="Panel meeting", place="5", starts_at=starts_at, **who
    )
    people = [world.people[name] for name in ("ch", "cc", "ra", "rc")]
    actions.invite_to_meeting(found, people, **who)
    actions.add_letters(found, [world.letter], actor=chair)
    actions.add_subject(found, subject="Any other business", actor=chair)
    actions.start_meeting(found, {person.pk for person in people}, **who)
    item = found.items.get(letter=world.letter)
    actions.call_item(found, item, seen=None, **who)
    if opened:
        actions.confirm_left(found, item, {person.pk for person in people}, **who)
        actions.open_item(found, item, **who)
    return found


def _meeting(world):
    """For whoever is invited, in the room or outside."""
    found = _held(world, opened=True)
    yield from ("/reviews/meetings/", f"/reviews/meetings/{found.pk}/")
    who = {"actor": world.people["ch"], "at": found.starts_at}
    actions.record_item(
        found,
        found.items.get(letter=world.letter),
        **{"decision": "LEFT", "more": 0, "reason": "Late.", "note": "n", "ends": True},
        **who,
    )
    actions.close_meeting(found, **who)
    yield f"/reviews/meetings/{found.pk}/minutes/"


def _chair_of_a_meeting(world):
    found = _held(world, opened=False)
    there = f"/panel/preliminary/meeting/{found.pk}/"
    yield from ("/panel/preliminary/meetings/", there)
    yield from (f"{there}{page}/" for page in ("change", "people", "agenda", "minutes"))
    item = found.items.get(letter=world.letter)
    who = {"actor": world.people["ch"], "at": found.starts_at}
    outside = {world.people[name].pk for name in ("cc", "rc")}
    actions.confirm_left(found, item, outside, **who)
    actions.open_item(found, item, **who)
    yield there


def _chair(world):
    yield from ("/panel/", "/panel/criteria/", "/panel/intake/", "/panel/screening/")
    yield from ("/panel/duplicates/", "/panel/conflicts/", f"/panel/letters/{world.letter.pk}/")
    yield from (
        f"/panel/preliminary/{page}/" for page in ("assignment", "progress", "ranking", "pack")
    )
    yield f"/panel/preliminary/assignment/{world.letter.pk}/"
    due = clock.now() + 10 * DAY
    final = world.call.rounds.get(kind="FINAL")
    type(final).objects.filter(pk=final.pk).update(proposals_due_at=due)
    actions.move_fuller_due(
        final, due_at=due + DAY, reason="Snow.", seen=due, actor=world.people["ch"]
    )
    yield "/panel/final/fuller-due/"


def _agency_on_the_shortlist(world):
    own = f"/letters/{world.letter.pk}/fuller/"
    yield from (own, f"{own}edit/", f"{own}files/", f"{own}submit/", f"{own}receipt/")


def _chair_before_the_cutoff(world):
    yield from ("/panel/criteria/", "/panel/criteria/edit/")


def _chair_who_shortlists(world):
    yield "/decisions/preliminary/shortlist/"
    yield "/decisions/preliminary/several/?proposal=in&outcome=SHORTLISTED"


def _chair_who_weighs(world):
    there = "/decisions/preliminary/portfolio/"
    own = f"{there}{world.scenario.pk}/"
    other = tables.ready(
        world.assignment.round, world.people["ch"], signed=world.rules, name="Other"
    )
    yield from (there, f"{there}rules/", f"{there}rules/{world.rules.pk}/")
    yield from (f"{own}?letter={world.letter.reference}", f"{own}adopt/")
    yield f"{there}compare/?scenario={world.scenario.pk}&scenario={other.pk}"


def _publisher(world):
    yield from ("/decisions/", "/decisions/call/", "/decisions/preliminary/")
    # Somebody whom this publisher proposed, and somebody whom another one did.
    for role in ("p1", "p2"):
        people.propose_publisher(
            make.user(), reason="A third.", actor=world.people[role], at=clock.now()
        )
    yield "/people/publishers/"


def _operator(world):
    member = make.member(world.agency, name="Ana Nakara")
    Authenticator.objects.create(user=member, type=Authenticator.Type.TOTP, data={"secret": "x"})
    outbox.enqueue(key="k", recipient=member, template="welcome", at=clock.now())
    mail = Message.objects.get(key="k")
    mail.state, mail.last_error = MessageState.UNKNOWN, "the line dropped"
    mail.save(update_fields=["state", "last_error"])
    yield from ("/people/", "/people/search/?q=ana", "/people/new/", f"/people/{member.pk}/")
    yield from ("/people/publishers/", f"/people/{world.people['ad'].pk}/")
    yield from ("/operations/", f"/operations/plans/{world.plan.pk}/again/")
    yield from ("/operations/mails/", f"/operations/mails/{mail.pk}/again/")


def _publisher_of_a_release(world):
    there = "/decisions/preliminary/publication/"
    yield from (there, f"{there}release/")
    decisions.ask_rehearsal(
        world.publication, actor=world.people["p2"], at=world.publication.proposed_at
    )
    decisions.rehearse_due(at=world.publication.proposed_at)
    yield there


def _publisher_of_a_wording(world):
    there = "/decisions/preliminary/letters/"
    said = wording.standard(Outcome.SHORTLISTED, "ar")
    for closing in ("وتقبلوا تحياتنا،", "مع أطيب التحيات،"):
        asked = decisions.propose_wording(
            world.assignment.round,
            outcome=Outcome.SHORTLISTED,
            language="ar",
            texts=replace(said, closing=closing),
            actor=world.people["p1"],
            at=clock.now(),
        )
        yield from (there, f"{there}shortlisted/ar/")
        decisions.approve_wording(asked, actor=world.people["p2"], at=clock.now())
    yield from (f"{there}shortlisted/ar/", there, f"{there}not_shortlisted/en/")


def _publisher_of_a_correction(world):
    yield f"/decisions/preliminary/{world.letter.pk}/correct/"
    yield f"/decisions/corrections/{world.correction.pk}/"
    yield from ("/decisions/preliminary/publication/", f"/letters/{world.letter.pk}/decision/")


def _merger(it_is):
    """The letter is to join another one's project, and both agencies are asked."""
    world = worlds.shortlisted(it_is)
    world.lead = make.shortlisted_letter(call=world.call, agency=make.agency())
    world.round = make.final_round(world.call)
    stage.freeze(world.round, [world.lead, world.letter])
    stage.decide(world.round, [world.lead], [Outcome.SELECTED])
    stage.merge(world.round, world.letter, world.lead)
    at = stage.late(world.call)
    world.asked = decisions.ask_consents(world.round, world.letter, actor=world.people["ch"], at=at)
    return world


def _chair_of_a_merger(world):
    yield from ("/decisions/final/consents/", f"/decisions/final/{world.letter.pk}/")
    RankedLetter.objects.filter(letter=world.lead).update(total=50)
    yield "/decisions/final/exceptions/"
    decisions.decide_several(
        world.round,
        [world.lead],
        outcome=Outcome.NOT_SELECTED,
        reason="Too heavy.",
        actor=world.people["ch"],
        at=stage.late(world.call),
    )
    yield from ("/decisions/final/several/undo/", "/decisions/final/publication/")


def _agency_of_a_merger(world):
    own = next(one for one in world.asked if one.agency == world.agency)
    yield from ("/letters/confidential/", f"/letters/confidential/{own.pk}/")


def _auditor(world):
    yield from ("/audit/", "/panel/conflicts/")
    yield f"/letters/{world.letter.pk}/dossier/"


def _agency_that_was_told(world):
    own = f"/letters/{world.letter.pk}/"
    dossiers = f"{own}dossier/"
    who = {"actor": world.people["su"], "at": clock.now()}
    asked = decisions.ask_for_dossier(
        world.letter, reader="AGENCY", reason="", language="en", **who
    )
    yield from (f"{own}decision/", dossiers)
    Dossier.objects.filter(pk=asked.pk).update(state="READY", sha256="f" * 64, size=9)
    yield dossiers


def _auditor_of_the_archive(world):
    yield from ("/panel/archive/", f"/panel/archive/{world.letter.pk}/")


def _anonymous(it_is):
    """A double-anonymous round in which one letter names its agency in a text."""
    world = worlds.review_filed(it_is)
    world.call.rounds.update(double_anonymous=True)
    letter = world.letter
    make.check(world.people["ru"], make.eligible_letter(call=world.call), answered=False)
    version = letter.versions.latest("number")
    NameSearch.objects.create(
        version=version,
        searched_at=world.assignment.assigned_at,
        found=[{"where": "goals", "names": [world.agency.name]}],
        unread=["DRAWING"],
    )
    return world


def _reviewer_of_an_anonymous_round(world):
    own = f"/reviews/{world.assignment.pk}/"
    yield from ("/reviews/", "/reviews/conflicts/names/", own, f"{own}team/")
    actions.open_team(Review.objects.get(assignment=world.assignment), actor=world.people["ra"])
    yield f"{own}team/"


def _reviewer_before_letters_are_given(world):
    yield from ("/reviews/", "/reviews/conflicts/names/", "/reviews/wishes/")


def _practises(world):
    why = {"en": "It is so."}
    codes = Criterion.objects.filter(call=world.call).values_list("code", flat=True)
    world.call.facts["practice"] = {
        "title": {"en": "Frost ladder"},
        "letter": [{"title": {"en": "Summary"}, "text": {"en": "Forty thermometers."}}],
        "marks": {code: {"mark": "2.5", "why": why} for code in codes},
    }
    world.call.save(update_fields=["facts"])
    yield from ("/reviews/", "/reviews/practice/")
    scores = {code: {"mark": Decimal(4), "comment": "Good."} for code in codes}
    actions.practise(world.people["ra"], world.call, scores, at=world.assignment.assigned_at)
    yield "/reviews/practice/"


def _chair_of_an_anonymous_round(world):
    yield from ("/panel/preliminary/anonymity/", "/panel/final/anonymity/")


VISITS = [
    (worlds.draft, "an", _public),
    (worlds.draft, "su", _agency),
    (worlds.opened, "ra", _reviewer),
    (worlds.review_filed, "ra", _reviewer_who_filed),
    (worlds.opened, "ch", _chair),
    (worlds.review_filed, "ch", _chair_of_a_discussion),
    (worlds.review_filed, "ch", _chair_of_a_meeting),
    (worlds.review_filed, "ra", _meeting),
    (worlds.review_filed, "rc", _meeting),
    (worlds.fuller_filed, "su", _agency_on_the_shortlist),
    (worlds.weighed, "ch", _chair_before_the_cutoff),
    (worlds.frozen, "ch", _chair_who_shortlists),
    (worlds.weighed_up, "ch", _chair_who_weighs),
    (worlds.opened, "ra", _practises),
    (_anonymous, "ra", _reviewer_of_an_anonymous_round),
    (_anonymous, "ru", _reviewer_before_letters_are_given),
    (_anonymous, "ch", _chair_of_an_anonymous_round),
    (worlds.opened, "p1", _publisher),
    (worlds.decided, "p2", _publisher_of_a_wording),
    (worlds.proposed, "p2", _publisher_of_a_release),
    (worlds.corrected, "p2", _publisher_of_a_correction),
    (_merger, "ch", _chair_of_a_merger),
    (_merger, "su", _agency_of_a_merger),
    (worlds.plan_failed, "ad", _operator),
    (worlds.told, "su", _agency_that_was_told),
    (worlds.opened, "au", _auditor),
    (worlds.archived, "au", _auditor_of_the_archive),
]


@pytest.mark.parametrize(
    "in_all_looks",
    [
        pytest.param(False, id="one look after the other"),
        pytest.param(True, marks=pytest.mark.long, id="all looks"),
    ],
)
@pytest.mark.parametrize(
    ("build", "role", "pages"),
    [
        # Every third is a quick look: the others walk through templates that are much alike.
        pytest.param(
            *visit,
            id=f"{visit[1]}{visit[2].__name__}",
            marks=[pytest.mark.long] if number % 3 else [],
        )
        for number, visit in enumerate(VISITS)
    ],
)
def test_axe_finds_nothing(build, role, pages, in_all_looks, it_is, live_server, browser):
    world = build(it_is)
    if not Criterion.objects.filter(call=world.call).exists():
        make.rubric(world.call)
    context = browser.new_context(base_url=live_server.url, locale="en-GB")
    if person := world.people[role]:
        client = Client()
        client.force_login(person)
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies(
            [{"name": name, "value": client.cookies[name].value, "url": live_server.url}]
        )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    faults = []
    try:
        for number, address in enumerate(pages(world)):
            answer = page.goto(address)
            assert answer.status == 200, address
            for size, scheme in LOOKS if in_all_looks else [LOOKS[number % 2]]:
                page.set_viewport_size(size)
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                found = Axe().run(page, options=RULES).response["violations"]
                faults += [
                    f"{address} {size['width']} {scheme}: {rule['id']} {node['html'][:200]}"
                    f" {node['failureSummary']}"
                    for rule in found
                    for node in rule["nodes"]
                ]
    finally:
        context.close()
    assert faults == []
