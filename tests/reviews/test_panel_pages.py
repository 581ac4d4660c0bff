import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from accounts.states import Role
from audit.models import Entry
from chang_e8_portal import clock
from notifications.models import Message
from proposals.models import Screening
from reviews import actions
from reviews.models import (
    Assignment,
    ConflictCheck,
    Ranking,
    ReviewerInvitation,
    ReviewerProfile,
)
from tests import make
from tests.reviews import papers

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ROUND = "preliminary"


@pytest.fixture
def call(it_is):
    made = make.call()
    make.rubric(made)
    make.opened(made)
    it_is(made.closes_at + 20 * DAY)
    return made


@pytest.fixture
def chair(client, call):
    person = make.user(Role.CHAIR)
    client.force_login(person)
    return person


def in_workbook(response):
    return list(load_workbook(io.BytesIO(response.content)).active.values)


def submitted(call, **fields):
    return make.letter(call=call, state="SUBMITTED", **fields)


def rows(response):
    text = response.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


# --- home -----------------------------------------------------------------------------------------


def states(client):
    [first, final] = client.get(reverse("panel:home")).context["rounds"]
    assert {step["state"] for step in final["steps"]} == {"next"}
    return [step["state"] for step in first["steps"]]


def test_the_first_page_says_which_step_is_next(client, chair, call):
    letter = submitted(call)
    assert states(client) == ["now", *["next"] * 5]

    Screening.objects.create(
        letter=letter, outcome="ELIGIBLE", screened_by=chair, screened_at=call.closes_at
    )
    assert states(client)[:3] == ["done", "now", "next"]

    reviewers = [make.reviewer() for _ in range(3)]
    for reviewer in reviewers:
        make.check(reviewer, letter)
    assert states(client)[:4] == ["done", "done", "now", "next"]

    given = [make.assignment(letter=letter, reviewer=reviewer) for reviewer in reviewers]
    assert states(client)[:5] == ["done", "done", "done", "now", "next"]

    for assignment in given:
        make.review(of=assignment)
    assert states(client) == ["done", "done", "done", "done", "now", "next"]

    make.check(make.reviewer(), letter, answered=False)
    assert states(client)[1] == "now"
    actions.freeze_ranking(make.first_round(call), actor=chair, at=call.closes_at)
    assert states(client) == ["done", "done", "done", "done", "done", "now"]


def test_a_portal_without_a_call_has_a_panel_that_says_so(client, it_is):
    client.force_login(make.user(Role.CHAIR))
    assert "no call yet" in client.get(reverse("panel:home")).content.decode()
    for name in ("screening", "criteria", "conflicts"):
        assert client.get(reverse(f"panel:{name}")).status_code == 200
    assert client.get(reverse("panel:ranking", args=[ROUND])).status_code == 404


def test_before_the_seal_the_chair_sees_no_letter(client, it_is):
    call = make.call()
    letter = submitted(call)
    client.force_login(make.user(Role.CHAIR))

    body = client.get(reverse("panel:screening")).content.decode()
    assert letter.reference not in body
    assert client.get(reverse("panel:letter", args=[letter.pk])).status_code == 404


# --- screening ------------------------------------------------------------------------------------


def test_several_letters_are_called_eligible_after_the_exact_list_was_shown(client, chair, call):
    first, second, third = (submitted(call) for _ in range(3))
    url, ticked = reverse("panel:screening"), [first.pk, second.pk]

    shown = client.post(url, {"letter": ticked, "do": "ticked"})
    assert shown.context["letters"] == sorted([first, second], key=lambda ltr: ltr.reference)
    assert not Screening.objects.exists()

    assert client.post(url, {"letter": ticked, "do": "confirm"}).status_code == 302
    found = Screening.objects.values_list("letter", "outcome", "screened_by")
    assert set(found) == {(pk, "ELIGIBLE", chair.pk) for pk in ticked}

    assert client.post(url, {"do": "all"}).context["letters"] == [third]


def test_ticking_a_draft_a_strangers_id_or_nothing_screens_nothing(client, chair, call):
    draft = make.letter(call=call)
    url = reverse("panel:screening")
    assert client.post(url, {"letter": draft.pk, "do": "confirm"}).status_code == 404
    assert client.post(url, {"letter": "nonsense", "do": "confirm"}).status_code == 404
    assert client.post(url, {"do": "ticked"}).status_code == 302
    assert client.post(url, {"do": "confirm"}).status_code == 409
    assert not Screening.objects.exists()


@pytest.mark.parametrize(
    ("form", "status", "outcome"),
    [
        ({"outcome": "ELIGIBLE"}, 302, ("ELIGIBLE", "", "")),
        ({"outcome": "ELIGIBLE", "rule": "typed"}, 302, ("ELIGIBLE", "", "")),
        (
            {"outcome": "INELIGIBLE", "rule": "Mass", "reason": "Too heavy."},
            302,
            ("INELIGIBLE", "Mass", "Too heavy."),
        ),
        ({"outcome": "INELIGIBLE", "rule": "Mass"}, 422, None),
        ({"outcome": "INELIGIBLE", "reason": "Too heavy."}, 422, None),
        ({"outcome": "MAYBE"}, 422, None),
        ({}, 422, None),
    ],
)
def test_one_letter_is_screened_on_its_page(client, chair, call, form, status, outcome):
    letter = submitted(call)

    response = client.post(reverse("panel:letter", args=[letter.pk]), form)

    assert response.status_code == status
    found = Screening.objects.values_list("outcome", "rule", "reason").first()
    assert found == outcome
    if status == 422:
        assert form.get("reason", "") in response.content.decode()


def test_save_and_next_leads_to_the_next_letter_not_screened(client, chair, call):
    first, second = (submitted(call) for _ in range(2))
    screened = client.post(
        reverse("panel:letter", args=[first.pk]), {"outcome": "ELIGIBLE", "next": "1"}
    )
    assert screened.url == reverse("panel:letter", args=[second.pk])


def test_the_chair_reads_what_was_filed_and_every_review(client, chair, call):
    agency = make.agency()
    make.member(agency)
    letter = make.eligible_letter(call=call, agency=agency, summary="The whole plan.")
    papers.filed(letter, pdf=True)
    given = make.assignment(letter=letter)
    make.review(of=given, confidential_comment="Between us.", marks={"science": Decimal("4.5")})
    draft = make.assignment(letter=letter)
    make.review(of=draft, submitted=False, strengths="Still thinking.")

    body = client.get(reverse("panel:letter", args=[letter.pk])).content.decode()

    for shown in ("The whole plan.", "Between us.", given.reviewer.name, "86.00"):
        assert shown in body, shown
    assert "Still thinking." not in body
    pdf = client.get(reverse("panel:letter_file", args=[letter.pk, "letter"]))
    assert b"".join(pdf.streaming_content) == papers.PDF
    assert pdf["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "withheld" not in body


def test_the_chair_is_told_what_is_withheld_for_malware(client, chair, call):
    letter = make.eligible_letter(call=call)
    make.member(of=letter.agency)
    papers.filed(letter, pdf=True)
    [item] = letter.versions.get().content["attachments"]
    letter.attachments.create(
        name="theirs.pdf",
        size=item["size"],
        pages=1,
        sha256=item["sha256"],
        scan="INFECTED",
        uploaded_at=make.OPENS,
        uploaded_by=make.user(),
    )
    page = client.get(reverse("panel:letter", args=[letter.pk])).content.decode()
    address = reverse("panel:letter_file", args=[letter.pk, "letter"])
    assert "They are withheld from everybody" in page
    assert address not in page
    assert client.get(address).status_code == 404


# --- conflicts and assignment ---------------------------------------------------------------------


def test_opening_the_conflict_questions(client, chair, call):
    make.eligible_letter(call=call)
    make.reviewer()
    url = reverse("panel:assignment", args=[ROUND])
    assert client.get(url).context["unasked"] == 1

    assert client.post(url).status_code == 302

    context = client.get(url).context
    assert (context["unasked"], context["pairs"], context["answered"]) == (0, 1, 0)


def test_reviewers_are_assigned_by_hand(client, chair, call):
    letter = make.eligible_letter(call=call)
    people = [make.reviewer() for _ in range(2)]
    for person in people:
        make.check(person, letter)
    url = reverse("panel:assign", args=[ROUND, letter.pk])

    assert client.post(url, {"reviewer": [p.pk for p in people]}).status_code == 302

    given = Assignment.objects.values_list("reviewer", "assigned_by")
    assert set(given) == {(person.pk, chair.pk) for person in people}
    context = client.get(url).context
    assert [line["person"].load for line in context["people"]] == [1, 1]
    assert context["letter"].given == 2


def test_a_letter_given_out_late_asks_until_when(client, chair, call, it_is):
    letter, person = make.eligible_letter(call=call), make.reviewer()
    make.check(person, letter)
    late = make.first_round(call).reviews_due_at + DAY
    it_is(late)
    url = reverse("panel:assign", args=[ROUND, letter.pk])
    assert "Reviews of this round were due on" in client.get(url).content.decode()

    for due_at, status in (("", 422), (f"{late - DAY:%Y-%m-%dT%H:%M}", 409)):
        answer = client.post(url, {"reviewer": person.pk, "due_at": due_at})
        assert answer.status_code == status
        assert person.pk in answer.context["ticked"]
        assert not Assignment.objects.exists()

    sent = {"reviewer": person.pk, "due_at": f"{late + DAY:%Y-%m-%dT%H:%M}"}
    assert client.post(url, sent).status_code == 302
    assert late < Assignment.objects.get().due_at


def test_a_soft_conflict_is_not_called_none(client, chair, call):
    letter, person = make.eligible_letter(call=call), make.reviewer()
    check = make.check(person, letter)
    url = reverse("panel:assign", args=[ROUND, letter.pk])

    def found(standing):
        return [
            line["person"] for line in client.get(url, {"standing": standing}).context["people"]
        ]

    assert (found("clear"), found("soft")) == ([person], [])
    actions.record_conflict(
        check, kind="COLLABORATOR", strength="SOFT", note="told", actor=chair, at=make.CLOSES
    )
    assert (found("clear"), found("soft")) == ([], [person])
    assert "Soft conflict</span>" in client.get(url).content.decode()


def test_a_conflicted_pair_is_refused_and_what_was_ticked_stays(client, chair, call):
    letter = make.eligible_letter(call=call)
    free, barred = make.reviewer(), make.reviewer()
    make.check(free, letter)
    make.check(barred, letter, conflicted=True)
    url = reverse("panel:assign", args=[ROUND, letter.pk])

    response = client.post(url, {"reviewer": [free.pk, barred.pk]})

    assert response.status_code == 409
    assert free.pk in response.context["ticked"]
    assert not Assignment.objects.exists()


def test_only_reviewers_can_be_assigned_and_never_the_chair(client, call):
    both = make.user(Role.CHAIR, Role.REVIEWER)
    client.force_login(both)
    letter = make.eligible_letter(call=call)
    make.check(both, letter)
    url = reverse("panel:assign", args=[ROUND, letter.pk])

    for stranger in (both.pk, make.member().pk, make.user(Role.PUBLISHER).pk, "nonsense"):
        assert client.post(url, {"reviewer": stranger}).status_code == 404
    assert client.post(url).status_code == 409
    assert not Assignment.objects.exists()


def test_candidates_are_found_by_what_they_know_and_where_they_stand(client, chair, call):
    letter = make.eligible_letter(call=call)
    found = {}
    for name, conflicted, answered, expertise, keywords in (
        ("Ada", False, True, "ENGINEER", ["dust"]),
        ("Bea", True, True, "SCIENTIST", ["dust", "tides"]),
        ("Cy", False, False, "SCIENTIST", ["radar"]),
    ):
        person = make.reviewer(name=name)
        make.check(person, letter, conflicted=conflicted, answered=answered)
        ReviewerProfile.objects.create(user=person, expertise=expertise, keywords=keywords)
    url = reverse("panel:assign", args=[ROUND, letter.pk])
    for query in (
        {},
        {"q": "DUST"},
        {"q": "tides dust"},
        {"standing": "clear"},
        {"standing": "unanswered"},
        {"standing": "conflict"},
        {"expertise": "SCIENTIST"},
        {"q": "dust", "expertise": "ENGINEER"},
        {"sort": "-name"},
    ):
        people = client.get(url, query).context["people"]
        found["&".join(f"{k}={v}" for k, v in query.items())] = "".join(
            line["person"].name[0] for line in people
        )
    assert found == {
        "": "ABC",
        "q=DUST": "AB",
        "q=tides dust": "B",
        "standing=clear": "A",
        "standing=unanswered": "C",
        "standing=conflict": "B",
        "expertise=SCIENTIST": "BC",
        "q=dust&expertise=ENGINEER": "A",
        "sort=-name": "CBA",
    }


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"do": "waive", "reason": "Ill."}, 302),
        ({"do": "waive", "reason": "  "}, 422),
        ({"do": "extend", "due_at": "2024-04-01T12:00"}, 302),
        ({"do": "extend", "due_at": "2024-01-01T12:00"}, 409),
        ({"do": "extend", "due_at": "tomorrow"}, 422),
        ({"do": "extend", "due_at": "9999-12-31T23:59"}, 422),
        ({"do": "extend", "due_at": "0001-01-01T00:00"}, 409),
        ({}, 422),
    ],
)
def test_waiving_and_more_time(client, chair, call, form, status):
    given = make.assignment(letter=make.eligible_letter(call=call))

    response = client.post(reverse("panel:change", args=[given.pk]), form)

    assert response.status_code == status
    after = Assignment.objects.get()
    waived, moved = after.ended_at is not None, after.due_at != given.due_at
    assert (waived, moved) == (
        status == 302 and form["do"] == "waive",
        status == 302 and form["do"] == "extend",
    )


def test_more_time_is_read_in_the_zone_of_the_chair(client, call):
    client.force_login(make.user(Role.CHAIR, time_zone="Asia/Shanghai"))
    given = make.assignment(letter=make.eligible_letter(call=call))
    client.post(
        reverse("panel:change", args=[given.pk]), {"do": "extend", "due_at": "2024-04-01T00:00"}
    )
    assert Assignment.objects.get().due_at.isoformat() == "2024-03-31T16:00:00+00:00"


def test_the_table_of_assignments_holds_what_the_page_shows_and_runs_nothing(client, chair, call):
    letter = make.eligible_letter(call=call, title="=HYPERLINK(1)")
    make.eligible_letter(call=call, title="Other")
    given = make.assignment(letter=letter, reviewer=make.reviewer(name="@Ada"))

    url = reverse("panel:assignment_csv", args=[ROUND])
    everything, some = rows(client.get(url)), rows(client.get(url, {"q": "hyperlink"}))

    assert (len(everything), len(some)) == (2, 1)
    assert some[0]["Title"] == "'=HYPERLINK(1)"
    assert some[0]["Reviewer"] == "'@Ada"
    assert some[0]["Due (UTC)"] == f"{given.due_at:%Y-%m-%d %H:%M}"
    sheet = in_workbook(client.get(reverse("panel:assignment_xlsx", args=[ROUND])))
    assert [row[1] for row in sheet] == ["Title", "'=HYPERLINK(1)", "Other"]


def test_a_recorded_conflict_is_removed_with_a_reason(client, chair, call):
    check = make.check(make.reviewer(), make.eligible_letter(call=call), conflicted=True)
    url = reverse("panel:conflict", args=[check.pk])

    for form in ({"do": "lift", "reason": ""}, {"reason": "Namesake."}, {"do": "x", "reason": "y"}):
        assert client.post(url, form).status_code == 422
    assert ConflictCheck.objects.get().conflicted
    form = {"do": "lift", "reason": "Namesake."}
    assert client.post(url, form).status_code == 302
    assert not ConflictCheck.objects.get().conflicted
    assert client.post(url, form).status_code == 404


def test_who_could_read_a_letter_is_shown_with_fit_and_load(client, chair, call):
    letter = make.eligible_letter(call=call, title="Seismometer", summary="Moonquakes listened to.")
    for name, about in (("Ada", "Dust and optics."), ("Bea", "Moonquakes and seismometers.")):
        person = make.reviewer(name=name)
        ReviewerProfile.objects.create(
            user=person,
            expertise="SCIENTIST",
            country="PE",
            about=about,
            most_letters=2,
            away_from=date(2024, 1, 2),
            away_until=date(2024, 1, 9),
        )
        make.check(person, letter)
    cy, call_round = make.reviewer(name="Cy"), make.first_round(call)
    ReviewerInvitation.objects.create(
        round=call_round,
        email=cy.email,
        name=cy.name,
        letters=1,
        due_at=call_round.reviews_due_at,
        invited_by=chair,
        invited_at=call.closes_at,
        answer="ACCEPTED",
        answered_at=call.closes_at,
        user=cy,
    )
    url = reverse("panel:assign", args=[ROUND, letter.pk])

    def people(**query):
        return client.get(url, query).context["people"]

    assert people(sort="-fit")[0]["person"].name == "Bea"
    assert people(sort="fit")[-1]["person"].name == "Bea"
    by_name = {line["person"].name: line for line in people()}
    assert by_name["Bea"]["fit"]["text"] > by_name["Ada"]["fit"]["text"]
    assert [by_name[name]["most"] for name in ("Ada", "Cy")] == [2, 1]
    body = client.get(url).content.decode()
    assert "at most 2" in body
    assert "2 January 2024" in body


def test_a_load_by_hand_does_not_tell_who_reads_a_letter_the_chair_is_barred_from(
    client, chair, call
):
    letter, barred = (make.eligible_letter(call=call) for _ in range(2))
    make.check(chair, barred, conflicted=True)
    make.assignment(letter=barred)
    [line] = client.get(reverse("panel:assign", args=[ROUND, letter.pk])).context["people"]
    assert line["person"].load == 0


# --- progress and ranking -------------------------------------------------------------------------


def test_the_table_of_progress_holds_what_the_page_shows(client, chair, call):
    letter, other = (make.eligible_letter(call=call, title=title) for title in ("One", "Two"))
    ada, bea = make.reviewer(name="=Ada"), make.reviewer(name="Bea")
    make.review(of=make.assignment(letter=letter, reviewer=ada))
    out = [make.assignment(letter=one, reviewer=bea) for one in (letter, other)]
    url = reverse("panel:progress_csv", args=[ROUND])

    assert [list(row.values()) for row in rows(client.get(url, {"sort": "name"}))] == [
        ["'=Ada", ada.email, "1", "1", "0", "0", "", f"{out[0].due_at:%Y-%m-%d %H:%M}", "no"],
        [
            *("Bea", bea.email, "2", "0", "2", "0"),
            "; ".join(sorted([letter.reference, other.reference])),
            *(f"{out[0].due_at:%Y-%m-%d %H:%M}", "no"),
        ],
    ]
    [row] = rows(client.get(url, {"by": "letter", "only": "missing", "q": "bea", "sort": "given"}))[
        :1
    ]
    assert (row["Title"], row["Reviewers still missing"], row["Missing"]) == ("Two", "Bea", "1")
    assert row["Reviewers to be chosen"] == "2"
    assert (
        "2 reviewers to be chosen"
        in client.get(reverse("panel:progress", args=[ROUND]), {"by": "letter"}).content.decode()
    )
    sheet = in_workbook(client.get(reverse("panel:progress_xlsx", args=[ROUND]), {"q": "bea"}))
    assert [row[0] for row in sheet] == ["Reviewer", "Bea"]


def test_whoever_owes_a_review_is_reminded_once_a_day(client, chair, call, it_is):
    letter, other = (make.eligible_letter(call=call) for _ in range(2))
    ada, bea = make.reviewer(name="Ada"), make.reviewer(name="Bea")
    make.review(of=make.assignment(letter=letter, reviewer=ada))
    out = [make.assignment(letter=one, reviewer=bea) for one in (letter, other)]
    url = reverse("panel:progress", args=[ROUND])
    assert "Remind who owes a review" in client.get(url).content.decode()

    def pressed():
        return client.post(url, follow=True).content.decode()

    assert "1 person is reminded." in pressed()
    assert "There is nobody to remind" in pressed()
    [mail] = Message.objects.all()
    assert (mail.recipient, mail.template) == (bea, "review_wanted")
    assert all(one.letter.reference in mail.body for one in out)
    assert letter.reference not in mail.subject
    it_is(clock.now() + DAY)
    assert "1 person is reminded." in pressed()
    reminded = Entry.objects.filter(action="reviews.reminded")
    assert [entry.data["people"] for entry in reminded] == [1, 1]


def test_a_chair_reminds_of_no_letter_in_conflict(client, chair, call):
    letter = make.eligible_letter(call=call)
    make.assignment(letter=letter)
    make.check(chair, letter, conflicted=True)
    client.post(reverse("panel:progress", args=[ROUND]))
    assert not Message.objects.exists()


def test_whoever_has_not_answered_is_reminded_once_a_day(client, chair, call):
    letter = make.eligible_letter(call=call)
    silent, done = make.reviewer(), make.reviewer()
    make.check(silent, letter, answered=False)
    make.check(done, letter)
    url = reverse("panel:assignment", args=[ROUND])
    assert client.get(url).context["waiting"] == 1

    for said in ("1 person is reminded.", "There is nobody to remind"):
        assert said in client.post(url, {"do": "remind"}, follow=True).content.decode()
    assert [mail.recipient for mail in Message.objects.all()] == [silent]
    assert client.get(url).context["waiting"] == 1


def test_progress_names_who_is_missing(client, chair, call, it_is):
    letter = make.eligible_letter(call=call)
    ada, bea = make.reviewer(name="Ada"), make.reviewer(name="Bea")
    make.review(of=make.assignment(letter=letter, reviewer=ada))
    out = make.assignment(letter=letter, reviewer=bea)
    it_is(out.due_at)
    url = reverse("panel:progress", args=[ROUND])

    context = client.get(url).context
    assert (context["given"], context["filed"], context["late"]) == (2, 1, 1)
    assert [(row["name"], row["missing"], row["late"]) for row in context["page"]] == [
        ("Bea", 1, True),
        ("Ada", 0, False),
    ]
    by_letter = client.get(url, {"by": "letter"}).context["page"]
    assert [(row["name"], row["out"]) for row in by_letter] == [(letter.reference, [out])]
    for query, names in (
        ({"only": "missing"}, ["Bea"]),
        ({"only": "done"}, ["Ada"]),
        ({"q": "ada"}, ["Ada"]),
        ({"sort": "name"}, ["Ada", "Bea"]),
        ({"by": "nonsense"}, ["Bea", "Ada"]),
        ({"sort": "password"}, ["Bea", "Ada"]),
    ):
        assert [row["name"] for row in client.get(url, query).context["page"]] == names


def ranked(call, *marks):
    letter = make.eligible_letter(call=call)
    for mark in marks:
        of = make.assignment(letter=letter)
        make.review(of=of, marks={"science": Decimal(str(mark)), "feasibility": Decimal(3)})
    return letter


def test_freezing_asks_first_and_says_what_is_missing(client, chair, call):
    ranked(call, 4)
    out = make.assignment(letter=ranked(call, 3))
    url = reverse("panel:freeze", args=[ROUND])

    assert "cannot be frozen yet" in client.get(url).content.decode()
    assert client.post(url).status_code == 409
    assert not Ranking.objects.exists()

    make.review(of=out)
    page = client.get(url)
    assert "This cannot be undone" in page.content.decode()
    assert (page.context["letters"], page.context["reviews"]) == (2, 3)
    assert not Ranking.objects.exists()

    assert client.post(url).url == reverse("panel:ranking", args=[ROUND])
    assert client.get(url).status_code == 302
    assert client.post(url).status_code == 409


def test_the_rubric_is_there_to_be_read(client, chair, call):
    response = client.get(reverse("panel:criteria"))
    assert response.context["weight"] == 100
    assert "Feasibility 5" in response.content.decode()


def test_a_round_that_does_not_exist_is_not_found(client, chair, call):
    for address in ("assignment", "progress", "ranking", "ranking/freeze"):
        assert client.get(f"/panel/semifinal/{address}/").status_code == 404


# --- a chair with a conflict ----------------------------------------------------------------------


def test_a_chair_in_conflict_sees_nothing_of_the_letter(client, call):
    chair = make.user(Role.CHAIR, Role.REVIEWER)
    client.force_login(chair)
    barred, other = ranked(call, 4), ranked(call, 3)
    make.check(chair, barred, conflicted=True)
    actions.score_owed(at=call.closes_at)
    given = Assignment.objects.get(letter=barred)

    for url in (
        reverse("panel:screening"),
        reverse("panel:conflicts"),
        *(reverse(f"panel:{name}", args=[ROUND]) for name in ("assignment", "progress", "ranking")),
        *(reverse(f"panel:{name}", args=[ROUND]) for name in ("assignment_csv", "ranking_csv")),
        *(reverse(f"panel:{name}", args=[ROUND]) for name in ("progress_csv", "discussions_csv")),
    ):
        body = client.get(url).content.decode()
        assert barred.reference not in body, url
        if url != reverse("panel:conflicts"):
            assert other.reference in body or "progress" in url
    assert client.get(reverse("panel:letter", args=[barred.pk])).status_code == 403
    assert client.get(reverse("panel:letter_file", args=[barred.pk, "letter"])).status_code == 403
    for slug in (ROUND, "final"):
        assert client.get(reverse("panel:assign", args=[slug, barred.pk])).status_code == 403
    assert client.get(reverse("panel:change", args=[given.pk])).status_code == 404


# --- what lists cost ------------------------------------------------------------------------------


@pytest.mark.parametrize("letters", [1, 3])
@pytest.mark.parametrize(
    ("name", "args", "queries"),
    [
        ("screening", [], 8),
        ("conflicts", [], 8),
        ("assignment", [ROUND], 17),
        ("assignment_csv", [ROUND], 7),
        ("progress", [ROUND], 5),
        ("assignment_xlsx", [ROUND], 7),
        ("progress_csv", [ROUND], 5),
        ("discussions_csv", [ROUND], 10),
    ],
)
def test_a_list_costs_the_same_however_long(
    client, chair, call, name, args, queries, letters, django_assert_num_queries
):
    for _ in range(letters):
        letter = ranked(call, 4, 3)
        make.assignment(letter=letter)
        make.check(make.reviewer(), letter, conflicted=True)
    client.get(reverse("panel:home"))

    with django_assert_num_queries(queries):
        client.get(reverse(f"panel:{name}", args=args))


@pytest.mark.parametrize("people", [1, 3])
def test_the_candidates_of_a_letter_cost_the_same(
    client, chair, call, people, django_assert_num_queries
):
    letter = make.eligible_letter(call=call)
    for _ in range(people):
        ReviewerProfile.objects.create(user=make.reviewer(), expertise="SCIENTIST", country="PE")
        make.assignment(letter=letter)
    with django_assert_num_queries(24):
        client.get(reverse("panel:assign", args=[ROUND, letter.pk]))


@pytest.mark.parametrize("letters", [1, 3])
def test_the_first_page_costs_the_same(client, chair, call, letters, django_assert_num_queries):
    for _ in range(letters):
        ranked(call, 4, 3)
    with django_assert_num_queries(27):
        client.get(reverse("panel:home"))


def test_progress_by_letter_names_the_letters_that_nobody_reads(client, chair, call):
    read, unread = make.eligible_letter(call=call), make.eligible_letter(call=call)
    make.review(of=make.assignment(letter=read))
    page = reverse("panel:progress", args=[ROUND])
    rows = {row["name"]: row for row in client.get(page, {"by": "letter"}).context["page"]}
    assert set(rows) == {read.reference, unread.reference}
    assert (rows[unread.reference]["given"], rows[unread.reference]["lacking"]) == (0, 3)
    for sort in ("due", "-due", "missing"):
        answer = client.get(page, {"by": "letter", "only": "missing", "sort": sort})
        assert unread.reference in answer.content.decode()
    table = client.get(reverse("panel:progress_csv", args=[ROUND]), {"by": "letter"})
    assert unread.reference in table.content.decode()
    # Nor does the first page offer what would be refused.
    steps = {one["key"]: one for one in client.get("/panel/").context["rounds"][0]["steps"]}
    assert steps["ranking"]["state"] != "now"


def test_flags_go_by_the_total_that_the_chair_said(client, chair, call):
    letter, call_round = make.eligible_letter(call=call), make.first_round(call)
    for mark in (Decimal(4), Decimal("3.5")):
        make.review(of=make.assignment(letter=letter), marks={"science": mark, "feasibility": mark})
    page = reverse("panel:discussions", args=[ROUND])
    assert client.get(page).context["apart"] == 0
    actions.set_aim(call_round, top=None, threshold=Decimal(75), actor=chair, at=clock.now())
    answer = client.get(page)
    assert (answer.context["apart"], answer.context["passing"]) == (1, Decimal(75))
