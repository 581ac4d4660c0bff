"""When the next call opens, whoever had to do with the one before still finds what is theirs."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.states import Role
from decisions.models import Correction
from decisions.states import Outcome
from proposals import actions as letters_room
from proposals import due
from proposals.models import Call
from proposals.states import RoundKind
from tests import make
from tests.decisions import stage
from tests.decisions.test_corrections import WHY, Told
from tests.programs import Program

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_press")]

OLDER, NEWER = "CE7-2023", "CE8-2024"
YEAR = timedelta(days=365)


class TwoCalls(Told):
    """A told call, and the next one, which is open or was."""

    def __init__(self):
        super().__init__(call=make.call(code=OLDER))
        self.call = self.publication.round.call
        self.next = make.call(code=NEWER, opens_at=make.OPENS + YEAR, closes_at=make.CLOSES + YEAR)
        assert Call.objects.current() == self.next
        self.there = f"/decisions/{OLDER}/final/"


@pytest.fixture
def told():
    return TwoCalls()


# --- an agency ---


def test_an_agency_keeps_its_letter_its_decision_and_the_proofs(client, told):
    person = told.letter.agency.members.get()
    client.force_login(person)
    assert told.letter.reference in client.get("/letters/").content.decode()
    assert "Selected" in client.get(f"/letters/{told.letter.pk}/").content.decode()
    page = client.get(reverse("decision_letters:page", args=[told.letter.pk])).content.decode()
    assert stage.REASON in page
    file = client.get(reverse("decision_letters:pdf", args=[told.letter.pk]))
    assert (file.status_code, file["Content-Type"]) == (200, "application/pdf")
    assert client.get(f"/letters/{told.letter.pk}/dossier/").status_code == 200
    code = told.valid().first().code
    assert "Genuine" in client.get("/verify/", {"code": code}).content.decode()
    program = Program(person)
    assert [one["id"] for one in program.get("/letters").json()["items"]] == [str(told.letter.pk)]
    assert program.get(f"/letters/{told.letter.pk}").status_code == 200


def test_an_agency_reads_its_decision_by_program_under_the_code_of_its_call(told):
    program = Program(told.letter.agency.members.get())
    assert program.get("/decisions").status_code == 404
    [one] = program.get(f"/decisions?call={OLDER}").json()["items"]
    assert (one["letter"]["reference"], one["outcome"]) == (told.letter.reference, "SELECTED")
    assert program.get(f"/decisions?call={OLDER}&round=final").json()["count"] == 1
    answers = [program.get(f"/decisions?call={code}") for code in (NEWER, "none")]
    assert {answer.status_code for answer in answers} == {404}
    assert answers[0].content == answers[1].content


def test_a_question_about_an_earlier_letter_stays_in_the_calendar(told, it_is):
    letter = make.eligible_letter(call=told.call, agency=told.letter.agency)
    it_is(make.CLOSES + timedelta(days=30))
    letters_room.ask_clarification(
        letter,
        question="Which sensor?",
        due_at=make.OPENS + YEAR + timedelta(days=30),
        actor=make.user(Role.CHAIR),
    )
    it_is(make.OPENS + YEAR + timedelta(days=1))
    dates = due.dates_of(told.letter.agency.members.get())
    assert any(letter.reference in one.words for one in dates)
    stranger = make.member()
    assert not any(letter.reference in one.words for one in due.dates_of(stranger))


# --- reviewers and the chair ---


def test_a_reviewer_reads_on_until_the_call_is_archived(client, told):
    make.rubric(told.call)
    assignment = make.assignment(letter=told.letter, round=told.round)
    make.review(of=assignment)
    client.force_login(assignment.reviewer)
    assert told.letter.reference in client.get("/reviews/").content.decode()
    assert client.get(f"/reviews/{assignment.pk}/").status_code == 200
    letters_room.archive(told.call, at=told.at)
    assert told.letter.reference not in client.get("/reviews/").content.decode()


def test_the_chair_reads_an_earlier_letter_and_its_dossier(client, told):
    client.force_login(make.user(Role.CHAIR))
    page = client.get(f"/panel/letters/{told.letter.pk}/")
    assert page.status_code == 200
    assert told.letter.reference in page.content.decode()
    crumbs = client.get(f"/letters/{told.letter.pk}/dossier/").content.decode()
    assert f"/panel/letters/{told.letter.pk}/" in crumbs
    assert client.get(f"/panel/letters/{told.letter.pk}/question/").status_code == 200


def test_an_earlier_letter_is_kept_from_whom_it_was_kept_before(client, told):
    chair = make.user(Role.CHAIR)
    make.check(chair, told.letter, conflicted=True)
    client.force_login(chair)
    assert client.get(f"/panel/letters/{told.letter.pk}/").status_code == 403
    assert client.get(f"{told.there}{told.letter.pk}/").status_code == 403
    draft = make.letter(call=told.call)
    assert client.get(f"/panel/letters/{draft.pk}/").status_code == 404


# --- decisions ---


def test_each_page_of_an_earlier_round_leads_to_others_of_the_same_call(client, told):
    client.force_login(told.first)
    home = client.get("/decisions/").content.decode()
    assert "Earlier calls" in home
    assert f'href="{told.there}"' in home
    assert f'href="{told.there}publication/"' in home
    # The present call keeps its addresses.
    assert 'href="/decisions/final/publication/"' in home
    letter = f"{told.there}{told.letter.pk}/"
    for address, leads_to in {
        told.there: f"{told.there}publication/",
        f"{told.there}publication/": f"{told.there}publication/press/?lang=fr",
        letter: f"{letter}correct/",
        f"{letter}correct/": letter,
        f"{told.there}letters/": f"{told.there}publication/",
        f"{told.there}portfolio/": told.there,
        f"{told.there}consents/": told.there,
    }.items():
        page = client.get(address)
        assert page.status_code == 200, address
        said = page.content.decode()
        assert f'href="{leads_to}"' in said, address
        assert 'href="/decisions/final/' not in said, address
        assert 'href="/decisions/preliminary/' not in said, address
    assert told.letter.reference in client.get(told.there).content.decode()
    assert told.letter.reference not in client.get("/decisions/final/").content.decode()
    press = client.get(f"{told.there}publication/press/", {"lang": "fr"})
    assert told.letter.agency.name in press.content.decode()
    assert client.get("/decisions/final/publication/press/").status_code == 404
    page = client.get(f"{told.there}publication/").content.decode()
    assert f"Final selection · {OLDER}</p>" in page
    assert f'href="/results/{OLDER}/"' in page
    assert "Final selection</p>" in client.get("/decisions/final/publication/").content.decode()


def test_a_decision_of_an_earlier_call_is_still_corrected_by_two_people(client, told):
    client.force_login(told.first)
    declined = told.letters[1]
    sent = client.post(
        f"{told.there}{declined.pk}/correct/",
        {
            "outcome": Outcome.SELECTED,
            "reason": stage.REASON,
            "mass_kg": "4",
            "version": "1",
            "conditions-TOTAL_FORMS": "0",
            "conditions-INITIAL_FORMS": "0",
            "why": WHY,
        },
    )
    made = Correction.objects.get()
    assert sent.url == f"/decisions/corrections/{made.pk}/"
    page = client.get(sent.url).content.decode()
    assert f'href="{told.there}publication/"' in page
    told.render(made)
    told.release(made)
    assert declined.agency.name in client.get(f"/results/{OLDER}/").content.decode()


def test_who_may_see_earlier_decisions_is_who_might_before(client, told):
    auditor, operator = make.user(Role.AUDITOR), make.user(Role.OPERATOR)
    member = told.letter.agency.members.get()
    unreleased = f"/decisions/{OLDER}/preliminary/"
    for person, there, before in (
        (auditor, 200, 403),
        (operator, 403, 403),
        (member, 404, 404),
        (make.reviewer(), 404, 404),
    ):
        client.force_login(person)
        assert client.get(told.there).status_code == there, person.roles
        assert client.get(unreleased).status_code == before, person.roles
        home = client.get("/decisions/")
        assert home.status_code == there, person.roles
    client.force_login(auditor)
    home = client.get("/decisions/").content.decode()
    assert f'href="{told.there}"' in home
    assert unreleased not in home
    assert "There is no call yet" not in home
    client.force_login(told.first)
    for code in ("none", "final", NEWER.lower()):
        assert client.get(f"/decisions/{code}/final/").status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_of_decisions_costs_the_same_for_each_earlier_call(
    client, number, django_assert_num_queries
):
    for at in range(number):
        stage.released(call=make.call(code=f"M{at}"))
    make.call(code=NEWER, opens_at=make.OPENS + YEAR, closes_at=make.CLOSES + YEAR)
    client.force_login(make.user(Role.PUBLISHER))
    client.get("/decisions/")
    with django_assert_num_queries(24):
        page = client.get("/decisions/").content.decode()
    assert page.count("/final/publication/") == number + 1


def test_a_round_is_named_in_an_address_by_kind_alone_or_with_its_call(told):
    assert reverse("decisions:round", args=["final"]) == "/decisions/final/"
    assert reverse("decisions:round", args=[RoundKind.FINAL]) == "/decisions/final/"
    assert reverse("decisions:round", args=[told.round]) == told.there


# --- tables ---


def test_a_table_of_an_earlier_call_is_exported_by_its_code(told, tmp_path):
    out, chair = tmp_path / "decisions.csv", make.user(Role.CHAIR)
    options = {"out": out, "email": chair.email, "round": "final", "stdout": StringIO()}
    call_command("export", "decisions", call=OLDER, **options)
    assert told.letter.reference in out.read_text(encoding="utf-8-sig")
    call_command("export", "decisions", **options)
    assert told.letter.reference not in out.read_text(encoding="utf-8-sig")
    with pytest.raises(CommandError, match="no call 'none'"):
        call_command("export", "decisions", call="none", **options)
