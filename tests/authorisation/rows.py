"""How each row of the matrix is tried: the world it happens in, then one way in after the other."""

import hashlib
import re
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.states import TokenScope
from decisions.rendering import fit, wording
from decisions.rounds import Named
from decisions.states import Outcome
from notifications.models import Message
from proposals import actions, content
from proposals.models import CallRound, LetterOfIntent
from proposals.states import RoundKind
from reviews.forms import rubric_values
from reviews.models import ConflictCheck, Criterion
from tests.authorisation import worlds
from tests.authorisation.people import Visitor, word
from tests.proposals import papers
from tests.reviews import papers as papers_of_reviews

KEY = "a-key-that-nobody-guesses"
# The forms of the results beside their page and the call of programs.
FILES = ("results_csv", "results_pdf", "results_text", "results_feed", "results_picture")


def page(name, *, of="letter", query=None):
    """Look at a page about the letter."""

    def look(world, visitor):
        return word(visitor.get(name, *_about(world, of), **(query or {})))

    return _named(look, f"page {name}")


def form(name, data=None, *, of="letter"):
    """Send a form to a page about the letter; `data` makes its fields from the world."""

    def send(world, visitor):
        return word(visitor.post(name, *_about(world, of), **(data(world) if data else {})))

    return _named(send, f"form {name}", writes=True)


def program(method, path, data=None, *, multipart=False, **headers):
    """Ask the API about the letter, or about the reader's review of it."""

    def ask(world, visitor):
        where = path.format(
            letter=world.letter.pk,
            call=world.letter.call.code,
            attachment=world.attachment.pk,
            assignment=getattr(world.assignment, "pk", ""),
            review=getattr(world.ended if visitor.role == "rc" else world.assignment, "pk", ""),
        )
        sent = data(world) if data else None
        return word(visitor.api(method, where, sent, multipart=multipart, **headers))

    return _named(ask, f"{method} {path}", writes=method != "get")


def worst(words) -> str:
    """Several answers to one question: the one that differs from the first, or the first."""
    first, *others = words
    return next((one for one in others if one != first), first)


def against(name):
    """Assign the letter to somebody: a visitor of the world, or oneself."""

    def send(world, visitor):
        who = world.people[name] if name else visitor.person
        data = {"reviewer": who.pk if who else ""}
        return word(visitor.post("panel:assign", "preliminary", world.letter.pk, **data))

    return _named(send, f"assign {name or 'oneself'}", writes=True)


def planned_for(name):
    """Apply a plan that gives the letter to a visitor of the world."""

    def send(world, visitor):
        return word(visitor.post("panel:apply_plan", "preliminary", world.plans[name].pk))

    return _named(send, f"apply a plan for {name}", writes=True)


def who_is_planned(world, visitor):
    return word(visitor.get("panel:plan", "preliminary", world.plans["ru"].pk))


def remove_conflict(world, visitor):
    """Remove the conflict that the reviewer in conflict declared."""
    check = ConflictCheck.objects.get(letter=world.letter, reviewer=world.people["rc"])
    data = {"do": "lift", "reason": "A namesake."}
    return word(visitor.post("panel:conflict", check.pk, **data))


remove_conflict.writes = True


def who_is_assigned(world, visitor):
    return word(visitor.get("panel:assign", "preliminary", world.letter.pk))


def named_reader(world, visitor):
    """Whether any page about the letter names a person who reads it."""
    addresses = [
        reverse("proposals:detail", args=[world.letter.pk]),
        reverse("proposals:list"),
        reverse("agency_record", args=[world.agency.pk]),
        reverse("panel:letter", args=[world.letter.pk]),
        reverse("reviews:queue"),
        reverse("reviews:review", args=[world.assignment.pk]),
    ]
    bodies = [visitor.browser.get(address).content.decode() for address in addresses]
    bodies += said_by_program(world, visitor)
    return "+" if any(world.reader.name in body for body in bodies) else "-"


def said_by_program(world, visitor) -> list[str]:
    """What every call says to the visitor about the letter, its reviews and its decision."""
    if visitor.person is None:
        return []
    return [
        visitor.api("get", path).content.decode()
        for path in (
            *(f"letters/{world.letter.pk}", "reviews", f"reviews/{world.assignment.pk}"),
            *("panel/ranking?round=PRELIMINARY", "decisions", "results"),
            *(f"{path}{world.letter.call.code}" for path in ("decisions?call=", "results/")),
        )
    ]


def names_the_letter(name):
    """Whether this page of the meeting names the letter, for whom it is a page at all."""

    def look(world, visitor):
        if visitor.role in ("ch", "cc"):
            answer = visitor.get(f"panel:{name}", "preliminary", world.meeting.pk)
        else:
            answer = visitor.get(f"reviews:{name}", world.meeting.pk)
        return "+" if world.letter.reference in answer.content.decode() else "-"

    return _named(look, f"{name} names the letter")


def decide(world, visitor):
    """Record what the meeting decided about the letter."""
    data = {"do": "record", "item": world.item.pk, "decision": "SCORED", "note": ""}
    return word(visitor.post("panel:meeting", "preliminary", world.meeting.pk, **data))


decide.writes = True


def by_role(usual, **others):
    """Each visitor by the way that is theirs: the panel reads in rooms of its own."""

    def go(world, visitor):
        return others.get(visitor.role, usual)(world, visitor)

    return _named(go, usual.__name__)


def _named(function, name, *, writes=False):
    function.__name__, function.writes = name, writes
    return function


def _about(world, of):
    match of:
        case "letter":
            return (world.letter.pk,)
        case "call":
            return (world.letter.call.code,)
        case "section":
            return (world.letter.pk, "a")
        case "file":
            return (world.letter.pk, world.attachment.pk)
        case "assignment":
            return (world.assignment.pk,)
        case "kind":
            return (world.letter.pk, "letter")
        case "assigned kind":
            return (world.assignment.pk, "letter")
        case "ended assignment":
            return (world.ended.pk,)
        case "pack":
            return ("preliminary", world.pack.pk)
        case "round kind":
            return (RoundKind.PRELIMINARY,)
        case "scenario":
            return (RoundKind.PRELIMINARY, world.scenario.pk)
        case "rules":
            return (RoundKind.PRELIMINARY, world.rules.pk)
        case "final round":
            return ("final",)
        case "round":
            return ("preliminary",)
        case "decided round":
            return (RoundKind.PRELIMINARY,)
        case "named round":
            return (Named(RoundKind.PRELIMINARY, world.letter.call.code),)
        case "named round and letter":
            return (Named(RoundKind.PRELIMINARY, world.letter.call.code), world.letter.pk)
        case "round and letter":
            return ("preliminary", world.letter.pk)
        case "decided round and letter":
            return (RoundKind.PRELIMINARY, world.letter.pk)
        case "correction":
            return (world.correction.pk,)
        case "meeting":
            return (world.meeting.pk,)
        case "round and meeting":
            return ("preliminary", world.meeting.pk)
        case "item":
            return (world.meeting.pk, world.item.pk)
        case "round and item":
            return ("preliminary", world.meeting.pk, world.item.pk)
        case "agency":
            return (world.agency.pk,)
        case "member":
            return (world.member.pk,)
        case "plan":
            return (world.plan.pk,)
        case "mail":
            return (world.mail.pk,)
        case "decision letter":
            return (world.publication.letters.order_by("number").first().pk,)
        case "dossier":
            return (world.letter.pk, world.dossier.pk)
        case "texts":
            return (RoundKind.PRELIMINARY, Outcome.SHORTLISTED, "en")
    return ()


# --- what is sent ---


def other_rules(world):
    return {
        **{"name": "Robot floor", "zero_point": "60", "mass": "200", "margin": "20"},
        **{"module_mass": "100", "reason": "The panel asked for it."},
        **{"letters-TOTAL_FORMS": "0", "letters-INITIAL_FORMS": "0"},
    }


def a_vote(world):
    return {"minute": "Carried, nine to one."}


def title(world):
    world.letter.refresh_from_db()
    return {"title": "Another title", "revision": world.letter.revision}


def new_title(world):
    return {"title": "Another title"}


RECORD = ("log", "verify", "export")
SCENARIO_PAGES = ("scenario", "scenario_state", "scenario_csv")
FULLER_PAGES = ("fuller", "fuller_edit", "fuller_files", "fuller_submit")


def figures(world):
    return {"mass_kg": "7.25", "revision": str(actions.fuller_of(world.letter).revision)}


def a_scheme(world):
    return {"kind": "SCHEME", "file": SimpleUploadedFile("scheme.pdf", papers.GOOD)}


def a_click(world):
    said = content.of_fuller(actions.fuller_of(world.letter), version=1)
    return {"idempotency_key": KEY, "seen": content.digest(said)}


def other_weights(world):
    """The form of the criteria with half the weight on each."""
    criteria = list(Criterion.objects.filter(call=world.call))
    halves = {f"weight-{criterion.code}": "50" for criterion in criteria}
    return rubric_values(criteria, None) | halves


def not_writable(world):
    return {"title": "Another title", "state": "SELECTED", "submitted_at": "2023-10-01T00:00:00Z"}


def paper(world):
    return {"kind": "CV", "file": SimpleUploadedFile("letter.pdf", papers.GOOD, "application/pdf")}


def what_was_shown(world):
    letter = LetterOfIntent.objects.select_related("call", "agency").get(pk=world.letter.pk)
    number = letter.versions.count() + 1
    shown = content.digest(content.of(letter, version=number))
    return {"idempotency_key": KEY, "seen": shown}


REVISION = {"If-Match": '"1"'}
IDEMPOTENT = {"Idempotency-Key": KEY}


def a_later_cutoff(world):
    return {"closes_at": "2024-01-05T00:00", "reason": "The portal was away for an hour."}


def an_earlier_cutoff(world):
    return {"closes_at": "2023-12-01T00:00", "reason": "We have enough."}


def a_later_due(world):
    due = CallRound.objects.get(call=world.call, kind=RoundKind.FINAL).proposals_due_at
    later = (due + timedelta(days=1)).isoformat(timespec="seconds")
    return {"due_at": later, "reason": "Longer.", "seen": due.isoformat(), "confirm": "yes"}


def the_proposal(world):
    return {"proposal": world.proposal.pk}


def an_invitation(world):
    return {"email": "new.colleague@example.org", "seat": "VIEWER"}


def rest(world):
    """No conflict with any letter that is still asked about."""
    return {"rest": "on"}


def a_reason(world):
    return {"reason": "The person called from the number that we know."}


def to_close(world):
    return a_reason(world) | {"do": "close"}


def the_newcomer(world):
    return a_reason(world) | {"email": world.newcomer.email}


def who_accepted(world):
    return {"invitation": world.invitation.pk}


def a_review(world):
    """What is saved already, sent once more."""
    return papers_of_reviews.form_of(world.assignment, revision=1)


def a_review_to_file(world):
    return a_review(world) | {"do": "submit"}


def an_answer(world):
    return {"conflicted": False}


def a_save(world):
    return {"risk": "HIGH"}


def words(world):
    return {"text": "I see it differently."}


def another_outcome(world):
    return {
        "outcome": "NOT_SHORTLISTED",
        "reason": "Thought better of it.",
        "version": "1",
        "conditions-TOTAL_FORMS": "0",
        "conditions-INITIAL_FORMS": "0",
    }


def other_words(world):
    """The form of a correction: the same outcome, said better, and why."""
    return another_outcome(world) | {"outcome": "SHORTLISTED", "why": "A word was missing."}


def other_texts(world):
    """The words around the facts of a letter with another last line."""
    said = wording.standard(Outcome.SHORTLISTED, "en")
    fields = {name: getattr(said, name) for name in fit.FIELDS}
    return fields | {"steps": "\n".join(said.steps), "closing": "Kind regards,"}


def second_key(key, **more):
    """The form of the release, with the number that was counted."""

    def sent(world):
        return {"publication": str(world.publication.pk), "key": key, "count": "1", **more}

    return sent


def the_reference(world):
    return {"key": KEY, "reference": world.letter.reference}


# --- what is looked for ---


def verified_by_code(world, visitor):
    """Whether the public page says that the letter with this code is genuine."""
    code = world.publication.letters.order_by("number").first().code
    answer = visitor.get("verify", code=code)
    return word(answer) if "Genuine: a decision letter" in answer.content.decode() else "not said"


def told_letter_again(world, visitor):
    """A letter once more that was told. Nothing renders it anew: whoever asks gets the bytes that
    were told, and owes nobody a mail by it.
    """
    letter, mails = world.publication.letters.order_by("number").first(), Message.objects.count()
    answer = visitor.get("decisions:preview", letter.pk)
    told = word(answer)
    same = told != "2" or hashlib.sha256(answer.content).hexdigest() == letter.sha256
    return told if same and Message.objects.count() == mails else "other bytes, or a mail"


def the_refused_mail_again(world, visitor):
    """All refused mails once more, of which there is one: that of the decision."""
    return word(visitor.post("operations:several", expected="1", **a_reason(world)))


the_refused_mail_again.writes = True


def find_people(world, visitor):
    """Search by name, address, number of the account and agency: one answer for all of them."""
    one = world.people["ru"]
    words = (one.name, one.email, str(one.pk), world.agency.name)
    return worst(word(visitor.get("accounts:search", q=wanted)) for wanted in words)


def who_is_found(world, visitor):
    """What a search for a reviewer and for the auditor answers, and that it names whom it may."""
    told = ""
    for role, seen_by in (("ru", ("ch", "cc", "ad")), ("au", ("ad",))):
        person = world.people[role]
        answer = visitor.get("accounts:search", q=person.email)
        told = word(answer)
        # The page of a refusal names the visitor.
        named = told == "2" and f"<bdi>{person.name}</bdi>" in answer.content.decode()
        if named != (visitor.role in seen_by):
            return f"{'names' if named else 'does not name'} {role}"
    return told


def change_own_roles(world, visitor):
    """Everybody at the address of their own account; a stranger at somebody's."""
    own = visitor.person or world.people["ed"]
    return word(visitor.post("accounts:person_roles", own.pk, roles=["CHAIR", "OPERATOR"]))


change_own_roles.writes = True


def approve_own_proposal(world, visitor):
    """Each publisher approves whom they proposed themselves; others, whom the first one did."""
    own = world.appointments.get(visitor.role, world.appointments["p1"])
    return word(visitor.post("accounts:approve_publisher", own.pk))


approve_own_proposal.writes = True


def nowhere(*addresses):
    """Ask at addresses where nothing must be, to look and to write."""

    def ask(world, visitor):
        look = (word(visitor.browser.get(address)) for address in addresses)
        write = (word(visitor.browser.post(address)) for address in addresses)
        return worst([*look, *write])

    return _named(ask, "nowhere")


def public_call(world, visitor):
    return word(visitor.api("get", "call"))


def write_with_a_key_that_reads(world, visitor):
    reading = Visitor(visitor.role, visitor.person, TokenScope.READ)
    return word(reading.api("post", "letters", {"title": "A new one"}))


def stored_file(world, visitor):
    """The file by the address that its place on the disk would suggest."""
    sha256 = world.attachment.sha256
    addresses = (f"/media/{sha256}", f"/files/{sha256[:2]}/{sha256}", f"/static/{sha256}")
    return worst(word(visitor.browser.get(address)) for address in addresses)


def listed(world, visitor):
    """Whether the letter is in any list or search that the visitor can reach."""
    addresses = [
        reverse("proposals:list"),
        f"{reverse('proposals:list')}?q={world.letter.title}",
        reverse("panel:home"),
        reverse("panel:screening"),
        reverse("decisions:home"),
        # The questions about conflicts name every letter to every reviewer, before any text opens.
        reverse("reviews:queue"),
    ]
    return _holds(world, (visitor.browser.get(address) for address in addresses))


def listed_by_program(world, visitor):
    return _holds(world, [visitor.api("get", "letters")])


def names_the_reviewer(world, visitor):
    """Whether the visitor learns anywhere who filed the other review."""
    letter = ("preliminary", world.letter.pk)
    pages = [
        visitor.get("reviews:others", world.assignment.pk),
        visitor.get("reviews:discussion", world.assignment.pk),
        visitor.get("panel:discussion", *letter),
        visitor.get("panel:letter", world.letter.pk),
        visitor.get("proposals:detail", world.letter.pk),
    ]
    name = world.colleague.reviewer.name
    bodies = [response.content.decode() for response in pages] + said_by_program(world, visitor)
    return "+" if any(name in body for body in bodies) else "-"


def tells(words):
    """Whether the visitor finds these words of a reviewer anywhere, after the release."""

    def look(world, visitor):
        addresses = [
            reverse("decision_letters:page", args=[world.letter.pk]),
            reverse("proposals:detail", args=[world.letter.pk]),
            reverse("reviews:review", args=[world.assignment.pk]),
            reverse("panel:letter", args=[world.letter.pk]),
            reverse("panel:reviews_csv", args=["preliminary"]),
            reverse("decisions:letter", args=[RoundKind.PRELIMINARY, world.letter.pk]),
            reverse("results"),
        ]
        bodies = [body_of(visitor.browser.get(address)) for address in addresses]
        bodies += said_by_program(world, visitor)
        return "+" if any(words in body for body in bodies) else "-"

    return _named(look, f"finds {words!r}")


def neutral(world, visitor):
    """Whether the results are what everybody is told: the page's own part, and the bytes of
    the call and the files.
    """
    page = visitor.browser.get(reverse("results")).content.decode()
    told = page.partition("<main")[2].partition("</main>")[0]
    files = [body_of(visitor.browser.get(reverse(name)), "latin-1") for name in FILES]
    answers = (told, visitor.api("get", "results").content, files)
    first = world.__dict__.setdefault("neutral", answers)
    # Named by its code, the call is one that does not exist.
    there, nowhere = (_under(visitor, code) for code in (world.letter.call.code, "none"))
    return "=" if answers == first and there == nowhere else "+"


def _under(visitor, code) -> list[str]:
    """All that is said under a code, but for the token that no two pages share."""
    said = [visitor.browser.get(reverse(name, args=[code])) for name in ("results", *FILES)]
    said.append(visitor.api("get", f"results/{code}"))
    bodies = [re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", body_of(one)) for one in said]
    return [f"{one.status_code} {body}" for one, body in zip(said, bodies, strict=True)]


def body_of(response, encoding="utf-8") -> str:
    if response.streaming:
        return b"".join(response.streaming_content).decode(encoding)
    return response.content.decode(encoding)


def _holds(world, responses) -> str:
    return "+" if any(world.letter.reference in r.content.decode() for r in responses) else "-"


# --- the rows ---

view = page("proposals:detail")
view_by_program = program("get", "letters/{letter}")
edit = form("proposals:edit", title, of="section")
edit_by_program = program("patch", "letters/{letter}", new_title, **REVISION)
upload = form("proposals:attachments", paper)
upload_by_program = program("post", "letters/{letter}/attachments", paper, multipart=True)
download = page("proposals:attachment_file", of="file")
download_by_program = program("get", "letters/{letter}/attachments/{attachment}")
remove = form("proposals:attachment_remove", of="file")
remove_by_program = program("delete", "letters/{letter}/attachments/{attachment}")
submit = form("proposals:submit", what_was_shown)
submit_by_program = program("post", "letters/{letter}/submit", **IDEMPOTENT)
reopen = form("proposals:reopen")
reopen_by_program = program("post", "letters/{letter}/reopen")
withdraw = form("proposals:withdraw")
withdraw_by_program = program("post", "letters/{letter}/withdraw")

propose_opening = form("decisions:opening_propose", of="")
move_due = form("panel:fuller_due", a_later_due, of="final round")
propose_extension = form("decisions:extension_propose", a_later_cutoff, of="")
CONTENT_IN_ADMIN = (
    "/admin/proposals/letterofintent/",
    "/admin/proposals/letterversion/",
    "/admin/reviews/review/",
    "/admin/decisions/decision/",
    "/admin/decisions/decisionletter/",
    "/admin/audit/entry/",
)

# A reviewer in conflict had an assignment, too, which is ended. The chair has rooms of an own kind.
_review = by_role(
    page("reviews:review", of="assignment"), rc=page("reviews:review", of="ended assignment")
)


def review_form(data):
    return by_role(
        form("reviews:review", data, of="assignment"),
        rc=form("reviews:review", data, of="ended assignment"),
    )


review_by_program = program("get", "reviews/{review}")
save_by_program = program("put", "reviews/{review}", a_save, **REVISION)
file_by_program = program("post", "reviews/{review}/submit", **IDEMPOTENT)
# Of somebody else for everybody but its reviewer, the one in conflict included.
_foreign_review_by_program = program("get", "reviews/{assignment}")
ranking_by_program = program("get", "panel/ranking?round=PRELIMINARY")
_answer = form("reviews:conflicts", rest, of="")

_panel_talk = page("panel:discussion", of="round and letter")
_others = by_role(page("reviews:others", of="assignment"), ch=_panel_talk, cc=_panel_talk)
_talk = by_role(page("reviews:discussion", of="assignment"), ch=_panel_talk, cc=_panel_talk)
_archived = page("panel:archived")


def _in_the_archive(usual):
    """The usual way, the chairs' own to the same reviews, and the archive for all others."""

    def both(world, visitor):
        if visitor.role in ("ch", "cc"):
            return _panel_talk(world, visitor)
        return worst([_archived(world, visitor), *_usual_of(usual, world, visitor)])

    return _named(both, f"{usual.__name__} or the archive")


def _usual_of(usual, world, visitor):
    # The auditor has no other way than the archive.
    return [] if visitor.role == "au" else [usual(world, visitor)]


_panel_say = form("panel:discussion", words, of="round and letter")
_say = by_role(form("reviews:discussion", words, of="assignment"), ch=_panel_say, cc=_panel_say)


def _of_meeting(name, of="meeting"):
    """A page of the meeting, by the way that is the visitor's."""
    chairs = page(f"panel:{name}", of=f"round and {of}")
    return by_role(page(f"reviews:{name}", of=of), ch=chairs, cc=chairs)


# The panel reads letters and their files in its own rooms.
panel_view = by_role(
    page("panel:letter"),
    **dict.fromkeys(("an", "ed", "su", "vw", "ob"), view),
    ra=page("reviews:review", of="assignment"),
    ru=view,
)
panel_download = by_role(
    page("panel:letter_file", of="kind"),
    **dict.fromkeys(("an", "ed", "su", "vw", "ob"), download),
    ra=page("reviews:letter_file", of="assigned kind"),
    ru=download,
)

_decide = form("decisions:letter", another_outcome, of="decided round and letter")
_decision = page("decisions:letter", of="decided round and letter")
# A list for programs leaves out the letter that a chair is in conflict with.
_decisions_by_program = by_role(program("get", "decisions"), cc=_decision)
_propose = form("decisions:propose", of="decided round")
_own_decision = page("decision_letters:page")
# The call gives a decision to whoever it is about; officers of the call have lists of their own.
_own_decision_by_program = by_role(
    program("get", "decisions"), **dict.fromkeys(("ad", "au", "cc"), _own_decision)
)
_IN_A_YEAR = {"release_at": "2024-06-30T10:00"}


def _second(key, **more):
    return form("decisions:release", second_key(key, **more), of="decided round")


rankings = [page(f"panel:{name}", of="round") for name in ("ranking", "intervals", "marks")]
SCORES = (
    *("ranking_csv", "ranking_xlsx", "marks_csv", "marks_xlsx"),
    *("reviews_csv", "reviews_xlsx", "mark_lines_csv", "mark_lines_xlsx"),
    *("discussions_csv", "discussions_xlsx"),
)
WHO_READS = ("assignment_csv", "assignment_xlsx", "progress_csv", "progress_xlsx")

ROWS: dict = {
    # letters of intent
    "L01": (worlds.draft, view, view_by_program),
    "L02": (worlds.draft, edit, edit_by_program),
    "L03": (worlds.draft, upload, upload_by_program),
    "L04": (worlds.draft, download, download_by_program),
    "L05": (worlds.draft, remove, remove_by_program),
    "L06": (worlds.draft, form("proposals:delete")),
    "L07": (worlds.draft, submit, submit_by_program),
    "L08": (worlds.draft, listed, listed_by_program),
    "L09": (worlds.late_draft, view, view_by_program),
    "L10": (worlds.late_draft, edit, upload, remove, edit_by_program, upload_by_program),
    "L11": (worlds.late_draft, submit, submit_by_program),
    "L12": (worlds.submitted, view, view_by_program),
    "L13": (worlds.submitted, reopen, reopen_by_program),
    "L14": (worlds.submitted, withdraw, withdraw_by_program),
    "L15": (worlds.submitted, download, download_by_program),
    "L16": (worlds.submitted, page("proposals:receipt")),
    "L17": (worlds.submitted, page("panel:intake", of="")),
    "L18": (worlds.closed, view, view_by_program),
    "L19": (worlds.closed, edit, upload, reopen, edit_by_program, reopen_by_program),
    "L20": (worlds.closed, withdraw, withdraw_by_program),
    "L21": (worlds.submitted, propose_opening),
    "L22": (worlds.closed, propose_opening),
    "L23": (worlds.opening_proposed, form("decisions:opening_approve", the_proposal, of="")),
    "L24": (worlds.opened, panel_view),
    "L25": (worlds.opened, panel_download),
    "L26": (worlds.opened, listed),
    "L27": (
        worlds.opened,
        *(edit, upload, remove, reopen),
        *(edit_by_program, upload_by_program, remove_by_program, reopen_by_program),
    ),
    "L28": (worlds.opened, stored_file),
    "L29": (worlds.quarantined, download),
    "L30": (worlds.withdrawn, view),
    "L31": (worlds.draft, form("proposals:edit", not_writable, of="section")),
    # conflicts and who reads what
    "C01": (
        worlds.opened,
        _answer,
        by_role(_answer, ra=program("put", "reviews/{review}/conflict", an_answer)),
    ),
    "C02": (
        worlds.opened,
        page("panel:conflicts", of=""),
        page("panel:conflicts_csv", of=""),
        page("panel:conflicts_xlsx", of=""),
    ),
    "C03": (worlds.opened, remove_conflict),
    "C04": (worlds.planned, against("ru"), planned_for("ru")),
    "C05": (worlds.planned, against("rc"), planned_for("rc")),
    "C06": (
        worlds.planned,
        who_is_assigned,
        who_is_planned,
        program("get", "panel/assignments?round=PRELIMINARY&letter={letter}"),
    ),
    "C07": (worlds.opened, against("")),
    "C08": (worlds.read_by_another, named_reader),
    # what the marks add up to
    "V12": (worlds.frozen, *rankings, ranking_by_program),
    "E01": (worlds.opened, page("panel:letters_csv", of=""), page("panel:letters_xlsx", of="")),
    "E02": (worlds.scored, *(page(f"panel:{name}", of="round") for name in SCORES)),
    "E08": (worlds.scored, *(page(f"panel:{name}", of="round") for name in WHO_READS)),
    # the criteria, and what the size rule makes of the marks
    "K01": (worlds.weighed, form("panel:edit_criteria", other_weights, of="")),
    "K02": (worlds.reviewing, form("panel:edit_criteria", other_weights, of="")),
    "K03": (worlds.reviewing, page("panel:criteria", of="")),
    "K04": (worlds.frozen, page("decisions:shortlist", of="decided round")),
    # the portfolio
    "K05": (
        worlds.weighed_up,
        page("decisions:portfolio", of="decided round"),
        page("decisions:portfolio_rules", of="rules"),
    ),
    "K06": (
        worlds.weighed_up,
        *(page(f"decisions:{name}", of="scenario") for name in SCENARIO_PAGES),
    ),
    "K07": (worlds.weighed_up, form("decisions:sign_rules", other_rules, of="decided round")),
    "K08": (worlds.weighed_up, form("decisions:adopt_scenario", a_vote, of="scenario")),
    "E04": (worlds.packed, page("panel:pack_file", of="pack")),
    "E03": (
        worlds.decided,
        page("decisions:decisions_csv", of="round kind"),
        page("decisions:decisions_xlsx", of="round kind"),
        program("get", "decisions"),
    ),
    # the fuller proposal
    "F01": (
        worlds.opened,
        *(page(f"proposals:{name}") for name in FULLER_PAGES),
        form("proposals:fuller_edit", figures),
        form("proposals:fuller_files", a_scheme),
        form("proposals:fuller_submit", a_click),
    ),
    "F02": (worlds.shortlisted, page("proposals:fuller")),
    "F03": (
        worlds.shortlisted,
        page("proposals:fuller_edit"),
        page("proposals:fuller_files"),
        form("proposals:fuller_edit", figures),
        form("proposals:fuller_files", a_scheme),
    ),
    "F04": (
        worlds.shortlisted,
        page("proposals:fuller_submit"),
        form("proposals:fuller_submit", a_click),
    ),
    "F05": (
        worlds.fuller_due,
        form("proposals:fuller_edit", figures),
        form("proposals:fuller_files", a_scheme),
    ),
    "F06": (worlds.fuller_due, form("proposals:fuller_submit", a_click)),
    "F07": (worlds.fuller_filed, page("proposals:fuller_receipt")),
    "F08": (worlds.shortlisted, page("panel:fuller_due", of="final round"), move_due),
    "F09": (worlds.reviews_due, move_due),
    # the panel's meeting about the letter
    "M01": (worlds.meeting, _of_meeting("meeting"), _of_meeting("meeting_screen")),
    "M02": (worlds.meeting, names_the_letter("meeting"), names_the_letter("meeting_screen")),
    "M03": (worlds.meeting, _of_meeting("meeting_consensus", "item")),
    "M04": (worlds.meeting, decide),
    "M05": (worlds.minuted, _of_meeting("meeting_minutes")),
    "M06": (worlds.minuted, names_the_letter("meeting_minutes")),
    # decisions: the proposal of the publication is what locks them
    "D01": (worlds.decided, _decide),
    "D02": (worlds.decided, _propose),
    "D03": (worlds.proposed, _second(KEY)),
    "D04": (worlds.proposed, _decide),
    "D05": (worlds.decided, _decision, _decisions_by_program),
    "D06": (worlds.proposed, tells(worlds.REASON)),
    "D07": (worlds.told, _own_decision, _own_decision_by_program),
    "D08": (
        worlds.selected,
        page("results", of=""),
        page("results", of="call"),
        program("get", "results"),
        program("get", "results/{call}"),
    ),
    "D09": (
        worlds.told,
        page("decisions:round", of="decided round"),
        page("decisions:round", of="named round"),
    ),
    "D10": (
        worlds.told,
        form("decisions:correct", other_words, of="decided round and letter"),
        page("decisions:correct", of="decided round and letter"),
        page("decisions:correct", of="named round and letter"),
    ),
    "D11": (
        worlds.corrected,
        form("decisions:release_correction", the_reference, of="correction"),
    ),
    "D12": (worlds.told, _decide),
    # the publication
    "P01": (worlds.decided, _propose),
    "P02": (worlds.proposed, _second(KEY), _second(KEY, **_IN_A_YEAR)),
    "P03": (worlds.unrendered, _second(KEY), _second(KEY, **_IN_A_YEAR)),
    "P04": (worlds.told, _second(worlds.RELEASE_KEY)),
    "P05": (worlds.told, _second(KEY)),
    "P06": (worlds.selection_proposed, neutral),
    "P07": (
        worlds.selected,
        page("results", of=""),
        page("results_csv", of=""),
        page("results_pdf", of=""),
        page("results_feed", of=""),
        page("results_picture", of=""),
        page("results_text", of=""),
        program("get", "results"),
        *(page(name, of="call") for name in ("results", *FILES)),
        program("get", "results/{call}"),
    ),
    # the call
    "S01": (worlds.draft, page("call", of=""), public_call),
    "S02": (worlds.draft, propose_extension),
    "S03": (worlds.extension_proposed, form("decisions:extension_approve", the_proposal, of="")),
    "S04": (worlds.closed, propose_extension),
    "S05": (worlds.draft, form("decisions:extension_propose", an_earlier_cutoff, of="")),
    "S06": (worlds.draft, nowhere("/clock/", "/demo/", "/demo/travel/")),
    "S07": (worlds.draft, page("admin:index", of="")),
    "S08": (worlds.draft, nowhere(*CONTENT_IN_ADMIN)),
    "S09": (worlds.draft, page("health-live", of="")),
    # There is no other page about queues. The description of the calls is read with any token
    # (tests/test_front_door.py): whoever may call must know how.
    "S10": (worlds.draft, page("metrics", of="")),
    "S11": (worlds.plan_failed, form("operations:plan", a_reason, of="plan")),
    "S12": (worlds.submitted, page("verify", of="")),
    # reviews
    "V01": (
        worlds.reviewing,
        *(_review, review_form(a_review), review_by_program, save_by_program),
    ),
    "V02": (worlds.reviewing, review_form(a_review_to_file), file_by_program),
    "V03": (worlds.review_filed, _review, review_by_program),
    "V04": (
        worlds.review_filed,
        by_role(
            form("reviews:reopen", of="assignment"),
            rc=form("reviews:reopen", of="ended assignment"),
        ),
        program("post", "reviews/{review}/reopen"),
    ),
    "V05": (
        worlds.past_due,
        *(review_form(a_review), review_form(a_review_to_file), save_by_program, file_by_program),
    ),
    "V06": (worlds.ranked, review_form(a_review), save_by_program, file_by_program),
    "V07": (worlds.reviewing, _others),
    "V08": (worlds.review_filed, _others),
    "V09": (worlds.review_filed, names_the_reviewer),
    "V10": (worlds.review_filed, _others),
    "V11": (worlds.scored, page("panel:discussions", of="round"), *rankings, ranking_by_program),
    "V13": (
        worlds.review_filed,
        by_role(page("reviews:review", of="assignment"), ch=_panel_talk, cc=_panel_talk),
        by_role(_foreign_review_by_program, ch=_panel_talk, cc=_panel_talk),
    ),
    "V14": (worlds.told, tells(worlds.CLEARED)),
    "V15": (worlds.told, tells(worlds.CONFIDENTIAL)),
    "V16": (
        worlds.archived,
        _in_the_archive(_review),
        _in_the_archive(_others),
        _in_the_archive(_talk),
        _in_the_archive(review_by_program),
    ),
    "V17": (worlds.reviewing, _talk, _say),
    "V18": (worlds.review_filed, _talk, _say),
    # decision letters
    "T01": (worlds.proposed, page("decisions:preview", of="decision letter")),
    "T02": (worlds.proposed, page("decision_letters:pdf")),
    "T03": (worlds.told, page("decision_letters:pdf")),
    "T04": (worlds.told_to_others, page("decision_letters:pdf")),
    "T05": (worlds.told, told_letter_again),
    "T07": (worlds.told, verified_by_code),
    "T08": (
        worlds.decided,
        page("decisions:wording", of="decided round"),
        page("decisions:texts", of="texts"),
        form("decisions:texts", other_texts, of="texts"),
        form("decisions:draft", other_texts, of="texts"),
    ),
    # mail
    "T06": (worlds.mailed_of_a_decision, form("operations:mail", a_reason, of="mail")),
    "T10": (worlds.mail_of_a_decision_refused, the_refused_mail_again),
    "T09": (worlds.mailed_of_a_decision, page("operations:ledger", of="")),
    # people
    "U01": (worlds.draft, page("accounts:everybody", of=""), page("accounts:everybody_csv", of="")),
    "U02": (worlds.draft, find_people, who_is_found),
    "U05": (worlds.draft, change_own_roles),
    "U06": (worlds.accepted, form("panel:grant_reviewers", who_accepted, of="")),
    "U07": (worlds.with_a_newcomer, form("accounts:publishers", the_newcomer, of="")),
    "U08": (worlds.publishers_proposed, approve_own_proposal),
    "U09": (worlds.with_a_colleague, form("accounts:person_factor", a_reason, of="member")),
    "U12": (worlds.with_a_colleague, form("accounts:person_account", to_close, of="member")),
    "U03": (worlds.draft, page("accounts:members", of="agency")),
    "U04": (worlds.draft, form("accounts:members", an_invitation, of="agency")),
    "U10": (worlds.draft, nowhere("/admin/accounts/user/login-as/", "/accounts/impersonate/")),
    "U11": (worlds.draft, page("accounts:preferences", of="")),
    "A01": (worlds.submitted, page("audit:log", of="")),
    "A02": (worlds.submitted, page("agency_record", of="agency")),
    "A03": (worlds.submitted, *(form(f"audit:{name}", of="") for name in RECORD)),
    "A04": (worlds.submitted, page("chain_heads", of="")),
    "A05": (worlds.submitted, page("audit:export", of="")),
    # one letter's dossier
    "A06": (
        worlds.told,
        page("decision_letters:dossiers"),
        form("decision_letters:dossiers", a_reason),
    ),
    "A07": (worlds.opened, form("decision_letters:dossiers", a_reason)),
    "E07": (worlds.with_a_dossier, page("decision_letters:dossier_file", of="dossier")),
    # programs
    "E05": (worlds.draft, page("own_data", of="")),
    "E06": (worlds.draft, write_with_a_key_that_reads),
}

# Where the portal means to answer otherwise than the matrix. That a chair is in conflict is
# not asked where letters are counted or read by their agency; and the publishers' pages about the
# call are not there for such a chair, whether they open letters (as the matrix has it) or extend.
# The register leaves out the letters a chair is in conflict with, or with one conflict a chair
# could rule on none; that a conflict of somebody else is on record for such a letter is not even
# known there (404). The panel's pages tell a reviewer by role that they are not hers or his (403),
# whatever letter the address names: so the answer says nothing about that letter.
# Whoever is not signed in is sent to the log-in page, whether there is such a file or not.
# Reviewers are told as little of a table of decisions as of the decisions themselves (D05).
# What the chair cleared for the agency is part of the decision, which after the release everybody
# of D07 reads. A reviewer who declared a conflict is told why the own review is shut; every
# reviewer of the call knows that there are aggregates, and a chair sees those of other letters.
# Reviewers have no list of decisions, before the release and after it, and so are not told of one;
# a chair in conflict has it without the letter.
# Whoever is told that an opened letter is there and not for them (L24) is told so of editing it;
# a reviewer reads it in rooms of an own, where nothing of it can be edited, and its agency's pages
# are not there for any reviewer. That nobody edits it by any address: test_opened_letters_stay.py.
# Finding a reviewer, or knowing that somebody has an account, says nothing of any letter: whether a
# chair is in conflict is not asked.
OTHERWISE = {
    **{("L27", role): "3" for role in ("cc", "p1", "p2", "au")},
    ("L27", "ra"): "4",
    ("U02", "cc"): "2",
    ("U09", "cc"): "3",
    ("C02", "cc"): "2",
    ("C03", "cc"): "4",
    ("C03", "ru"): "3",
    ("C06", "ru"): "3",
    ("V03", "rc"): "3",
    ("L17", "cc"): "2",
    ("L30", "cc"): "3",
    **{(row, "cc"): "4" for row in ("S02", "S03", "S04", "S05")},
    **{(row, "cc"): "2" for row in ("V11", "V12", "E01", "E02", "E03")},
    ("E04", "an"): "L",
    ("A03", "au"): "405",
    **{("E03", role): "4" for role in ("ra", "ru", "rc")},
    **{("V14", role): "+" for role in ("cc", "ad", "p1", "p2", "au")},
    **{(row, role): "3" for row in ("V11", "V12") for role in ("ru", "rc")},
    ("D09", "ra"): "4",
    ("D09", "cc"): "2",
}

# What the matrix promises and this table does not try, and where it is tried or why not.
LATER = {
    "there is no way to, as tests/authorisation/test_no_such_way.py tries": {"V19", "V20"},
}
