"""Tries that are more than one page, form or call."""

import hashlib
import re

from django.urls import reverse

from accounts.states import TokenScope
from notifications.models import Message
from proposals.states import RoundKind
from reviews.models import ConflictCheck
from tests.authorisation.people import Visitor, word
from tests.authorisation.sent import a_reason
from tests.authorisation.ways import named, worst

# The forms of the results beside their page and the call of programs.
FILES = ("results_csv", "results_pdf", "results_text", "results_feed", "results_picture")


def against(name):
    """Assign the letter to somebody: a visitor of the world, or oneself."""

    def send(world, visitor):
        who = world.people[name] if name else visitor.person
        data = {"reviewer": who.pk if who else ""}
        return word(visitor.post("panel:assign", "preliminary", world.letter.pk, **data))

    return named(send, f"assign {name or 'oneself'}", writes=True)


def planned_for(name):
    """Apply a plan that gives the letter to a visitor of the world."""

    def send(world, visitor):
        return word(visitor.post("panel:apply_plan", "preliminary", world.plans[name].pk))

    return named(send, f"apply a plan for {name}", writes=True)


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

    return named(look, f"{name} names the letter")


def decide(world, visitor):
    """Record what the meeting decided about the letter."""
    data = {"do": "record", "item": world.item.pk, "decision": "SCORED", "note": ""}
    return word(visitor.post("panel:meeting", "preliminary", world.meeting.pk, **data))


decide.writes = True


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

    return named(ask, "nowhere")


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

    return named(look, f"finds {words!r}")


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
