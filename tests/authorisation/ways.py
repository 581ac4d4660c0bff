"""Ways to a page, a form and a call of programs: each says in a word what became of the try."""

from decisions.rounds import Named
from decisions.states import Outcome
from proposals.states import RoundKind
from tests.authorisation.people import word


def page(name, *, of="letter", query=None):
    """Look at a page about the letter."""

    def look(world, visitor):
        return word(visitor.get(name, *about(world, of), **(query or {})))

    return named(look, f"page {name}")


def form(name, data=None, *, of="letter"):
    """Send a form to a page about the letter; `data` makes its fields from the world."""

    def send(world, visitor):
        return word(visitor.post(name, *about(world, of), **(data(world) if data else {})))

    return named(send, f"form {name}", writes=True)


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

    return named(ask, f"{method} {path}", writes=method != "get")


def worst(words) -> str:
    """Several answers to one question: the one that differs from the first, or the first."""
    first, *others = words
    return next((one for one in others if one != first), first)


def by_role(usual, **others):
    """Each visitor by the way that is theirs: the panel reads in rooms of its own."""

    def go(world, visitor):
        return others.get(visitor.role, usual)(world, visitor)

    return named(go, usual.__name__)


def named(function, name, *, writes=False):
    function.__name__, function.writes = name, writes
    return function


def about(world, of):
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
