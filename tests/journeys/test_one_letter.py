"""One letter of intent walks the whole way, through every role, in a real browser.

From the sign-up of a new agency to the download of its published decision letter: real processes,
real mail, a real PDF. The test reads pages and mails as the people do, and asks the database only
for what a person would wait for.
"""

import re
import subprocess
from datetime import datetime, timedelta

import pikepdf
import pytest
from playwright.sync_api import expect

from accounts.actions import enrol
from accounts.models import Agency
from accounts.states import Role
from chang_e8_portal import clock
from chang_e8_portal.demo import content
from decisions.models import DecisionLetter
from notifications.models import Message
from proposals.models import CallSeal, LetterOfIntent
from reviews.actions import announce_call
from reviews.models import Assignment, Review, ReviewerProfile
from tests.journeys.conftest import eventually, log_in

pytestmark = pytest.mark.e2e

PASSWORD = "a quiet crater at the pole"
REVIEWERS = ("ada", "bo", "carmen")
TITLE = "A seismometer for the south pole"
TITLE_ZH = "月球南极地震仪"


@pytest.fixture
def world(portal):
    """The real call, its staff and three reviewers; no agency and no letter yet."""
    clock.travel_to(datetime.fromisoformat(content.call()["opens_at"]) + timedelta(days=30))
    call = announce_call(content.call(), content.rubric(), at=clock.now())
    staff = {
        "chair": Role.CHAIR,
        "publisher1": Role.PUBLISHER,
        "publisher2": Role.PUBLISHER,
        "auditor": Role.AUDITOR,
        "operator": Role.OPERATOR,
        **dict.fromkeys(REVIEWERS, Role.REVIEWER),
    }
    for name, role in staff.items():
        person = enrol(
            email=f"{name}@example.org",
            name=name.capitalize(),
            password=PASSWORD,
            roles=[role],
            at=clock.now(),
        )
        if role == Role.REVIEWER:
            ReviewerProfile.objects.create(user=person, expertise="SCIENTIST", country="NZ")
    return call


def test_from_sign_up_to_the_published_decision_letter(portal, world, tmp_path):
    _join(portal)
    _write_and_submit(portal, tmp_path)
    letter = LetterOfIntent.objects.get()

    clock.travel_to(world.closes_at + timedelta(seconds=1))
    eventually(CallSeal.objects.filter(call=world).exists, "beat seals the call")

    clock.travel_to(world.closes_at + timedelta(days=5))
    _open(portal, letter)
    _screen(portal, letter)
    for kind, due in world.rounds.values_list("kind", "reviews_due_at"):
        slug = kind.lower()
        clock.travel_to(due - timedelta(days=10))
        _assign(portal, letter, slug)
        clock.travel_to(due - timedelta(days=9))
        for name in REVIEWERS:
            _review(portal, letter, kind, name)
        clock.travel_to(due + timedelta(days=1))
        _freeze(portal, slug)
        _decide(portal, letter, slug)
        _propose(portal, slug)
        _see_nothing(portal, letter, slug)
        _release(portal, slug)

    _read_the_decision(portal, letter, tmp_path)
    _see_the_results_and_the_record(portal, letter)
    _count_the_mails(portal, letter)


# --- the agency ---


def _join(portal):
    with portal.visitor() as page:
        _sign_up(portal, page, "rosa@agency.example.org", "Rosa Quispe")
        page.get_by_label("Name", exact=False).first.fill("Demo Space Agency of the Andes")
        page.locator("[name=name_zh]").fill("安第斯演示航天局")
        page.locator("[name=country]").select_option("PE")
        page.locator("[name=letter_language]").select_option("zh-hans")
        press(page, "Register the agency")
        agency = eventually(Agency.objects.first, "the agency is there")
        page.goto(f"/agency/{agency.pk}/members/")
        page.locator("[name=email]").fill("eva@agency.example.org")
        page.locator("[name=seat][value=EDITOR], [name=seat]").first.evaluate(
            "e => e.tagName === 'SELECT' ? (e.value = 'EDITOR') : e.click()"
        )
        press(page, "Send the invitation")
    _mail_to(portal, "eva@agency.example.org", "Invitation to join")
    with portal.visitor() as page:
        _sign_up(portal, page, "eva@agency.example.org", "Eva Mamani")
        page.goto("/agency/")
        press(page, "Accept")
        expect(page.locator("main")).to_contain_text("Demo Space Agency of the Andes")


def _sign_up(portal, page, email, name):
    page.goto("/accounts/signup/")
    page.locator("[name=name]").fill(name)
    page.locator("[name=email]").fill(email)
    page.locator("[name=password1]").fill(PASSWORD)
    page.locator("[name=password2]").fill(PASSWORD)
    press(page, "Sign up")
    expect(page.locator("[name=code]")).to_be_visible()
    mail = _mail_to(portal, email, "onfirm your e-mail")
    code = re.search(r"^\s*([A-Z0-9]{3,}(?:-[A-Z0-9]{3,})*)\s*$", mail.text, re.MULTILINE)
    page.locator("[name=code]").fill(code.group(1))
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(re.compile("/agency/"))


def _write_and_submit(portal, tmp_path):
    with portal.visitor("eva@agency.example.org", PASSWORD) as page:
        page.goto("/letters/new/")
        page.locator("[name=title]").fill(TITLE)
        _choose(page, "level", "UNIT")
        press(page, "Start the letter")
        letter = eventually(LetterOfIntent.objects.first, "the draft is there")

        page.goto(f"/letters/{letter.pk}/edit/a/")
        page.locator("[name=title_zh]").fill(TITLE_ZH)
        _choose(page, "project_type", "INSTRUMENT")
        _choose(page, "priorities", letter.call.priorities[0]["code"])
        page.locator("[name=summary]").fill("We listen to the ground of the Moon for one year.")
        # Nothing is pressed: the text is saved by itself.
        expect(page.locator("[data-autosave-status]")).to_contain_text(re.compile("[Ss]aved"))
        page.locator("[name=public_abstract]").fill("A seismometer at the pole.")
        press(page, "Save and continue")

        page.wait_for_url("**/edit/b/")
        _fill(
            page,
            pi_name="Elena Condori",
            pi_position="Head of the seismic laboratory",
            pi_email="elena@agency.example.org",
            pi_phone="+51 1 555 0100",
            representative_name="Rosa Quispe",
            representative_function="Director",
        )
        page.locator("[name=partners-0-name]").fill("Institute of Quakes")
        page.locator("[name=partners-0-country]").select_option("PE")
        press(page, "Save and continue")

        page.wait_for_url("**/edit/c/")
        _choose(page, "objectives", letter.call.objectives[0]["code"])
        for name in ("goals", "innovation_science", "innovation_engineering", "complement"):
            page.locator(f"[name={name}]").fill(f"What we say about {name}.")
        press(page, "Save and continue")

        page.wait_for_url("**/edit/d/")
        _fill(page, mass_kg="6.5", power_average_w="4", power_peak_w="9", data_mbit_per_day="120")
        press(page, "Save and continue")

        page.wait_for_url("**/edit/e/")
        page.locator("[name=trl_now]").select_option("5")
        page.locator("[name=trl_delivery]").select_option("8")
        _fill(page, heritage="Flown twice.", fm_delivery="2026-12-15")
        press(page, "Save and continue")

        page.wait_for_url("**/edit/f/")
        for name in ("shared_costs", "expertise", "visibility", "relations"):
            page.locator(f"[name={name}]").fill(f"What we say about {name}.")
        press(page, "Save and continue")

        page.wait_for_url("**/edit/g/")
        for name in ("data_sharing", "peaceful_use", "consent_to_publish", "is_correct"):
            page.locator(f"[name={name}]").check()
        press(page, "Save and continue")

        paper = tmp_path / "letter of intent.pdf"
        with pikepdf.new() as pdf:
            pdf.add_blank_page()
            pdf.save(paper)
        page.wait_for_url("**/edit/h/")
        page.locator("#file-letter").set_input_files(paper)
        expect(page.locator("main")).to_contain_text("letter of intent.pdf")

        # The editor may write, but not speak for the agency.
        assert page.goto(f"/letters/{letter.pk}/submit/").status == 403

    with portal.visitor("rosa@agency.example.org", PASSWORD) as page:
        page.goto(f"/letters/{letter.pk}/submit/")
        expect(page.locator("main")).to_contain_text(TITLE_ZH)
        press(page, "Submit the letter")
        _give_code(portal, page, "rosa@agency.example.org")
        page.wait_for_url("**/receipt/**")
        receipt = page.locator("main").inner_text()
        version = letter.versions.get()
        for fact in (
            letter.reference,
            version.sha256,
            version.receipt.audit_head,
            version.receipt.code,
        ):
            assert fact in receipt


def _give_code(portal, page, email):
    """Type the code from the mail, as the page asks before it files anything."""
    expect(page.locator("[name=step_up_code]")).to_be_visible()
    owed = Message.objects.filter(template="accounts-mail-step_up_code", address=email).count()

    def newest():
        found = [mail for mail in portal.mails(to=email) if "Your code" in mail.subject]
        return len(found) == owed and found[0]

    mail = eventually(newest, f"the newest code for {email}")
    page.locator("[name=step_up_code]").fill(re.search(r"^\w{4}-\w{4}$", mail.text, re.M)[0])
    page.get_by_role("button", name="Confirm", exact=True).click()


def _fill(page, **answers):
    for name, text in answers.items():
        page.locator(f"[name={name}]").fill(text)


def _see_nothing(portal, letter, slug):
    """Decided and rendered, and the agency's pages know nothing of it."""
    with portal.visitor("rosa@agency.example.org", PASSWORD) as page:
        page.goto(f"/letters/{letter.pk}/")
        expect(page.locator("main")).to_contain_text(letter.reference)
        outcome = "Shortlisted" if slug == "preliminary" else "Selected"
        assert outcome not in page.locator("main .state").all_inner_texts()
        assert page.request.get(f"/letters/{letter.pk}/decision.pdf?round={slug}").status == 404
        page.goto("/results/")
        assert TITLE not in page.locator("main").inner_text()


def _read_the_decision(portal, letter, tmp_path):
    with portal.visitor("rosa@agency.example.org", PASSWORD) as page:
        page.goto(f"/letters/{letter.pk}/")
        expect(page.locator("main")).to_contain_text("Selected")
        page.goto(f"/letters/{letter.pk}/decision/")
        expect(page.locator("main")).to_contain_text("Selected")
        for language, words in {
            "en": ("Demo Space Agency of the Andes", "Scientific value", "4.50"),
            "zh-hans": ("安第斯演示航天局", "科学价值", "4.50"),
        }.items():
            answer = page.request.get(
                f"/letters/{letter.pk}/decision.pdf?round=final&lang={language}"
            )
            assert answer.ok
            assert answer.headers["content-disposition"].startswith("attachment")
            assert "sandbox" in answer.headers["content-security-policy"]
            path = tmp_path / f"decision-{language}.pdf"
            path.write_bytes(answer.body())
            text = _text_of(path)
            for word in (letter.reference, TITLE, TITLE_ZH, *words):
                assert word.replace(" ", "") in text, (language, word)
        assert "selected" in _text_of(tmp_path / "decision-en.pdf")
        assert "入选" in _text_of(tmp_path / "decision-zh-hans.pdf")


# --- the panel ---


def _open(portal, letter):
    """Two publishers open the letters; until then the chair finds none."""
    with portal.visitor("chair@example.org", PASSWORD) as page:
        assert page.goto(f"/panel/letters/{letter.pk}/").status == 404
    with portal.visitor("publisher1@example.org", PASSWORD) as page:
        page.goto("/decisions/call/")
        page.get_by_role("link", name="Propose to open").click()
        press(page, "Propose")
        # Nobody approves what they proposed.
        assert page.goto("/decisions/call/opening/approve/").status == 403
    with portal.visitor("publisher2@example.org", PASSWORD) as page:
        page.goto("/decisions/call/")
        page.get_by_role("link", name="Check and open").click()
        press(page, "Open the letters")
        expect(page.locator("main")).to_contain_text("The letters are open")


def _screen(portal, letter):
    with portal.visitor("chair@example.org", PASSWORD) as page:
        page.goto("/panel/screening/")
        page.locator(f"#letter-{letter.pk}").check()
        page.locator("button[name=do][value=ticked]").click()
        page.locator("button[name=do][value=confirm]").click()
        expect(page.locator("main")).to_contain_text("Eligible")


def _assign(portal, letter, slug):
    with portal.visitor("chair@example.org", PASSWORD) as page:
        page.goto(f"/panel/{slug}/assignment/")
        ask = page.get_by_role("button", name="Open the conflict questions")
        if ask.count():
            ask.click()
    for name in REVIEWERS:
        with portal.visitor(f"{name}@example.org", PASSWORD) as page:
            page.goto("/reviews/conflicts/")
            pledge = page.locator("[name=accept]")
            if pledge.count():
                pledge.check()
                press(page, "Accept and go on")
            rest = page.locator("[name=rest]")
            if rest.count():
                rest.check()
                press(page, "Save my answers")
    with portal.visitor("chair@example.org", PASSWORD) as page:
        page.goto(f"/panel/{slug}/assignment/{letter.pk}/")
        for box in page.locator("[name=reviewer]").all():
            box.check()
        press(page, "Ask the ticked reviewers to read it")
        expect(page.locator("main")).to_contain_text("3 of 3")


def _review(portal, letter, kind, name):
    given = Assignment.objects.get(
        letter=letter, round__kind=kind, reviewer__email=f"{name}@example.org"
    )
    with portal.visitor(f"{name}@example.org", PASSWORD) as page:
        page.goto("/reviews/")
        page.locator(f"main a[href='/reviews/{given.pk}/']").first.click()
        expect(page.locator("main")).to_contain_text("We listen to the ground of the Moon")
        for mark in page.locator(".scale input[value='4.5']").all():
            tick(mark)
        page.locator("[name=strengths]").fill("The team has flown before.")
        page.locator("[name=weaknesses]").fill("The schedule is tight.")
        page.locator("[name=comment_to_applicant]").fill("Please add a thermal model.")
        for choice, value in {
            "risk": "LOW",
            "recommendation": "SELECT",
            "confidence": "HIGH",
        }.items():
            tick(page.locator(f"[name={choice}][value={value}]"))
        press(page, "Submit the review")
        # The form shows the total while it is still being sent: the row says when it is in.
        filed = Review.objects.submitted().filter(assignment=given)
        eventually(filed.exists, "the review is in")
        expect(page.locator("main")).to_contain_text("90")


def _freeze(portal, slug):
    with portal.visitor("chair@example.org", PASSWORD) as page:
        page.goto(f"/panel/{slug}/ranking/freeze/")
        press(page, "Freeze the ranking")
        expect(page.locator("main")).to_contain_text("90")


# --- decided and told ---


def _decide(portal, letter, slug):
    with portal.visitor("chair@example.org", PASSWORD) as page:
        page.goto(f"/decisions/{slug}/{letter.pk}/")
        outcome = "SHORTLISTED" if slug == "preliminary" else "SELECTED"
        tick(page.locator(f"[name=outcome][value={outcome}]"))
        page.locator("[name=reason]").fill("It answers a question of the mission.")
        page.get_by_role("button", name="Save", exact=True).click()
        page.wait_for_url(f"**/decisions/{slug}/")


def _propose(portal, slug):
    with portal.visitor("publisher1@example.org", PASSWORD) as page:
        page.goto(f"/decisions/{slug}/publication/propose/")
        press(page, "Propose")
        page.wait_for_url(f"**/decisions/{slug}/publication/")
        eventually(
            lambda: (
                DecisionLetter.objects.filter(
                    publication__round__kind=slug.upper(), state="READY"
                ).count()
                == 2
            ),
            "a worker renders both letters",
        )
        # Nobody releases what they proposed. Asked beside the page, which loads itself anew now.
        address = f"{portal.address}/decisions/{slug}/publication/release/"
        assert page.request.get(address).status == 403


def _release(portal, slug):
    with portal.visitor("publisher2@example.org", PASSWORD) as page:
        page.goto(f"/decisions/{slug}/publication/release/")
        page.locator("main form input[type=number], main form input[inputmode=numeric]").fill("1")
        press(page, "Release")
        _give_code(portal, page, "publisher2@example.org")
        page.wait_for_url(f"**/decisions/{slug}/publication/")
        expect(page.locator("main")).to_contain_text("eleased")


def _see_the_results_and_the_record(portal, letter):
    with portal.visitor() as page:
        page.goto("/results/")
        for word in (TITLE, TITLE_ZH, "Demo Space Agency of the Andes", "Peru"):
            expect(page.locator("main")).to_contain_text(word)
        code = DecisionLetter.objects.get(
            publication__round__kind="FINAL", language="en", decision__letter=letter
        ).code
        page.goto(f"/verify/?code={code.lower().replace('-', ' ')}")
        expect(page.locator("main")).to_contain_text(letter.reference)
    with portal.visitor("auditor@example.org", PASSWORD) as page:
        page.goto("/audit/?q=letter.selected")
        expect(page.locator("main")).to_contain_text("letter.selected")
    with portal.visitor() as page:
        assert page.goto("/admin/").status == 404
        log_in(page, "operator@example.org", PASSWORD)
        assert page.goto("/admin/").status == 200


def _count_the_mails(portal, letter):
    """The sink holds what was owed: one for each event and person, and nothing else."""
    agency = ("rosa@agency.example.org", "eva@agency.example.org")
    reviewers = [f"{name}@example.org" for name in REVIEWERS]
    expected = sorted(
        [
            *((who, "Chang'e-8 portal: Please confirm your e-mail address") for who in agency),
            ("eva@agency.example.org", "Invitation to join Demo Space Agency of the Andes"),
            *(
                (who, "Chang'e-8 portal: Somebody has joined Demo Space Agency of the Andes")
                for who in agency
            ),
            ("rosa@agency.example.org", "Chang'e-8 portal: Your code"),
            *[("publisher2@example.org", "Chang'e-8 portal: Your code")] * 2,
            *((who, f"Received: {letter.reference}, version 1") for who in agency),
            ("publisher2@example.org", f"To approve: opening the letters of {letter.call}"),
            ("chair@example.org", f"The letters of {letter.call} are open"),
            *((who, "Before you review: conflicts of interest") for who in reviewers),
            *((who, "A letter of intent for you to review") for who in reviewers * 2),
            *(
                # In the language that the agency chose for its letters.
                (who, f"有一条关于{letter.reference}的消息等待您查阅")
                for who in agency * 2
            ),
        ]
    )
    # Those of a release are written by a worker, right after it.
    eventually(lambda: Message.objects.count() >= len(expected), "all mails are written")
    eventually(
        lambda: not Message.objects.exclude(state="SENT").exists(), "all mails have been sent"
    )
    assert sorted((mail.to, mail.subject) for mail in portal.mails()) == expected
    for mail in portal.mails():
        # Mails say that there is something to read, never what.
        assert "Selected" not in mail.text
        assert "hortlisted" not in mail.text


# --- what hands do ---


def press(page, name):
    """Press a button, and the one that confirms it where the page asks, and wait for what comes.

    Going elsewhere while a form is still being sent would break it off.
    """
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).first.click()
        dialog = page.locator("dialog[open]")
        if dialog.count():
            dialog.locator("button.btn-primary, button.btn-danger, button[value=ok]").first.click()


def tick(box):
    """Tick a box or a radio button with the keyboard."""
    box.focus()
    if not box.is_checked():
        box.press("Space")


def _choose(page, name, value):
    """Choose in a list, radio buttons or tick boxes, whichever the form draws."""
    field = page.locator(f"select[name={name}]")
    if field.count():
        field.select_option(value)
    else:
        tick(page.locator(f"[name={name}][value={value}]"))


def _mail_to(portal, address, subject):
    """Wait for the mail that a person waits for."""

    def found():
        return next((m for m in portal.mails(to=address) if subject in m.subject), None)

    return eventually(found, f"a mail to {address}: {subject}")


def _text_of(path) -> str:
    """What pdftotext reads, without white space: lines break where the type-setter chose."""
    done = subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True, text=True
    )
    return re.sub(r"\s", "", done.stdout)
