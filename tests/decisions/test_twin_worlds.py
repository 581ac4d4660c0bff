"""Two worlds that differ in one secret look the same to everybody who must not know it.

Every address of the portal is asked as every such person in both worlds; status, headers and bytes
must be equal. The worlds grow from one base inside savepoints, so that all ids but the secret's own
are the same.
"""

import re
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver

from accounts.states import Role, Seat
from decisions import actions
from decisions.states import POSITIVE, Outcome
from notifications.models import Message
from proposals import actions as letters_room
from proposals import content, files, reminders
from proposals.models import Attachment, LetterEvent, Receipt, UnfiledText
from proposals.states import RoundKind
from tests import make
from tests.decisions import stage, tables
from tests.programs import Program

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_press")]

RANDOM = "0b5c93d4-16f9-4a9e-9a43-1f7a53a20d0e"
# Headers that no two answers share.
_RESTLESS = {"Date", "Expires", "Set-Cookie"}


class Base:
    """What both worlds have: a letter that came to the final round, others, and everybody."""

    a_letter = staticmethod(make.shortlisted_letter)
    a_round = staticmethod(make.final_round)

    def __init__(self):
        self.call = make.call()
        self.call.rounds.filter(kind=RoundKind.FINAL).update(
            proposals_due_at=self.call.closes_at + timedelta(days=300)
        )
        self.letter = self.a_letter(call=self.call, agency=make.agency())
        self.others = [self.a_letter(call=self.call, agency=make.agency()) for _ in range(2)]
        self.round = self.a_round(self.call)
        make.rubric(self.call)
        agency = self.letter.agency
        self.people = {
            "anonymous": None,
            "editor": make.member(of=agency, seat=Seat.EDITOR),
            "representative": make.member(of=agency),
            "viewer": make.member(of=agency, seat=Seat.VIEWER),
            "another agency": make.member(of=self.others[0].agency),
            "assigned reviewer": make.reviewer(),
            "unassigned reviewer": make.reviewer(),
            "auditor": make.user(Role.AUDITOR),
            "operator": make.user(Role.OPERATOR),
        }
        assignment = make.assignment(
            letter=self.letter, reviewer=self.people["assigned reviewer"], round=self.round
        )
        self.review = make.review(of=assignment)
        self.receipt = self._file()
        self.unfiled = UnfiledText.objects.create(
            letter=self.letter,
            content=content.of(self.letter, version=2),
            kept_at=self.call.closes_at,
        )
        stage.freeze(self.round, [self.letter, *self.others])
        self.chair = make.user(Role.CHAIR)
        self.publishers = [make.user(Role.PUBLISHER) for _ in range(2)]
        letters_room.ask_clarification(
            self.letter,
            question="Which sensor?",
            due_at=stage.late(self.call) + timedelta(days=30),
            actor=self.chair,
        )
        self.programs = {
            name: Program(person) for name, person in self.people.items() if person is not None
        }

    def _file(self):
        letter, person = self.letter, self.people["representative"]
        sha256 = files.store_bytes(b"%PDF-1.7 the letter itself")
        self.attachment = Attachment.objects.create(
            letter=letter,
            name="letter.pdf",
            size=26,
            pages=1,
            sha256=sha256,
            uploaded_at=letter.created_at,
            uploaded_by=person,
        )
        LetterEvent.objects.create(
            letter=letter,
            actor=person,
            from_state="DRAFT",
            to_state="SUBMITTED",
            at=letter.submitted_at,
        )
        version = make.version(letter, content.of(letter, version=1), by=person)
        return Receipt.objects.create(
            version=version, code="WXYZ-2345-6789-ABCD-EFGH", audit_seq=1, audit_head="d" * 64
        )

    def decide(self, letter, outcome):
        actions.decide(
            self.round,
            letter,
            outcome=outcome,
            reason=stage.REASON,
            actor=self.chair,
            at=stage.late(self.call),
        )


class FirstRound(Base):
    """Nobody has been told of a shortlist yet; the final round asks for fuller proposals."""

    a_letter = staticmethod(make.eligible_letter)
    a_round = staticmethod(make.first_round)


@contextmanager
def world(base, *outcomes, more=()):
    """The base with these decisions proposed and rendered; undone at the end."""
    with transaction.atomic():
        for letter, outcome in zip([base.letter, *base.others], outcomes, strict=True):
            base.decide(letter, outcome)
        for letter in more:
            base.decide(letter, Outcome.NOT_SELECTED)
        # The panel voted for what is decided: for a set with the letter, or for one without it.
        inside = {
            letter.reference: outcome in POSITIVE
            for letter, outcome in zip([base.letter, *base.others], outcomes, strict=True)
        }
        letters = (base.letter, *base.others)
        pins = [tables.pin(letter, inside=inside[letter.reference]) for letter in letters]
        base.scenario = tables.ready(base.round, base.chair, pins=pins)
        assert base.scenario.letters_inside == {key for key, there in inside.items() if there}
        tables.adopted(base.scenario, base.chair)
        publication = stage.propose(base.round, actor=base.publishers[0])
        stage.render_all(publication)
        yield publication
        transaction.set_rollback(True)


# --- the crawl ---


def routes(patterns, prefix=""):
    for entry in patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route
        else:
            yield from routes(entry.url_patterns, route)


def addresses(base, publication):
    """Every address a GET can ask, with the ids of this world in it."""
    secret = publication.letters.filter(decision__letter=base.letter)
    ids = {
        "letters": [base.letter.pk, base.receipt.pk, base.attachment.pk],
        "reviews": [base.letter.pk, base.review.pk, base.review.assignment_id],
        "decisions": [
            *(base.letter.pk, secret.first().pk, publication.pk),
            *(base.scenario.pk, base.scenario.rules_id),
        ],
    }
    for route in sorted(set(routes(get_resolver().url_patterns))):
        if "^" in route or "<path" in route:
            continue  # the admin's own addresses of single objects
        for pk in ids.get(route.partition("/")[0], [base.letter.pk]):
            filled = re.sub(r"<round:\w+>", "final", route)
            filled = re.sub(r"<uuid:\w+>", str(pk), filled)
            yield "/" + re.sub(r"<[^>]+>", "a", filled)
            if "<uuid:" not in route:
                break
    yield from pages_of_the_letter(base)
    yield f"/letters/{base.letter.pk}/decision.pdf?round=final&lang=zh-hans"
    yield f"/letters/{base.letter.pk}/decision/?round=final"
    yield f"/letters/{RANDOM}/decision.pdf"
    yield f"/verify/?code={base.receipt.code}"
    for address in ("/results/", "/results/feed/", "/results/picture.png", "/results.pdf"):
        yield f"{address}?lang=ar"
    # Named by its code, the call is not there.
    named = f"/results/{base.call.code}"
    yield from (f"{named}{form}" for form in ("/", ".csv", ".txt", ".pdf"))
    yield from (f"{named}{form}" for form in ("/feed/", "/picture.png"))
    for letter in secret:
        yield f"/verify/?code={letter.code}"


def pages_of_the_letter(base):
    """What the crawl cannot fill in by itself: sections, versions, files, questions, texts."""
    own = f"/letters/{base.letter.pk}"
    yield from (f"{own}/edit/{key}/" for key in "abcdefgh")
    yield f"{own}/attachments/{base.attachment.pk}/"
    yield from (f"{own}/versions/1/{page}" for page in ("", "content.json", "files/LETTER/"))
    yield from (f"{own}/versions/1/letter.pdf", f"{own}/receipt.pdf")
    yield f"{own}/compare/?from=1&to=1"
    yield f"{own}/receipt/?version=1&format=json"
    yield f"{own}/unfiled/{base.unfiled.pk}/"
    yield f"/agency/{base.letter.agency_id}/"
    yield f"/agency/{base.letter.agency_id}/record/"


def calls(base):
    """Every call of the interface for programs that reads."""
    own = f"/letters/{base.letter.pk}"
    yield from ("/call", "/results", "/letters", own)
    yield from (f"/results/{base.call.code}", f"/decisions?call={base.call.code}")
    yield from (f"{own}/{call}" for call in ("versions", "versions/1", "receipts"))
    yield f"{own}/attachments/{base.attachment.pk}"


def aliases(base, publication):
    """What differs between the worlds by construction, and must not be seen as such either."""
    names = {
        str(publication.pk): "<publication>",
        str(base.scenario.pk): "<scenario>",
        str(base.scenario.rules_id): "<rules>",
    }
    for letter in publication.letters.select_related("decision__letter"):
        about = f"{letter.decision.letter_id}-{letter.language}"
        names[str(letter.pk)] = f"<file-{about}>"
        names[letter.code] = f"<code-{about}>"
    return names


def seen_by(name, base, publication):
    """Address to (status, headers, bytes) of every answer that one person gets."""
    person, number = base.people[name], list(base.people).index(name)
    client = Client(REMOTE_ADDR=f"192.0.2.{number}")
    if person is not None:
        client.force_login(person)
    tidy = partial(_tidy, aliases(base, publication), hashes=name == "auditor")
    answers = {}
    for address in dict.fromkeys(addresses(base, publication)):
        if address.startswith("/admin") and name != "operator":
            continue  # for the others one and the same 404
        if address.startswith("/accounts") and name not in ("anonymous", "representative"):
            continue  # one's own account: the same pages for everybody
        response = client.get(address)
        headers = {
            key: tidy(value) for key, value in response.headers.items() if key not in _RESTLESS
        }
        headers.pop("Content-Length", None)  # the bytes themselves are compared
        body = b"".join(response) if response.streaming else response.content
        answers[tidy(address)] = (
            response.status_code,
            headers,
            tidy(body.decode(errors="surrogateescape")),
        )
    if name in base.programs:
        for call in calls(base):
            response = base.programs[name].get(call)
            headers = {k: v for k, v in response.headers.items() if k not in _RESTLESS}
            body = b"".join(response) if response.streaming else response.content
            answers[f"API {call}"] = (response.status_code, headers, body.decode())
    return answers


def _tidy(names, text, *, hashes):
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)
    text = re.sub(r"portal_disk_free_ratio [\d.]+", "", text)  # of the machine the test runs on
    for value, name in names.items():
        text = text.replace(value, name)
    # The auditor reads hashes of what is decided, whole or their beginning, and cannot turn them
    # back; and beside each entry of the record its salt, which is drawn by lot.
    hidden = r"\b([0-9a-f]{64}\b|[0-9a-f]{32}\b|[0-9a-f]{8}…)"
    return re.sub(hidden, "<hash>", text) if hashes else text


def mails():
    fields = ("key", "recipient", "address", "template", "subject", "body", "state", "due_at")
    return sorted(Message.objects.values_list(*fields), key=str)


def differences(one, other):
    """Addresses whose answers differ; empty if the worlds look the same."""
    return sorted(
        address for address in one.keys() | other.keys() if one.get(address) != other.get(address)
    )


SELECTED = (Outcome.SELECTED, Outcome.SELECTED, Outcome.NOT_SELECTED)
DECLINED = (Outcome.NOT_SELECTED, Outcome.SELECTED, Outcome.NOT_SELECTED)


@pytest.fixture
def base(it_is):
    """The base of both worlds; time stands still after the proposal."""
    it_is(make.CLOSES + timedelta(days=10))
    made = Base()
    it_is(stage.late(made.call) + timedelta(days=1))
    return made


def test_before_the_release_nobody_outside_sees_whether_a_letter_is_selected(base):
    # Bad input IL12. The other seats of the agency see less than its representative.
    names = [name for name in base.people if name not in ("editor", "viewer")]
    seen, told = [], []
    for outcomes in (SELECTED, DECLINED):
        with world(base, *outcomes) as publication:
            seen.append({name: seen_by(name, base, publication) for name in names})
            told.append(mails())
    for name in names:
        assert differences(seen[0][name], seen[1][name]) == [], name
        assert len(seen[0][name]) > 20
    readable = [*pages_of_the_letter(base), *(f"API {call}" for call in calls(base))]
    # After the cutoff no section is open, and there is no result yet.
    closed = [address for address in readable if "/edit/" in address] + [
        f"API {call}" for call in calls(base) if call.startswith(("/results", "/decisions"))
    ]
    for address in readable:
        status = seen[0]["representative"][address][0]
        assert (status == 200) == (address not in closed), (address, status)
    assert told[0] == told[1]


@pytest.mark.long
def test_that_two_agencies_are_asked_about_a_merger_is_seen_by_nobody_else(base):
    """Not by their own other people, nor by the operator who keeps the mail going."""
    # The auditor counts one more entry of the record, which names no letter and nobody.
    names = ("anonymous", "editor", "assigned reviewer", "operator")
    base.scenario = tables.ready(base.round, base.chair)
    seen, told = [], []
    for is_merged in (True, False):
        with transaction.atomic():
            base.decide(base.others[0], Outcome.SELECTED)
            base.decide(base.others[1], Outcome.NOT_SELECTED)
            if is_merged:
                stage.merge(base.round, base.letter, base.others[0], actor=base.chair)
                stage.consent(base.round, base.letter, actor=base.chair)
            else:
                base.decide(base.letter, Outcome.NOT_SELECTED)
            publication = stage.propose(base.round, actor=base.publishers[0])
            stage.render_all(publication)
            seen.append({name: seen_by(name, base, publication) for name in names})
            people = [base.people[name].pk for name in names if base.people[name]]
            told.append(sorted(Message.objects.filter(recipient__in=people).values_list("key")))
            transaction.set_rollback(True)
    for name in names:
        assert differences(seen[0][name], seen[1][name]) == [], name
    assert told[0] == told[1]


@pytest.mark.long
def test_before_its_release_nobody_outside_sees_who_is_on_the_shortlist(it_is):
    it_is(make.CLOSES + timedelta(days=10))
    base = FirstRound()
    it_is(stage.late(base.call) + timedelta(days=1))
    names = ("representative", "another agency", "assigned reviewer")
    listed, left = Outcome.SHORTLISTED, Outcome.NOT_SHORTLISTED
    seen, told, owed = [], [], []
    for outcomes in ((listed, listed, left), (left, listed, left)):
        with world(base, *outcomes) as publication:
            seen.append({name: seen_by(name, base, publication) for name in names})
            told.append(mails())
            owed.append(reminders.queue_fuller_due(at=base.call.closes_at + timedelta(days=299)))
    for name in names:
        assert differences(seen[0][name], seen[1][name]) == [], name
    own = f"/letters/{base.letter.pk}/fuller/"
    for page in ("", "edit/", "files/", "submit/", "receipt/"):
        assert seen[0]["representative"][own + page][0] == 404
    assert told[0] == told[1]
    assert owed == [0, 0]


def test_at_the_release_both_worlds_change_at_once_for_the_agency(base):
    after = []
    own = f"/letters/{base.letter.pk}/decision"
    for outcomes in (SELECTED, DECLINED):
        with world(base, *outcomes) as publication:
            before = seen_by("representative", base, publication)
            mails_before = mails()
            stage.release(publication, actor=base.publishers[1])
            now = seen_by("representative", base, publication)
            changed = differences(before, now)
            assert {f"{own}/", f"{own}.pdf", "/results/"} <= set(changed)
            assert before[f"{own}.pdf"][0] == 404
            assert now[f"{own}.pdf"][0] == 200
            assert len(mails()) == len(mails_before) + 4
            after.append((now, mails()))
    differing = differences(after[0][0], after[1][0])
    assert {f"{own}/", f"{own}.pdf", "/results/"} <= set(differing)
    # The mails still say nothing but that there is something to read.
    assert after[0][1] == after[1][1]


@pytest.mark.long
def test_neither_the_public_nor_agencies_can_count_the_letters(base):
    seen = []
    for number in (5, 50):
        with transaction.atomic():
            more = [
                make.shortlisted_letter(call=base.call, agency=base.others[1].agency)
                for _ in range(number - 3)
            ]
            with world(base, *SELECTED, more=more) as publication:
                names = ("anonymous", "representative", "another agency")
                seen.append({name: seen_by(name, base, publication) for name in names})
            transaction.set_rollback(True)
    for name in seen[0]:
        assert differences(seen[0][name], seen[1][name]) == [], name
