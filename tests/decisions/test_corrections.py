"""A decision that was told is corrected by two people, and one valid letter is left."""

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, InternalError, transaction
from django.urls import reverse

from accounts.states import Language, Role
from decisions import actions, history, invariants
from decisions.actions import Refused
from decisions.models import Correction, Decision, DecisionLetter
from decisions.states import Outcome, PublicationState
from notifications.models import Message
from proposals import files
from proposals.models import LetterOfIntent
from tests import make
from tests.decisions import stage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_press")]
WHY = "The mass was typed wrongly."


class Told:
    """One selected and one declined letter, released; two publishers."""

    def __init__(self, *outcomes, **fields):
        outcomes = outcomes or (Outcome.SELECTED, Outcome.NOT_SELECTED)
        self.publication, self.letters = stage.released(*outcomes, **fields)
        self.round, self.letter = self.publication.round, self.letters[0]
        self.first, self.second = make.user(Role.PUBLISHER), make.user(Role.PUBLISHER)
        self.at = self.publication.released_at + 5 * stage.MINUTE

    def propose(self, letter=None, **fields):
        fields = {"outcome": Outcome.SELECTED, "reason": stage.REASON, "mass_kg": 4} | fields
        made = actions.propose_correction(
            self.round, letter or self.letter, why=WHY, actor=self.first, at=self.at, **fields
        )
        self.render(made)
        return made

    def render(self, correction):
        for letter in correction.letters.all():
            actions.render_letter(letter.pk, at=self.at + stage.MINUTE)

    def release(self, correction, **options):
        options = {
            "confirmed_reference": correction.decision.letter.reference,
            "actor": self.second,
            "at": self.at + 2 * stage.MINUTE,
        } | options
        return actions.release_correction(correction, **options)

    def valid(self, letter=None):
        decision = Decision.objects.get(round=self.round, letter=letter or self.letter)
        return DecisionLetter.objects.valid().filter(decision=decision).order_by("language")


@pytest.fixture
def told():
    return Told()


def test_until_its_release_nothing_of_a_correction_is_seen(client, told):
    person = told.letter.agency.members.get()
    client.force_login(person)
    page, pdf = (
        reverse(f"decision_letters:{name}", args=[told.letter.pk]) for name in ("page", "pdf")
    )
    addresses = (page, pdf, "/results/", "/letters/", f"/letters/{told.letter.pk}/")
    before = [(stage.bare(client.get(a)) if a != pdf else client.get(a).content) for a in addresses]
    mails = Message.objects.count()
    made = told.propose()
    assert [
        (stage.bare(client.get(a)) if a != pdf else client.get(a).content) for a in addresses
    ] == before
    assert Message.objects.count() == mails
    letter = made.letters.first()
    assert letter.state == "READY"
    assert "Not found" in client.get("/verify/", {"code": letter.code}).content.decode()


def test_at_its_release_decision_letters_state_page_and_mail_change_together(client, told):
    old = list(told.valid())
    made = told.propose(told.letters[1], outcome=Outcome.SELECTED)
    told.release(made)

    decision = Decision.objects.get(letter=told.letters[1])
    assert (decision.outcome, decision.version, decision.mass_kg) == ("SELECTED", 2, 4)
    assert LetterOfIntent.objects.get(pk=told.letters[1].pk).state == "SELECTED"
    assert [letter.correction for letter in told.valid(told.letters[1])] == [made] * 2
    assert list(told.valid()) == old, "the other letter still holds"
    assert history.steps(told.round, told.letters[1])[0].version.number == 2
    told_again = Message.objects.filter(key__contains="-corrected-2-")
    assert [mail.recipient for mail in told_again] == list(told.letters[1].agency.members.all())
    results = client.get("/results/")
    assert "Corrected" in results.content.decode()
    assert len(results.context["said"]["projects"]) == 2
    assert client.get("/api/v1/results").json()["corrected_at"]
    assert list(invariants.findings(at=told.at)) == []
    call_command("verify_audit")


def test_what_the_page_will_tell_is_signed_with_a_correction(client, told):
    made = told.propose(told.letters[1], outcome=Outcome.SELECTED)
    assert [project["agency"]["en"] for project in made.page["projects"]] == sorted(
        letter.agency.name for letter in told.letters
    )
    assert set(made.page["said"]) == set(Language.values)
    with transaction.atomic():
        Correction.objects.filter(pk=made.pk).update(page=made.page | {"forward": 3})
        with pytest.raises(Refused, match="not those that were proposed"):
            told.release(made)
        transaction.set_rollback(True)
    agency = told.letters[1].agency
    type(agency).objects.filter(pk=agency.pk).update(name="Renamed meanwhile")
    with pytest.raises(Refused, match="results page would tell something else"):
        told.release(made)


def test_the_old_letter_verifies_as_superseded(client, told, tmp_path):
    old = told.valid().first()
    path = files.path_of(old.sha256)
    call_command("verify_letter", str(path))
    made = told.propose()
    told.release(made)
    for query in ({"code": old.code}, {"sha256": old.sha256}):
        page = client.get("/verify/", query).content.decode()
        assert "Superseded" in page
        assert "Genuine" not in page
    with pytest.raises(CommandError, match="superseded"):
        call_command("verify_letter", str(path))
    new = told.valid().first()
    assert "Genuine" in client.get("/verify/", {"code": new.code}).content.decode()
    assert new.number != old.number


def test_the_agency_reads_and_downloads_what_holds(client, told):
    told.release(told.propose())
    client.force_login(told.letter.agency.members.get())
    page = client.get(reverse("decision_letters:page", args=[told.letter.pk])).content.decode()
    assert WHY in page
    assert "Mass allotted on the lander: 4 kg." in page
    pdf = client.get(reverse("decision_letters:pdf", args=[told.letter.pk]))
    assert pdf.content == files.path_of(told.valid().get(language="zh-hans").sha256).read_bytes()


def test_what_concerns_a_declined_letter_alone_is_not_on_the_results_page(client, told):
    before = stage.bare(client.get("/results/"))
    told.release(
        told.propose(told.letters[1], outcome=Outcome.NOT_SELECTED, reason="Said more kindly.")
    )
    assert stage.bare(client.get("/results/")) == before


def test_two_people_and_the_right_letter(told):
    made = told.propose()
    for options, code in (
        ({"actor": told.first}, "same_person"),
        ({"confirmed_reference": told.letters[1].reference}, "wrong_reference"),
    ):
        with pytest.raises(Refused) as refusal:
            told.release(made, **options)
        assert refusal.value.code == code
    rows = Correction.objects.filter(pk=made.pk)
    with pytest.raises(IntegrityError, match="by_two_people"), transaction.atomic():
        rows.update(state="RELEASED", released_by=told.first, released_at=told.at)
    assert told.release(made, key="k").is_released
    assert told.release(made, key="k").is_released
    with pytest.raises(Refused) as refusal:
        told.release(made, key="another")
    assert refusal.value.code == "not_proposed"
    assert told.valid().count() == 2


@pytest.mark.parametrize("damage", ["file", "facts", "content"])
def test_a_correction_that_was_tampered_with_is_not_released(told, damage):
    made = told.propose()
    letter = made.letters.first()
    match damage:
        case "file":
            files.path_of(letter.sha256).unlink()
        case "facts":
            facts = letter.facts | {"reason": "Something else."}
            DecisionLetter.objects.filter(pk=letter.pk).update(facts=facts)
        case "content":
            content = made.content | {"reason": "Something else."}
            Correction.objects.filter(pk=made.pk).update(content=content)
    before = stage.everything_told()
    with pytest.raises(Refused) as refusal:
        told.release(made)
    assert refusal.value.code == "not_ready"
    assert stage.everything_told() == before
    assert told.valid().count() == 2


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"mass_kg": None}, "Nothing is different"),
        ({"mass_kg": 250}, "weigh 250 kg"),
        ({"outcome": Outcome.SHORTLISTED}, "does not belong"),
        ({"seen_version": 7}, "Somebody decided"),
    ],
)
def test_what_cannot_be_corrected_is_refused(told, fields, said):
    if fields.get("mass_kg", 4) is None:
        fields = {"mass_kg": told.letter.mass_kg}
    with pytest.raises(Refused, match=said):
        told.propose(**fields)
    assert not Correction.objects.exists()


def test_no_correction_makes_a_merger_or_leaves_one_without_its_lead():
    call_round, [lead, letter] = stage.final(Outcome.SELECTED, None)
    stage.merge(call_round, letter, lead)
    stage.consent(call_round, letter)
    publication = stage.propose(call_round)
    stage.render_all(publication)
    stage.release(publication)
    options = {"why": WHY, "reason": "r", "actor": make.user(), "at": publication.proposed_at}
    with pytest.raises(Refused, match="merged into this project"):
        actions.propose_correction(call_round, lead, outcome=Outcome.NOT_SELECTED, **options)
    with pytest.raises(Refused, match="needs the consent"):
        actions.propose_correction(
            call_round, lead, outcome=Outcome.MERGED, merged_with=letter, **options
        )


def test_one_correction_at_a_time_and_only_of_what_was_released(told):
    made = told.propose()
    with pytest.raises(Refused, match="still open"):
        told.propose()
    actions.withdraw_correction(made, actor=told.second, at=told.at)
    made.refresh_from_db()
    assert made.state == PublicationState.VOID
    told.release(told.propose())
    call_round, [letter] = stage.final(Outcome.SELECTED)
    with pytest.raises(Refused, match="Only what was released"):
        actions.propose_correction(
            call_round,
            letter,
            why=WHY,
            outcome=Outcome.NOT_SELECTED,
            reason="r",
            actor=told.first,
            at=told.at,
        )


def test_the_words_of_the_first_round_are_corrected_and_not_its_outcome():
    call_round, [letter] = stage.preliminary(Outcome.SHORTLISTED)
    publication = stage.propose(call_round)
    stage.render_all(publication)
    stage.release(publication)
    options = {"why": WHY, "actor": make.user(), "at": publication.proposed_at + stage.MINUTE}
    with pytest.raises(Refused, match="not its outcome"):
        actions.propose_correction(
            call_round, letter, outcome=Outcome.NOT_SHORTLISTED, reason="r", **options
        )
    made = actions.propose_correction(
        call_round, letter, outcome=Outcome.SHORTLISTED, reason="Better words.", **options
    )
    for row in made.letters.all():
        actions.render_letter(row.pk, at=options["at"])
    actions.release_correction(
        made,
        confirmed_reference=letter.reference,
        actor=make.user(Role.PUBLISHER),
        at=options["at"] + stage.MINUTE,
    )
    assert LetterOfIntent.objects.get(pk=letter.pk).state == "SHORTLISTED"
    assert Decision.objects.get().reason == "Better words."


def test_the_database_lets_nothing_but_a_correction_change_what_was_told(told):
    rows = Decision.objects.filter(letter=told.letter)
    with pytest.raises(InternalError, match="never changed"), transaction.atomic():
        rows.update(version=2, reason="Behind the portal's back.")
    made = told.propose()
    with pytest.raises(InternalError, match="never changed"), transaction.atomic():
        rows.update(version=2, reason="Not released yet.")
    told.release(made)
    with pytest.raises(InternalError, match="never changed"), transaction.atomic():
        Correction.objects.update(reason="Other words.")
    letter = told.valid().first()
    with pytest.raises(IntegrityError, match="one_valid_letter"), transaction.atomic():
        DecisionLetter.objects.filter(language=letter.language, decision=letter.decision).update(
            superseded_at=None
        )


# --- the pages ---


def form_of(**fields):
    return {
        "outcome": "SELECTED",
        "mass_kg": "4",
        "reason": stage.REASON,
        "strengths": "",
        "weaknesses": "",
        "version": "1",
        "conditions-TOTAL_FORMS": "0",
        "conditions-INITIAL_FORMS": "0",
        "why": WHY,
    } | fields


def test_two_publishers_correct_on_the_pages(client, told):
    client.force_login(told.first)
    where = reverse("decisions:correct", args=[told.round.kind, told.letter.pk])
    read = reverse("decisions:letter", args=[told.round.kind, told.letter.pk])
    assert where in client.get(read).content.decode()
    assert client.get(where).context["form"].initial["mass_kg"] == "6.5"
    lacking = client.post(where, form_of(why=" ", strengths="Kept."))
    assert lacking.status_code == 422
    assert "Kept." in lacking.content.decode()
    assert client.post(where, form_of(version="9")).status_code == 409
    answer = client.post(where, form_of())
    made = Correction.objects.get()
    page = reverse("decisions:correction", args=[made.pk])
    assert answer.url == page
    for letter in made.letters.all():
        actions.render_letter(letter.pk, at=told.at)
    release = reverse("decisions:release_correction", args=[made.pk])
    sent = {"key": "k", "reference": told.letter.reference}
    assert "you cannot" in client.get(page).content.decode()
    assert client.post(release, sent).status_code == 403

    client.force_login(told.second)
    typed = client.post(release, sent)
    assert typed.status_code == 401, "a code is asked for"
    assert f'name="reference" value="{told.letter.reference}"' in typed.content.decode()
    back = client.post(release, sent | {"step_up_back": "1"})
    assert f'value="{told.letter.reference}"' in back.content.decode()
    assert Correction.objects.get().is_open
    make.stepped_up(client)
    text = client.get(page).content.decode()
    assert "<del>6.5 kg</del>" in text
    assert client.post(release, sent | {"reference": "CE8"}).status_code == 422
    assert client.post(release, sent | {"reference": ""}).status_code == 422
    assert client.post(release, sent).status_code == 302
    assert client.post(release, sent).status_code == 302
    assert client.post(release, sent | {"key": "new"}).status_code == 409
    withdraw = reverse("decisions:withdraw_correction", args=[made.pk])
    assert client.post(withdraw).status_code == 409
    conductor = reverse("decisions:publication", args=[told.round.kind])
    assert page in client.get(conductor).content.decode()


def test_an_open_correction_is_withdrawn_on_its_page(client, told):
    made = told.propose()
    client.force_login(told.second)
    assert client.post(reverse("decisions:withdraw_correction", args=[made.pk])).status_code == 302
    assert (
        "Withdrawn" in client.get(reverse("decisions:correction", args=[made.pk])).content.decode()
    )
    assert told.valid().count() == 2
