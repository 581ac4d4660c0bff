"""Partners say for themselves that they take part: by a secret link, without an account."""

import hashlib
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Entry
from notifications import delivery
from notifications.models import Message
from proposals import actions, content, participations
from proposals.models import LetterOfIntent, LetterVersion, Participation
from tests import make

WORKSHOP = {"id": "a1b2c3d4e5f6", "name": "Dust Institute", "country": "PE", "share": "The sensor."}
NOW = make.CLOSES - timedelta(days=3)


@pytest.fixture
def letter(cast, it_is):
    it_is(NOW)
    cast.letter.partners = [WORKSHOP]
    cast.letter.save(update_fields=["partners"])
    return cast.letter


@pytest.fixture
def ask(cast, letter):
    def send(email="dust@example.org", row=WORKSHOP["id"]):
        return actions.ask_partner(letter, row=row, email=email, language="en", actor=cast.editor)

    return send


def link_in(message) -> str:
    return re.search(r"/participation/\S+/", message.body)[0]


def last_link(address="dust@example.org") -> str:
    return link_in(Message.objects.get(address=address))


def standing(letter):
    return participations.standings(LetterOfIntent.objects.get(pk=letter.pk))[0]


YES = {"answer": "yes", "name": "Ines Rivera", "note": "Gladly."}


# --- asking ---


def test_asking_owes_one_mail_whose_secret_is_kept_as_a_hash_alone(cast, letter, sign_in):
    address = reverse("proposals:partners", args=[letter.pk])
    sent = {"row": WORKSHOP["id"], "email": "dust@example.org", "language": "zh-hans"}
    assert sign_in(cast.editor).post(address, sent).status_code == 302
    question, mail = Participation.objects.get(), Message.objects.get()
    assert (mail.address, mail.language, mail.secret) == ("dust@example.org", "zh-hans", True)
    secret = link_in(mail).split("/")[2]
    assert question.secret_sha256 == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in str(Participation.objects.values())
    assert secret not in str(Entry.objects.values())
    # Once it has left, it is in the partner's mailbox and nowhere else.
    delivery.deliver(mail.pk, at=NOW)
    mail.refresh_from_db()
    assert secret not in mail.body
    entry = Entry.objects.last()
    assert (entry.action, entry.actor) == ("letter.partner_asked", str(cast.editor.pk))


@pytest.mark.parametrize(
    ("person", "reading", "writing"),
    [
        ("representative", 200, 302),
        ("editor", 200, 302),
        ("viewer", 200, 403),
        ("stranger", 404, 404),
        ("nobody", 302, 302),
    ],
)
def test_who_may_ask(cast, letter, sign_in, person, reading, writing):
    client = sign_in(getattr(cast, person, None))
    address = reverse("proposals:partners", args=[letter.pk])
    assert client.get(address).status_code == reading
    sent = {"row": WORKSHOP["id"], "email": "dust@example.org", "language": "en"}
    assert client.post(address, sent).status_code == writing
    asked = person in ("representative", "editor")
    assert (Participation.objects.count(), Message.objects.count()) == (asked, asked)


@pytest.mark.parametrize(
    "email", ["", "dust", "a@b", "dust@example.org\nBcc: x@example.org", "x" * 250 + "@example.org"]
)
def test_an_address_that_no_mail_reaches_is_shown_again(
    cast, letter, sign_in, email, nothing_written
):
    sent = {"row": WORKSHOP["id"], "email": email, "language": "en"}
    with nothing_written():
        answer = sign_in(cast.editor).post(reverse("proposals:partners", args=[letter.pk]), sent)
    assert answer.status_code == 422
    assert not Participation.objects.exists()


def test_asking_again_makes_the_earlier_link_useless(ask, client):
    ask()
    first = last_link()
    ask("other@example.org")
    assert client.get(first).status_code == 404
    assert client.get(last_link("other@example.org")).status_code == 200
    assert Participation.objects.filter(answer="AWAITED").count() == 1


def test_whoever_has_confirmed_is_not_asked_again(ask, letter):
    actions.answer_question(ask(), takes_part=True, name="Ines", note="")
    with pytest.raises(actions.Refused):
        ask()
    assert standing(letter).state == "YES"


def test_an_answer_after_the_letter_was_submitted_reaches_whoever_can_file_it(ask, cast, letter):
    question = ask()
    actions.submit(letter, actor=cast.representative, idempotency_key="the-first-key-of-all")
    for takes_part in (True, True, False, True):
        actions.answer_question(question, takes_part=takes_part, name="Ines", note="")
    told = Message.objects.filter(template="partner_answered")
    people = [cast.representative.pk, cast.editor.pk]
    assert sorted(told.values_list("recipient", flat=True)) == sorted(2 * people)
    assert f"/letters/{letter.pk}/partners/" in told.first().body
    assert LetterVersion.objects.get().content["participations"][0]["answer"] == "AWAITED"


def test_an_answer_before_it_was_submitted_is_told_by_the_page_alone(ask, cast):
    actions.answer_question(ask(), takes_part=True, name="Ines", note="")
    assert not Message.objects.filter(template="partner_answered").exists()


def test_a_letter_sends_only_so_many_mails_a_day(ask, letter, it_is):
    for _mail in range(40):
        ask()
    with pytest.raises(actions.Refused) as refused:
        ask()
    assert refused.value.code == "too_many_mails"
    assert Message.objects.count() == 40
    it_is(NOW + timedelta(days=1, seconds=1))
    ask()


def test_a_draft_that_is_deleted_gives_no_mails_back(ask, cast, letter):
    for _mail in range(39):
        ask()
    actions.delete_draft(letter, actor=cast.representative)
    fresh = make.letter(call=letter.call, agency=letter.agency, partners=letter.partners)
    others = make.letter(call=letter.call, partners=letter.partners)

    def ask_for(one):
        return actions.ask_partner(
            one, row=one.partners[0]["id"], email="a@example.org", language="en", actor=cast.editor
        )

    ask_for(fresh)
    with pytest.raises(actions.Refused) as refused:
        ask_for(fresh)
    assert refused.value.code == "too_many_mails"
    ask_for(others)  # another agency has its own


def test_only_a_partner_of_the_letter_is_asked_and_only_until_the_cutoff(ask, cast, it_is):
    with pytest.raises(actions.Refused):
        ask(row="ffffffffffff")
    it_is(cast.call.closes_at)
    with pytest.raises(actions.Refused):
        ask()
    assert not Message.objects.exists()


# --- answering ---


def test_reading_the_link_changes_nothing_and_shows_only_what_concerns_the_partner(
    ask, client, letter, nothing_written
):
    ask()
    for _scanner in range(3):
        with nothing_written():
            page = client.get(last_link())
    text = page.content.decode()
    assert page.status_code == 200
    for known in (letter.title, letter.agency.name, WORKSHOP["name"], WORKSHOP["share"]):
        assert known in text
    for hidden in (letter.summary, letter.goals, letter.reference, "Rania Haddad"):
        assert hidden not in text
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert "no-store" in page.headers["Cache-Control"]
    assert Participation.objects.get().answer == "AWAITED"


@pytest.mark.parametrize(("said", "state"), [("yes", "YES"), ("no", "NO")])
def test_the_answer_stands_beside_the_partner_and_can_be_changed(
    ask, client, letter, cast, sign_in, said, state
):
    ask()
    link = last_link()
    assert client.post(link, YES | {"answer": said}).status_code == 200
    question = Participation.objects.get()
    assert (question.answer, question.answered_name, question.note) == (
        state,
        "Ines Rivera",
        "Gladly.",
    )
    assert question.answered_at == NOW
    assert Entry.objects.last().action == "letter.partner_answered"
    page = sign_in(cast.viewer).get(reverse("proposals:partners", args=[letter.pk]))
    assert "Ines Rivera" in page.content.decode()
    client.logout()
    client.post(link, YES | {"answer": "no" if said == "yes" else "yes"})
    assert Participation.objects.get().answer != state


@pytest.mark.parametrize(
    "sent",
    [
        {},
        YES | {"answer": "maybe"},
        YES | {"name": ""},
        YES | {"name": "\u202egnp"},
        YES | {"note": "x" * 601},
    ],
)
def test_an_answer_with_a_fault_is_shown_again(ask, client, sent, nothing_written):
    ask()
    with nothing_written():
        answer = client.post(last_link(), sent)
    assert answer.status_code == 422
    assert Participation.objects.get().answer == "AWAITED"


def test_what_nobody_offered_is_refused(ask, client):
    ask()
    assert client.post(last_link(), YES | {"organisation": "X"}).status_code == 400


@pytest.mark.parametrize("secret", ["x", "A" * 43, "../../admin", "%00"])
def test_a_guessed_secret_leads_nowhere(ask, client, secret):
    ask()
    assert client.get(f"/participation/{secret}/").status_code in (400, 404)
    assert client.post(f"/participation/{secret}/", YES).status_code in (400, 404)


def test_the_link_ends_at_the_cutoff(ask, client, cast, it_is):
    ask()
    link = last_link()
    it_is(cast.call.closes_at)
    assert client.get(link).status_code == 409
    assert client.post(link, YES).status_code == 409
    assert Participation.objects.get().answer == "AWAITED"


def test_a_withdrawn_letter_asks_its_partners_nothing(ask, client, cast, letter):
    ask()
    actions.submit(letter, actor=cast.representative, idempotency_key="k")
    actions.withdraw(letter, actor=cast.representative)
    answer = client.get(last_link())
    assert answer.status_code == 409
    assert letter.title not in answer.content.decode()
    assert client.post(last_link(), YES).status_code == 409
    assert standing(letter).state == "AWAITED"
    # Taken up again, the letter asks again.
    actions.take_up_again(letter, actor=cast.representative)
    assert client.post(last_link(), YES).status_code == 200
    assert standing(letter).state == "YES"


def test_a_question_taken_back_needs_no_answer(ask, client, cast, letter, sign_in):
    question, link = ask(), last_link()
    address = reverse("proposals:partner_take_back", args=[letter.pk, question.pk])
    assert sign_in(cast.viewer).post(address).status_code == 403
    assert sign_in(cast.stranger).post(address).status_code == 404
    for _twice in range(2):
        assert sign_in(cast.editor).post(address).status_code == 302
    assert client.get(link).status_code == 404
    assert client.post(link, YES).status_code == 404
    assert standing(letter).state == ""
    # Not even the mail leaves, if it had not left.
    assert Message.objects.get().state == "LAPSED"


def test_another_name_in_the_row_voids_the_answer(ask, client, letter):
    actions.answer_question(ask(), takes_part=True, name="Ines", note="")
    link = last_link()
    letter.partners = [WORKSHOP | {"name": "Somebody Else"}]
    letter.save(update_fields=["partners"])
    assert standing(letter).state == ""
    assert client.get(link).status_code == 404


def test_a_yes_to_another_share_is_no_yes(ask, client, letter):
    question = ask()
    link = last_link()
    actions.answer_question(question, takes_part=True, name="Ines", note="")
    letter.partners = [WORKSHOP | {"share": "Half of it."}]
    letter.save(update_fields=["partners"])
    assert standing(letter).state == "OUTDATED"
    filed = participations.as_filed(letter)
    assert [(one["answer"], one["answered_by"]) for one in filed] == [("AWAITED", "")]
    # The same link shows the new share and takes the answer to it.
    page = client.get(link).content.decode()
    assert "Half of it." in page
    assert "Your share was changed since you answered" in page
    assert client.post(link, {"name": "Ines", "note": "", "answer": "yes"}).status_code == 200
    assert standing(letter).state == "YES"
    # A change back makes the later answer the outdated one; asking anew is allowed then.
    letter.partners = [WORKSHOP]
    letter.save(update_fields=["partners"])
    assert standing(letter).state == "OUTDATED"
    assert ask().answer == "AWAITED"


# --- what is filed ---


def test_what_was_answered_by_then_is_filed_and_shown_before(ask, cast, letter, sign_in):
    actions.answer_question(ask(), takes_part=True, name="Ines Rivera", note="Between us.")
    page = sign_in(cast.representative).get(reverse("proposals:submit", args=[letter.pk]))
    assert "Ines Rivera" in page.content.decode()
    actions.submit(letter, actor=cast.representative, idempotency_key="a-key-of-some-length")
    filed = letter.versions.get().content
    assert filed["participations"] == [
        {
            "row": WORKSHOP["id"],
            "organisation": "Dust Institute",
            "answer": "YES",
            "answered_by": "Ines Rivera",
        }
    ]
    assert "Between us." not in str(filed)
    actions.answer_question(
        Participation.objects.get(), takes_part=False, name="Ines Rivera", note=""
    )
    assert letter.versions.get().content == filed
    page = sign_in(cast.viewer).get(reverse("proposals:detail", args=[letter.pk]))
    assert "Partners that were asked" in page.content.decode()


def test_a_letter_without_partners_files_no_answers(cast):
    assert content.of(cast.letter, version=1)["participations"] == []


@pytest.mark.parametrize("number", [1, 3])
def test_the_panel_costs_the_same_however_many(cast, letter, ask, sign_in, number):
    letter.partners = [WORKSHOP | {"id": f"{n:012d}", "name": f"P {n}"} for n in range(number)]
    letter.save(update_fields=["partners"])
    for n in range(number):
        ask(row=f"{n:012d}")
    client = sign_in(cast.editor)
    with CaptureQueriesContext(connection) as asked:
        client.get(reverse("proposals:partners", args=[letter.pk]))
    # The letter, and all questions at once.
    assert len([query for query in asked if 'FROM "proposals_' in query["sql"]]) == 2
