"""A release planned for an instant: once, whole, never earlier, and not at all if a check fails."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts.models import User
from accounts.states import Role
from audit.models import Entry
from decisions import actions, tasks
from decisions.actions import Refused
from decisions.models import Publication
from decisions.states import Outcome, PublicationState
from notifications.models import Message
from proposals import files
from proposals.models import LetterOfIntent
from tests import make
from tests.decisions import stage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_press")]
HOUR = timedelta(hours=1)


class Planned:
    """A proposal with every letter rendered, which the second person plans for an hour later."""

    def __init__(self, it_is):
        self.it_is = it_is
        self.publication, self.letters = stage.ready()
        self.second = make.user(Role.PUBLISHER)
        self.now = self.publication.proposed_at + 2 * stage.MINUTE
        self.instant = self.now + HOUR
        it_is(self.now)

    def plan(self, **options):
        options = {
            "release_at": self.instant,
            "confirmed_count": self.publication.positive_count,
            "key": "one form",
            "actor": self.second,
            "at": self.now,
        } | options
        return actions.schedule(self.publication, **options)

    def beat(self, moment):
        self.it_is(moment)
        tasks.release_planned_publications()
        self.publication.refresh_from_db()
        return self.publication.state


@pytest.fixture
def planned(it_is):
    return Planned(it_is)


def test_it_is_released_at_the_instant_and_not_a_microsecond_earlier(planned):
    planned.plan()
    before = stage.everything_told()
    early = planned.instant - timedelta(microseconds=1)
    assert planned.beat(early) == PublicationState.PROPOSED
    assert stage.everything_told() == before

    assert planned.beat(planned.instant) == PublicationState.RELEASED
    publication = planned.publication
    assert (publication.released_by, publication.released_at) == (planned.second, planned.instant)
    assert LetterOfIntent.objects.get(pk=planned.letters[0].pk).state == "SELECTED"
    told = stage.everything_told()
    assert planned.beat(planned.instant + HOUR) == PublicationState.RELEASED
    assert stage.everything_told() == told, "a second beat tells nobody anything"


def test_a_beat_that_was_away_releases_at_once_when_it_is_back(planned):
    planned.plan()
    late = planned.instant + timedelta(days=3)
    assert planned.beat(late) == PublicationState.RELEASED
    assert planned.publication.released_at == late


def test_a_sweep_without_a_worker_releases_too(planned, capsys):
    planned.plan()
    planned.it_is(planned.instant)
    call_command("sweep")
    assert '"rounds_released": 1' in capsys.readouterr().out


@pytest.mark.parametrize("away", [-HOUR, timedelta(0), timedelta(days=400)])
def test_only_an_instant_to_come_is_planned(planned, away):
    with pytest.raises(Refused) as refusal:
        planned.plan(release_at=planned.now + away)
    assert refusal.value.code == "wrong_instant"
    assert not Publication.objects.filter(release_at__isnull=False).exists()


def test_the_second_key_guards_a_plan_as_it_guards_a_release(planned):
    for options, code in (
        ({"actor": planned.publication.proposed_by}, "same_person"),
        ({"confirmed_count": 2}, "wrong_count"),
    ):
        with pytest.raises(Refused) as refusal:
            planned.plan(**options)
        assert refusal.value.code == code
    files.path_of(stage.first_letter(planned.publication).sha256).unlink()
    with pytest.raises(Refused) as refusal:
        planned.plan()
    assert refusal.value.code == "not_ready"


def test_the_database_knows_who_may_plan_and_that_early_is_never(planned):
    rows = Publication.objects.filter(pk=planned.publication.pk)
    with pytest.raises(IntegrityError, match="by_the_second"), transaction.atomic():
        rows.update(release_at=planned.instant, scheduled_by=planned.publication.proposed_by)
    planned.plan()
    with pytest.raises(IntegrityError, match="never_earlier"), transaction.atomic():
        rows.update(state="RELEASED", released_by=planned.second, released_at=planned.now)


@pytest.mark.django_db(transaction=True)
def test_the_letters_files_are_read_before_anything_is_locked(planned, monkeypatch):
    in_a_transaction, really = [], files.is_whole

    def watched(sha256):
        in_a_transaction.append(connection.in_atomic_block)
        return really(sha256)

    monkeypatch.setattr(files, "is_whole", watched)
    publication = planned.plan()
    actions.ask_rehearsal(publication, actor=planned.second, at=planned.now)
    assert actions.rehearse_due(at=planned.now) == 1
    assert planned.beat(planned.instant) == PublicationState.RELEASED
    by_hand, _letters = stage.ready()
    stage.release(by_hand)
    assert in_a_transaction == [False] * len(in_a_transaction)
    assert len(in_a_transaction) == 3 * publication.letters.count() + by_hand.letters.count()


def test_what_is_planned_is_not_released_by_hand_and_a_second_form_plans_nothing(planned):
    planned.plan()
    assert planned.plan().release_at == planned.instant
    with pytest.raises(Refused) as refusal:
        planned.plan(key="another form")
    assert refusal.value.code == "scheduled"
    with pytest.raises(Refused) as refusal:
        stage.release(planned.publication, actor=planned.second)
    assert refusal.value.code == "scheduled"


@pytest.mark.parametrize("who", ["first", "second"])
def test_either_of_the_two_cancels_it(planned, who):
    planned.plan()
    person = planned.second if who == "second" else planned.publication.proposed_by
    actions.cancel_schedule(planned.publication, actor=person, at=planned.now)
    assert planned.beat(planned.instant) == PublicationState.PROPOSED
    assert planned.publication.release_at is None
    with pytest.raises(Refused, match="Nothing is scheduled"):
        actions.cancel_schedule(planned.publication, actor=person, at=planned.now)
    assert {"publication.scheduled", "publication.unscheduled"} <= set(
        Entry.objects.values_list("action", flat=True)
    )


def test_a_proposal_that_was_withdrawn_meanwhile_is_not_released(planned):
    planned.plan()
    stage.withdraw(planned.publication)
    assert planned.beat(planned.instant) == PublicationState.VOID
    assert not Message.objects.filter(template="decision_ready").exists()


@pytest.mark.parametrize("damage", ["file", "letter", "page"])
def test_what_changed_since_makes_it_void_and_the_publishers_are_told(planned, damage):
    planned.plan()
    match damage:
        case "file":
            files.path_of(stage.first_letter(planned.publication).sha256).unlink()
        case "letter":
            LetterOfIntent.objects.filter(pk=planned.letters[0].pk).update(state="WITHDRAWN")
        case "page":
            LetterOfIntent.objects.filter(pk=planned.letters[0].pk).update(title="Another")
    assert planned.beat(planned.instant) == PublicationState.VOID
    assert planned.publication.void_reason
    assert planned.publication.round.decisions_locked_at is None
    mails = Message.objects.filter(template="publication_stopped")
    assert set(mails.values_list("recipient", flat=True)) == {
        planned.second.pk,
        planned.publication.proposed_by_id,
    }
    assert not Message.objects.filter(template="decision_ready").exists()


@pytest.mark.parametrize("whose", ["scheduled_by", "proposed_by"])
@pytest.mark.parametrize("end", [{"roles": []}, {"is_active": False}])
def test_the_word_of_somebody_who_is_no_publisher_any_more_releases_nothing(planned, whose, end):
    planned.plan()
    planned.publication.refresh_from_db()
    person = getattr(planned.publication, whose)
    User.objects.filter(pk=person.pk).update(**end)
    assert planned.beat(planned.instant) == PublicationState.VOID
    assert planned.publication.void_reason.startswith(f"{person.name} is no longer a publisher.")
    assert not Message.objects.filter(template="decision_ready").exists()


def test_nobody_releases_what_a_former_publisher_proposed(planned):
    User.objects.filter(pk=planned.publication.proposed_by_id).update(roles=[])
    with pytest.raises(Refused, match="no longer a publisher"):
        stage.release(planned.publication, actor=planned.second)
    planned.publication.refresh_from_db()
    assert planned.publication.state == PublicationState.PROPOSED


# --- the pages ---


def address(publication, name):
    return reverse(f"decisions:{name}", args=[publication.round.kind])


def test_the_second_person_plans_it_in_the_calls_zone_and_cancels_it(client, planned):
    client.force_login(planned.second)
    make.stepped_up(client)
    publication = planned.publication
    form = client.get(address(publication, "release")).context["form"]
    sent = {name: str(form.initial[name]) for name in ("publication", "key")} | {"count": "1"}
    where = address(publication, "release")

    wrong = client.post(where, sent | {"release_at": "tomorrow"})
    assert wrong.status_code == 422
    assert "tomorrow" in wrong.content.decode()
    past = client.post(where, sent | {"release_at": "2023-01-01T10:00"})
    assert past.status_code == 422
    local = planned.instant.astimezone(publication.round.call.tzinfo)
    assert client.post(where, sent | {"release_at": f"{local:%Y-%m-%dT%H:%M}"}).status_code == 302
    publication.refresh_from_db()
    assert publication.release_at == planned.instant.replace(second=0, microsecond=0)

    assert "Planned for" in client.get(address(publication, "publication")).content.decode()
    assert client.get(where).status_code == 302
    assert client.post(address(publication, "unschedule")).status_code == 302
    assert client.post(address(publication, "unschedule")).status_code == 409
    assert not Publication.objects.released().exists()


def test_the_results_page_says_nothing_of_a_plan(client, planned):
    awaited = stage.bare(client.get("/results/"))
    planned.plan()
    assert stage.bare(client.get("/results/")) == awaited


def test_a_selection_of_letters_that_were_withdrawn_is_not_on_the_page(client):
    call_round, letters = stage.final(Outcome.SELECTED, Outcome.SELECTED)
    LetterOfIntent.objects.filter(pk=letters[1].pk).update(state="WITHDRAWN", title="Gone away")
    publication = stage.propose(call_round)
    stage.render_all(publication)
    stage.release(publication)
    page = client.get("/results/")
    assert "Gone away" not in page.content.decode()
    assert len(page.context["said"]["projects"]) == 1
