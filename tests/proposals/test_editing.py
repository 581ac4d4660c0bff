from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils.html import escape

from proposals import actions
from proposals.models import LetterOfIntent
from proposals.states import Level
from tests import make

AUTOSAVE = {"x-requested-with": "autosave"}


def address(letter, key="a"):
    return reverse("proposals:edit", args=[letter.pk, key])


def stored():
    return LetterOfIntent.objects.get()


@pytest.fixture
def send(cast, sign_in):
    """Post a section as its editor, by hand or as the page does it while one types."""

    def post(key="a", *, autosave=False, person=None, revision=1, **fields):
        client = sign_in(person or cast.editor)
        data = {"revision": revision, **fields}
        headers = AUTOSAVE if autosave else {}
        return client.post(address(cast.letter, key), data, headers=headers)

    return post


# --- saving by hand ---


@pytest.mark.parametrize("key", list("abcdefg"))
def test_each_section_shows_its_fields_with_help(cast, sign_in, key):
    text = sign_in(cast.editor).get(address(cast.letter, key)).content.decode()
    assert 'name="revision" value="1"' in text
    assert f'data-autosave="{address(cast.letter, key)}"' in text
    assert "Example:" in text


def test_a_section_is_saved_and_leads_on_only_if_asked(cast, send):
    response = send(title=" Dust  sensor ", summary="One\r\nTwo")
    assert (response.status_code, response.url) == (302, address(cast.letter, "a"))
    assert (stored().title, stored().summary, stored().revision) == ("Dust  sensor", "One\nTwo", 2)
    assert send(revision=2, next="1").url == address(cast.letter, "b")
    assert send("g", revision=2, next="1").url == reverse(
        "proposals:attachments", args=[cast.letter.pk]
    )


def test_numbers_boxes_and_lists_are_saved(cast, send):
    send("d", mass_kg="１２.5", night_survival="on", lifetime_days="365", margin_percent="")
    letter = stored()
    assert (letter.mass_kg, letter.night_survival) == (Decimal("12.5"), True)
    assert (letter.lifetime_days, letter.margin_percent) == (365, None)
    send("c", revision=letter.revision, objectives=["fields", "other"], objective_other="Beacon")
    assert stored().objectives == ["fields", "other"]


def test_a_field_that_was_not_sent_is_not_emptied(cast, send):
    send(title="Only the title")
    assert stored().summary == make.COMPLETE["summary"]
    assert stored().level == Level.UNIT


def test_a_limit_counts_code_points_after_normal_form(cast, send):
    moons = "🌕" * 150
    assert send(title=moons).status_code == 302
    assert stored().title == moons
    assert send(revision=2, title="e\u0301" * 150).status_code == 302
    assert stored().title == "é" * 150


@pytest.mark.parametrize(
    ("key", "field", "typed"),
    [
        ("a", "title", "🌕" * 151),
        ("a", "title", "two\nlines"),
        ("a", "title", "\u202egnp"),
        ("a", "acronym", "\u200b"),
        ("a", "level", "GALAXY"),
        ("a", "priorities", "none of yours"),
        ("a", "summary", "x" * 2501),
        ("a", "summary", "\x1b[2J"),
        ("c", "objectives", "7"),
        ("d", "mass_kg", "100.001"),
        ("d", "mass_kg", "0"),
        ("d", "mass_kg", "-1"),
        ("d", "mass_kg", "1.2345"),
        ("d", "mass_kg", "1,5"),
        ("d", "mass_kg", "NaN"),
        ("d", "mass_kg", "1_0"),
        ("d", "power_peak_w", "1e3"),
        ("d", "data_mbit_per_day", "9" * 25),
        ("d", "survival_min_c", "-274"),
        ("d", "lifetime_days", "7.5"),
        ("d", "lifetime_days", str(2**63)),
        ("d", "own_power_source", "FUSION"),
    ],
)
def test_what_breaks_a_limit_is_shown_again_and_not_stored(
    cast, send, nothing_written, key, field, typed
):
    with nothing_written():
        response = send(key, **{field: typed})
    assert response.status_code == 422
    form = response.context["form"]
    assert list(form.errors) == [field]
    assert form[field].value() in (typed, [typed])
    # The page still knows what it was opened with.
    assert response.context["revision"] == 1


def test_the_call_s_own_limit_for_a_module_holds(cast, send):
    cast.call.module_mass_kg = 40
    cast.call.save(update_fields=["module_mass_kg"])
    response = send("d", mass_kg="41")
    assert response.context["form"].errors == {"mass_kg": ["Write a number of at most 40."]}


@pytest.mark.parametrize(
    "typed",
    [
        "<script>alert(1)</script>",
        '"onmouseover=alert(1) x="',
        "{{7*7}} {% debug %}",
        "</textarea><img src=x>",
        "%s %n %(password)s",
    ],
)
def test_markup_is_text_like_any_other(cast, send, sign_in, typed):
    send(title=typed, summary=typed)
    assert stored().title == typed
    for page, args in (("edit", [cast.letter.pk, "a"]), ("detail", [cast.letter.pk])):
        text = sign_in(cast.editor).get(reverse(f"proposals:{page}", args=args)).content.decode()
        assert escape(typed) in text
        assert not set('<"') & set(typed) or typed not in text


# --- what nobody offered ---


@pytest.mark.parametrize(
    "extra",
    [
        {"state": "SUBMITTED"},
        {"agency": "x"},
        {"submitted_at": "2020-01-01"},
        {"id": "x"},
        {"version": "2"},
        {"_method": "DELETE"},
        {"goals": "belongs to another section"},
    ],
)
@pytest.mark.parametrize("autosave", [False, True])
def test_an_unknown_field_is_refused(cast, send, nothing_written, extra, autosave):
    # Bad input IH03.
    with nothing_written():
        assert send(title="x", autosave=autosave, **extra).status_code == 400


def test_two_values_for_one_name_are_refused(cast, send, nothing_written):
    # Bad input IH05.
    with nothing_written():
        assert send(title=["one", "two"]).status_code == 400
        assert send(title="x", revision=["1", "2"]).status_code == 400


@pytest.mark.parametrize("revision", ["", "one", "-1", "1.0", "٣", "9" * 40])
def test_a_revision_must_be_a_number(cast, send, nothing_written, revision):
    with nothing_written():
        assert send(title="x", revision=revision).status_code == 400


def test_hidden_clocks_and_methods_have_no_effect(cast, sign_in, it_is, nothing_written):
    # Bad inputs ID08, IH06.
    it_is(cast.call.closes_at)
    past = "Fri, 01 Dec 2023 00:00:00 GMT"
    headers = {"date": past, "x-client-time": past, "x-http-method-override": "PUT"}
    with nothing_written():
        response = sign_in(cast.editor).post(
            address(cast.letter), {"revision": 1, "title": "Late"}, headers=headers
        )
    assert response.status_code == 409


# --- while one types ---


def test_autosave_answers_with_the_new_revision(cast, send):
    response = send(autosave=True, title="Typed")
    assert response.status_code == 200
    assert response.json() == {
        "revision": 2,
        "saved_at": stored().updated_at.isoformat(),
        "saved_label": "saved 12:00:00",
        "advice": {},
    }


def test_autosave_keeps_the_good_fields_and_names_the_bad_one(cast, send):
    response = send("d", autosave=True, mass_kg="1,5", hazards="A spring.")
    body = response.json()
    assert response.status_code == 422
    assert (stored().hazards, stored().mass_kg) == ("A spring.", make.COMPLETE["mass_kg"])
    assert (body["revision"], list(body["fields"])) == (2, ["mass_kg"])
    assert body["fields"]["mass_kg"][0].startswith("Mass including adapters, kg: Write a plain")
    # The page goes on from there.
    assert send("d", autosave=True, revision=2, mass_kg="1.5").status_code == 200


def test_autosave_of_the_same_text_again_changes_nothing(cast, send, nothing_written):
    send(autosave=True, title="Typed")
    with nothing_written():
        assert send(autosave=True, title="Typed").json()["revision"] == 2


def test_autosave_of_a_stale_page_answers_with_the_saved_values(cast, send, nothing_written):
    send("d", autosave=True, hazards="Theirs", night_survival="on", mass_kg="7.5")
    with nothing_written():
        response = send("d", autosave=True, hazards="Mine")
    body = response.json()
    assert (response.status_code, body["revision"]) == (412, 2)
    theirs = body["current"]
    assert (theirs["hazards"], theirs["mass_kg"]) == ("Theirs", "7.5")
    assert (theirs["night_survival"], theirs["wireless_link"]) == ("on", None)


def test_autosave_is_refused_as_json(cast, send, it_is, nothing_written):
    with nothing_written():
        answers = [
            send(autosave=True, person=cast.viewer, title="x"),
            send(autosave=True, person=cast.stranger, title="x"),
        ]
        it_is(cast.call.closes_at)
        answers.append(send(autosave=True, title="x"))
    assert [answer.status_code for answer in answers] == [403, 404, 409]
    assert answers[2].json()["code"] == "call_closed"
    assert all(answer.json()["detail"] for answer in answers)


# --- stale and late ---


def test_a_stale_save_shows_both_texts_and_can_then_be_made(cast, send, nothing_written):
    send(title="Theirs", summary="Their summary")
    with nothing_written():
        response = send(title="Mine", summary="My summary")
    text = response.content.decode()
    assert response.status_code == 412
    for piece in ("Mine", "Theirs", "My summary", "Their summary"):
        assert piece in text
    assert 'name="revision" value="2"' in text
    # No script may save on top before somebody has chosen.
    assert "data-autosave" not in text
    assert send(revision=2, title="Mine", summary="My summary").status_code == 302
    assert stored().title == "Mine"


def test_a_fault_does_not_make_a_stale_page_fresh(cast, send):
    send("d", hazards="Theirs")
    response = send("d", hazards="Mine", mass_kg="1000")
    assert (response.status_code, response.context["revision"]) == (422, 1)
    assert send("d", hazards="Mine", mass_kg="10").status_code == 412
    assert stored().hazards == "Theirs"


def test_a_late_save_hands_the_text_back(cast, send, it_is, nothing_written):
    # Bad input ID07.
    it_is(cast.call.closes_at)
    with nothing_written():
        response = send("d", hazards="Written at\nfive to midnight", mass_kg="<b>bad</b>")
    text = response.content.decode()
    assert response.status_code == 409
    assert "Written at\nfive to midnight" in text
    assert "&lt;b&gt;bad&lt;/b&gt;" in text


def test_a_save_after_submission_hands_the_text_back(cast, send, nothing_written):
    actions.submit(cast.letter, actor=cast.representative, idempotency_key="a-key-of-some-length")
    with nothing_written():
        response = send(title="Too late")
    assert response.status_code == 409
    assert "Too late" in response.content.decode()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_draft_is_not_opened_for_writing_outside_the_window(cast, sign_in, it_is, moment):
    day = timedelta(days=1)
    it_is(cast.call.opens_at - day if moment == "before" else cast.call.closes_at)
    assert sign_in(cast.editor).get(address(cast.letter)).status_code == 409


# --- what a level asks for ---


def test_the_fields_follow_the_level(cast, sign_in):
    cast.letter.level, cast.letter.mass_kg = Level.MISSION, None
    cast.letter.save(update_fields=["level", "mass_kg"])
    client = sign_in(cast.editor)
    fields = client.get(address(cast.letter, "d")).context["form"].fields
    assert "mass_kg" not in fields
    assert "data_mbit_per_day" in fields
    assert "interaction" in client.get(address(cast.letter, "c")).context["form"].fields


def test_advice_stands_beside_the_numbers_and_blocks_nothing(cast, send, sign_in):
    assert send("d", power_peak_w="80").status_code == 302
    text = sign_in(cast.editor).get(address(cast.letter, "d")).content.decode()
    assert "About 50 W for one payload was reported" in text
    place = text.index('data-advice="power_average_w"')
    assert place < text.index("About 50 W") < text.index('id="id_own_power_source"')
    reviewed = sign_in(cast.representative).get(reverse("proposals:submit", args=[cast.letter.pk]))
    assert "About 50 W for one payload was reported" in reviewed.content.decode()


def test_advice_comes_with_the_answer_while_one_types(cast, send):
    said = send("d", autosave=True, power_peak_w="3", mass_kg="1,5").json()["advice"]
    assert said == {
        "power_peak_w": [
            "The peak power is lower than the average power. Please check both numbers."
        ]
    }
    assert send("d", autosave=True, revision=2, power_peak_w="30").json()["advice"] == {}


@pytest.mark.parametrize("key", ["i", "z", "aa", "A"])
def test_there_is_no_other_section(cast, sign_in, key):
    assert sign_in(cast.editor).get(address(cast.letter, key)).status_code == 404
