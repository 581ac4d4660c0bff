from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from accounts.models import Agency, Invitation, Membership, User
from accounts.states import Role, Seat
from audit.models import Entry
from chang_e8_portal import clock
from notifications.models import Message
from tests import make

pytestmark = pytest.mark.django_db

JUDGES = [Role.REVIEWER, Role.CHAIR, Role.PUBLISHER, Role.AUDITOR]
TYPED = {
    "name": "Demo Space Agency",
    "name_zh": "演示航天局",
    "kind": "SPACE_AGENCY",
    "country": "PE",
    "letter_language": "en",
}


def proved(user):
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def invitation(agency, email, **fields):
    given = {"seat": Seat.EDITOR, "invited_by": make.member(agency), "invited_at": clock.now()}
    return Invitation.objects.create(agency=agency, email=email, **given | fields)


# --- founding ---


def test_a_person_without_an_agency_founds_one_and_represents_it(client):
    person = make.user()
    client.force_login(person)
    assert "accounts/start.html" in used(client.get("/agency/"))

    response = client.post("/agency/new/", TYPED)

    assert (response.status_code, response.url) == (302, "/agency/")
    agency = Agency.objects.get()
    assert (agency.name, agency.name_zh, agency.country.code) == (
        "Demo Space Agency",
        "演示航天局",
        "PE",
    )
    assert person.seat_in(agency.pk) == Seat.REPRESENTATIVE
    assert Entry.objects.values_list("action", "subject", "actor").get() == (
        "agency.founded",
        f"agency:{agency.pk}",
        str(person.pk),
    )
    assert "Demo Space Agency" in client.get("/agency/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"country": ""}, "country"),
        ({"kind": "INTERNATIONAL"}, "country"),
        ({"country": "XX"}, "country"),
        ({"name": "\u200b\u200b"}, "name"),
        ({"name": "Agency\u202egnp.exe"}, "name"),
        ({"name": "Two\nlines"}, "name"),
        ({"name": "x" * 151}, "name"),
        ({"kind": "EMPIRE"}, "kind"),
        ({"letter_language": "tlh"}, "letter_language"),
    ],
)
def test_a_mistake_in_the_form_names_the_field_and_keeps_what_was_typed(client, wrong, field):
    client.force_login(make.user())

    response = client.post("/agency/new/", {**TYPED, **wrong})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert "演示航天局" in response.content.decode()
    assert not Agency.objects.exists()


def test_an_international_organisation_has_no_country(client):
    client.force_login(make.user())
    client.post("/agency/new/", {**TYPED, "kind": "INTERNATIONAL", "country": ""})
    assert Agency.objects.get().place == "International organisation"


@pytest.mark.parametrize("role", JUDGES)
def test_whoever_judges_the_call_cannot_answer_it(client, role):
    client.force_login(make.user(role))
    assert client.get("/agency/").status_code == 404
    assert client.get("/agency/new/").status_code == 403
    assert client.post("/agency/new/", TYPED).status_code == 403
    assert not Agency.objects.exists()


# --- who sees what: representative, editor, viewer, stranger, judges, operator ---


@pytest.mark.parametrize(
    ("who", "page", "members", "invite", "edit"),
    [
        (Seat.REPRESENTATIVE, 200, 200, 422, 200),
        (Seat.EDITOR, 200, 403, 403, 403),
        (Seat.VIEWER, 200, 403, 403, 403),
        ("stranger", 404, 404, 404, 404),
        *((role, 404, 404, 404, 404) for role in JUDGES),
        (Role.OPERATOR, 200, 200, 422, 200),
    ],
)
def test_an_agency_is_seen_by_its_own(client, who, page, members, invite, edit):
    agency = make.agency()
    if who in Seat.values:
        person = make.member(agency, who)
    else:
        person = make.member() if who == "stranger" else make.user(who)
    client.force_login(person)

    assert client.get(f"/agency/{agency.pk}/").status_code == page
    assert client.get(f"/agency/{agency.pk}/members/").status_code == members
    assert client.post(f"/agency/{agency.pk}/members/", {"email": "x"}).status_code == invite
    assert client.get(f"/agency/{agency.pk}/edit/").status_code == edit


def test_an_editor_does_not_read_the_other_members_addresses(client):
    agency = make.agency()
    make.member(agency, email="head@example.org")
    client.force_login(make.member(agency, Seat.EDITOR))
    assert "head@example.org" not in client.get("/agency/").content.decode()


def test_a_strangers_refusal_looks_like_an_address_that_does_not_exist(client):
    client.force_login(make.member())
    there = client.get(f"/agency/{make.agency().pk}/")
    nowhere = client.get(f"/agency/{uuid4()}/")
    assert (there.status_code, len(there.content)) == (404, len(nowhere.content))


def test_the_operator_is_sent_to_the_list_of_agencies(client):
    client.force_login(make.user(Role.OPERATOR))
    assert client.get("/agency/").url == reverse("admin:accounts_agency_changelist")


def test_a_person_of_several_agencies_chooses(client):
    person = make.member(make.agency(name="First"))
    second = make.agency(name="Second")
    Membership.objects.create(user=person, agency=second, seat=Seat.VIEWER, since=make.OPENS)
    client.force_login(person)
    page = client.get("/agency/").content.decode()
    assert "First" in page
    assert f"/agency/{second.pk}/" in page


@pytest.mark.parametrize("others", [0, 2])
def test_the_agency_page_costs_the_same_however_many_members(
    client, others, django_assert_num_queries
):
    agency = make.agency()
    client.force_login(make.member(agency))
    for _ in range(others):
        make.member(agency)
        invitation(agency, f"{uuid4()}@example.org", invited_by=User.objects.first())

    # session, person, agency, own seats, own seat, invitations to me, members, open invitations
    with django_assert_num_queries(8):
        client.get("/agency/")


# --- editing ---


def test_editing_writes_only_what_was_changed(client):
    agency = make.agency(name="Old name", country="PE", letter_language="en")
    client.force_login(make.member(agency))

    response = client.post(
        f"/agency/{agency.pk}/edit/",
        {**TYPED, "name": "New name", "name_zh": "", "country": "PE"},
    )

    assert response.status_code == 302
    agency.refresh_from_db()
    assert agency.name == "New name"
    assert Entry.objects.values_list("action", "data").get() == (
        "agency.edited",
        {"fields": ["name"]},
    )


def test_an_edit_with_a_mistake_changes_nothing(client):
    agency = make.agency(name="Old name")
    client.force_login(make.member(agency))
    response = client.post(f"/agency/{agency.pk}/edit/", {**TYPED, "name": "", "country": "CL"})
    assert response.status_code == 422
    agency.refresh_from_db()
    assert (agency.name, agency.country.code) == ("Old name", "PE")


def test_a_place_in_no_list_of_countries_stays_when_its_agency_is_edited(client):
    agency = make.agency(country="", country_text="Somewhere")
    client.force_login(make.member(agency))
    response = client.post(f"/agency/{agency.pk}/edit/", {**TYPED, "country": ""})
    assert response.status_code == 302
    agency.refresh_from_db()
    assert agency.place == "Somewhere"


def test_name_and_place_stay_as_they_are_while_letters_are_judged(client):
    agency = make.agency(name="Old name", fixed_at=make.CLOSES)
    client.force_login(make.member(agency))
    address = f"/agency/{agency.pk}/edit/"
    assert "stay as they are" in client.get(address).content.decode()
    changed = {**TYPED, "name": "New", "country": "CL", "letter_language": "fr"}
    assert client.post(address, changed).status_code == 302
    agency.refresh_from_db()
    assert (agency.name, agency.country.code, agency.letter_language) == ("Old name", "PE", "fr")


def test_nobody_founds_agencies_without_end(client):
    person = make.user()
    for _number in range(20):
        Membership.objects.create(
            user=person, agency=make.agency(), seat=Seat.REPRESENTATIVE, since=make.OPENS
        )
    client.force_login(person)
    response = client.post("/agency/new/", TYPED)
    assert response.status_code == 422
    assert "20 agencies already" in response.content.decode()
    assert Agency.objects.count() == 20


# --- invitations ---


def test_inviting_owes_a_mail_and_lists_the_invitation(client):
    agency = make.agency()
    client.force_login(make.member(agency))

    response = client.post(
        f"/agency/{agency.pk}/members/", {"email": "New@Example.ORG", "seat": "EDITOR"}
    )

    assert response.status_code == 302
    assert Invitation.objects.values_list("email", "seat").get() == ("new@example.org", "EDITOR")
    assert "new@example.org" in client.get("/agency/").content.decode()
    assert Entry.objects.get().action == "agency.invited"


@pytest.mark.parametrize(
    "address", ["a@localhost", "a@[127.0.0.1]", "ａ@ｘ.org", "a@10.0.0.10", "a b@example.org", ""]
)
def test_an_address_nobody_can_write_to_is_refused(client, address):
    agency = make.agency()
    client.force_login(make.member(agency))
    response = client.post(f"/agency/{agency.pk}/members/", {"email": address, "seat": "EDITOR"})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["email"]
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("already", ["member", "invited"])
def test_nobody_is_invited_twice(client, already):
    agency = make.agency()
    head = make.member(agency)
    if already == "member":
        make.member(agency, Seat.VIEWER, email="known@example.org")
    else:
        invitation(agency, "known@example.org", invited_by=head)
    client.force_login(head)

    response = client.post(
        f"/agency/{agency.pk}/members/", {"email": "known@example.org", "seat": "EDITOR"}
    )

    assert response.status_code == 409
    assert "known@example.org" in response.content.decode()
    assert Invitation.objects.count() == (already == "invited")


@pytest.mark.parametrize("accept", [True, False])
def test_an_invitation_is_answered_once(client, accept):
    agency = make.agency(name="Inviting Agency")
    person = proved(make.user())
    offered = invitation(agency, person.email)
    client.force_login(person)
    assert "Inviting Agency" in client.get("/agency/").content.decode()

    answer = {"answer": "accept" if accept else "decline"}
    assert client.post(f"/agency/invitations/{offered.pk}/", answer).status_code == 302

    offered.refresh_from_db()
    assert offered.answered_at
    assert offered.accepted is accept
    assert person.seat_in(agency.pk) == (Seat.EDITOR if accept else None)
    assert client.post(f"/agency/invitations/{offered.pk}/", answer).status_code == 404


def test_an_unproved_address_accepts_nothing(client):
    person = make.user()
    EmailAddress.objects.create(user=person, email=person.email, verified=False)
    offered = invitation(make.agency(), person.email)
    client.force_login(person)
    response = client.post(f"/agency/invitations/{offered.pk}/", {"answer": "accept"})
    assert response.status_code == 404
    assert not person.memberships.exists()


def test_an_answer_must_be_yes_or_no(client):
    person = proved(make.user())
    offered = invitation(make.agency(), person.email)
    client.force_login(person)
    assert client.post(f"/agency/invitations/{offered.pk}/").status_code == 400
    offered.refresh_from_db()
    assert offered.answered_at is None


def test_a_judge_can_only_decline(client):
    person = proved(make.user(Role.REVIEWER))
    offered = invitation(make.agency(), person.email)
    client.force_login(person)

    response = client.post(f"/agency/invitations/{offered.pk}/", {"answer": "accept"})

    assert response.status_code == 409
    assert "cannot join a partner agency" in response.content.decode()
    offered.refresh_from_db()
    assert offered.answered_at is None
    assert not person.memberships.exists()
    response = client.post(f"/agency/invitations/{offered.pk}/", {"answer": "decline"})
    assert response.status_code == 302


def test_a_withdrawn_invitation_can_no_longer_be_accepted(client):
    agency = make.agency()
    person = proved(make.user())
    offered = invitation(agency, person.email)
    client.force_login(make.member(agency))
    client.post(f"/agency/{agency.pk}/invitations/{offered.pk}/withdraw/")
    assert Entry.objects.get().action == "agency.invitation_withdrawn"

    client.force_login(person)
    response = client.post(f"/agency/invitations/{offered.pk}/", {"answer": "accept"})
    assert response.status_code == 404


def test_another_agencys_invitation_cannot_be_withdrawn(client):
    offered = invitation(make.agency(), "x@example.org")
    own = make.agency()
    client.force_login(make.member(own))
    response = client.post(f"/agency/{own.pk}/invitations/{offered.pk}/withdraw/")
    assert response.status_code == 404
    offered.refresh_from_db()
    assert offered.answered_at is None


# --- home and preferences ---


@pytest.mark.parametrize(
    ("roles", "page"),
    [
        ([Role.REVIEWER], "reviews:queue"),
        ([Role.CHAIR], "panel:home"),
        ([Role.REVIEWER, Role.CHAIR], "panel:home"),
        ([Role.PUBLISHER], "decisions:home"),
        ([Role.AUDITOR], "audit:log"),
        ([Role.OPERATOR], "operations:home"),
    ],
)
def test_home_is_where_the_work_is(client, roles, page):
    client.force_login(make.user(*roles))
    assert client.get("/accounts/home/").url == reverse(page)


def test_home_of_an_agencys_people(client):
    client.force_login(make.user())
    assert client.get("/accounts/home/").url == "/agency/"
    client.force_login(make.member())
    assert client.get("/accounts/home/").url == "/letters/"


def test_preferences_hold_at_once(client):
    person = make.user(language="en")
    client.force_login(person)
    client.post("/i18n/setlang/", {"language": "en"})

    client.post(
        "/accounts/preferences/",
        {"name": "嫦娥", "language": "zh-hans", "time_zone": "Asia/Shanghai"},
    )

    person.refresh_from_db()
    assert (person.name, person.language, person.time_zone) == ("嫦娥", "zh-hans", "Asia/Shanghai")
    assert '<html lang="zh-hans"' in client.get("/accounts/preferences/").content.decode()


def test_the_switch_at_the_top_holds_for_the_visit(client):
    person = make.user(language="zh-hans")
    client.force_login(person)
    client.post("/i18n/setlang/", {"language": "en", "next": "/"})
    assert '<html lang="en"' in client.get("/accounts/preferences/").content.decode()
    person.refresh_from_db()
    assert person.language == "zh-hans"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_zone", "Moon/South_Pole"),
        ("time_zone", "../../etc/passwd"),
        ("time_zone", ""),
        ("language", "tlh"),
        ("name", "\u200b"),
        ("name", ""),
        ("name", "x\u202ey"),
    ],
)
def test_preferences_that_cannot_be(client, field, value):
    person = make.user(name="As before")
    client.force_login(person)
    typed = {"name": "New", "language": "en", "time_zone": "UTC", field: value}

    response = client.post("/accounts/preferences/", typed)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert response.context["request"].user.name == "As before"
    person.refresh_from_db()
    assert (person.name, person.time_zone) == ("As before", "UTC")


def test_a_form_cannot_carry_a_role_or_an_address(client):
    # Bad input IH03.
    person = make.user()
    client.force_login(person)
    typed = {"name": "N", "language": "en", "time_zone": "UTC"}
    client.post(
        "/accounts/preferences/",
        {**typed, "roles": "OPERATOR", "email": "other@example.org", "is_active": ""},
    )
    person.refresh_from_db()
    assert (person.roles, person.is_active, person.name) == ([], True, "N")
    assert person.email != "other@example.org"


def test_nothing_here_is_mailed_by_a_page(client):
    client.force_login(make.user())
    client.post("/agency/new/", TYPED)
    assert not Message.objects.exists()


def used(response):
    return [template.name for template in response.templates]
