"""Where a round stands: what is decided, what it weighs, and what its letters are waiting for.

`without` are ids of letters that are left out as if they were not there: those the person asking
may not know of. A sum over all letters beside a list without one would tell what is missing.
"""

from datetime import datetime
from decimal import Decimal

from django.db.models import Count, DecimalField, F, OuterRef, Q, Subquery, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce

from accounts.models import Membership
from chang_e8_portal import clock
from decisions.models import Decision, Publication
from decisions.states import NO_KEY, NO_STAMP, PUBLIC, Outcome, RenderState
from proposals.models import CallRound, FullerVersion, LetterOfIntent
from proposals.states import Level
from reviews.addresses import Named
from reviews.models import RankedLetter, Ranking, Review
from reviews.rounds import call_of

# Mission-level craft fly on a launcher of their own.
ON_THE_LANDER = (Level.SYSTEM, Level.UNIT)


def plain(number) -> str:
    """A number as people write it, without useless zeros: 200, 4.5; empty if there is none."""
    return "" if number is None else f"{Decimal(number).normalize():f}"


def current_rounds() -> list[CallRound]:
    """The rounds of the call that opened last, in order; none before there is a call."""
    call = call_of("")
    return list(call.rounds.all()) if call else []


def rounds_of(code) -> list[CallRound]:
    """Those of the call with this code; without one, of the call that opened last."""
    if not code:
        return current_rounds()
    rounds = CallRound.objects.filter(call__code=code)
    return list(rounds.select_related("call").order_by("announced_for"))


def round_at(named: Named) -> CallRound | None:
    return next((one for one in rounds_of(named.code) if one.kind == named.kind), None)


def decisions_of(call_round, without=()):
    """The decisions that count: a letter that was withdrawn meanwhile has none."""
    letters = LetterOfIntent.objects.to_decide_in(call_round).exclude(pk__in=without)
    return Decision.objects.filter(round=call_round, letter__in=letters)


def undecided_in(call_round, without=()):
    """Letters that are owed a decision and have none."""
    decided = Decision.objects.filter(round=call_round)
    letters = LetterOfIntent.objects.to_decide_in(call_round).exclude(pk__in=without)
    return letters.exclude(pk__in=decided.values("letter"))


def scores_visible(call_round) -> bool:
    """Whether anybody may have seen marks of this round: a review is in, or the ranking frozen."""
    return (
        Review.objects.filter(assignment__round=call_round, submitted_at__isnull=False).exists()
        or Ranking.objects.filter(round=call_round).exists()
    )


def ranked_in(call_round, without=()):
    """The letters of the frozen ranking; `place` counts those that are left."""
    rows = RankedLetter.objects.filter(ranking__round=call_round)
    ahead = rows.filter(letter__in=without, position__lt=OuterRef("position"))
    number = ahead.order_by().values("ranking").annotate(number=Count("pk")).values("number")
    place = F("position") - Coalesce(Subquery(number), 0)
    return rows.exclude(letter__in=without).annotate(place=place)


def letters_of(call_round, without=()):
    """Letters to decide with rank, total, outcome and allotted mass of this round on each row.

    `fuller_version` and `fuller_kg` are of the fuller proposal filed last; None without one.
    """
    filed = _fuller_masses(OuterRef("pk"))
    ranked = ranked_in(call_round, without).filter(letter=OuterRef("pk"))
    decided = Decision.objects.filter(round=call_round, letter=OuterRef("pk"))
    return (
        LetterOfIntent.objects.to_decide_in(call_round)
        .exclude(pk__in=without)
        .select_related("agency")
        .annotate(
            position=Subquery(ranked.values("place")[:1]),
            total=Subquery(ranked.values("total")[:1]),
            outcome=Subquery(decided.values("outcome")[:1]),
            allotted_kg=Subquery(decided.values("mass_kg")[:1]),
            fuller_kg=Subquery(filed.values("mass")[:1]),
            fuller_version=Subquery(filed.values("number")[:1]),
            version=Subquery(decided.values("version")[:1]),
        )
    )


def _fuller_masses(letter):
    """The filed fuller proposals of a letter, newest first, each with the mass it states."""
    mass = Cast(KT("content__fields__mass_kg"), DecimalField(max_digits=9, decimal_places=3))
    return FullerVersion.objects.filter(letter=letter).order_by("-number").annotate(mass=mass)


def fuller_fields(call_round, without=()) -> dict:
    """Letter id to the fields of its fuller proposal filed last; none in the first round."""
    if not call_round.is_final:
        return {}
    filed = FullerVersion.objects.filter(letter__call=call_round.call_id)
    newest = filed.exclude(letter__in=without).order_by("letter", "-number").distinct("letter")
    return {
        letter: content["fields"] for letter, content in newest.values_list("letter", "content")
    }


def mass_stated(letter) -> Decimal | None:
    """Kilograms the agency stated last: in the fuller proposal, or else in the letter."""
    newest = _fuller_masses(letter.pk).values_list("mass", flat=True)[:1]
    return next((mass for mass in newest if mass is not None), letter.mass_kg)


def counts_by_outcome(call_round, without=()) -> dict[str, int]:
    """How many letters have each outcome, in the order in which outcomes are listed."""
    rows = decisions_of(call_round, without).values("outcome").annotate(number=Count("pk"))
    numbers = {row["outcome"]: row["number"] for row in rows}
    return {outcome: numbers[outcome] for outcome in Outcome if outcome in numbers}


def mass_on_the_lander(call_round, without=()) -> Decimal:
    """Kilograms allotted to those selected projects that the lander carries."""
    decided = decisions_of(call_round, without)
    chosen = decided.filter(outcome__in=PUBLIC, letter__level__in=ON_THE_LANDER)
    return chosen.aggregate(mass=Sum("mass_kg"))["mass"] or Decimal(0)


def loose_merges(call_round, without=()):
    """Decisions that merge a letter into one which does not itself go forward."""
    decided = decisions_of(call_round, without)
    leads = decided.filter(outcome__in=(Outcome.SELECTED, Outcome.CONDITIONAL))
    merged = decided.filter(outcome=Outcome.MERGED).exclude(merged_with__in=without)
    return merged.exclude(merged_with__in=leads.values("letter"))


def reserve_is_whole(call_round, day=None) -> bool:
    """Whether the reserve list counts 1, 2, 3 without a gap, and no place ends before `day`.

    Before today, in the call's zone, if no day is named.
    """
    day = day or clock.now().astimezone(call_round.call.tzinfo).date()
    rows = decisions_of(call_round).filter(outcome=Outcome.RESERVE).order_by("reserve_rank")
    places = list(rows.values_list("reserve_rank", "reserve_until"))
    ranks = [rank for rank, _until in places]
    in_time = all(until is None or until >= day for _rank, until in places)
    return ranks == list(range(1, len(ranks) + 1)) and in_time


def mails_owed(call_round) -> tuple[int, int]:
    """How many mails a release would owe, and to how many people."""
    told = Membership.objects.filter(
        agency__letters__in=decisions_of(call_round).values("letter")
    ).aggregate(mails=Count("pk"), people=Count("user", distinct=True))
    return told["mails"], told["people"]


def rendering_of(publication) -> dict[str, int]:
    """Numbers of letters of a proposal: all, ready, failed, waiting; of these unstamped, unsigned.

    The last two wait for a stamp of the time-stamp service, and for a key that can sign.
    """
    return counts_of(publication.letters.of_publication())


def counts_of(letters) -> dict[str, int]:
    """The same of any decision letters."""
    return letters.aggregate(
        all=Count("pk"),
        ready=Count("pk", filter=Q(state=RenderState.READY)),
        failed=Count("pk", filter=Q(state=RenderState.FAILED)),
        waiting=Count("pk", filter=Q(state__in=(RenderState.OWED, RenderState.RENDERING))),
        unstamped=Count("pk", filter=Q(state=RenderState.OWED, last_error__startswith=NO_STAMP)),
        unsigned=Count("pk", filter=Q(state=RenderState.OWED, last_error__startswith=NO_KEY)),
    )


def latest_publication(call_round) -> Publication | None:
    """The open or released one, or else the last that became void."""
    publications = Publication.objects.filter(round=call_round).select_related(
        "round__call", "proposed_by", "released_by"
    )
    return publications.live().first() or publications.first()


def ended_at(call) -> datetime | None:
    """When the last of its decisions was told; None while a letter of the call waits for one.

    The second round of a call that shortlisted nothing has no letters, and is never published.
    """
    released = dict(
        Publication.objects.released().filter(round__call=call).values_list("round", "released_at")
    )
    for call_round in call.rounds.all():
        waits = LetterOfIntent.objects.to_decide_in(call_round)
        if call_round.pk not in released and waits.exists():
            return None
    return max(released.values(), default=None)


def comments_on(call_round, letters) -> dict:
    """The reviewers' (strengths, weaknesses) by letter id: first every major one, then the minor.

    What a chair starts from; nobody outside sees it before a chair has read it.
    """
    reviews = (
        Review.objects.submitted()
        .filter(assignment__round=call_round, assignment__letter__in=letters)
        .order_by("submitted_at")
        .values_list(
            "assignment__letter",
            *("major_strengths", "strengths", "major_weaknesses", "weaknesses"),
        )
    )
    said = {}
    for letter_id, *texts in reviews:
        lists = said.setdefault(letter_id, ([], [], [], []))
        for found, text in zip(lists, texts, strict=True):
            found.append(text.strip())
    return {
        letter_id: (_lines(major_good + good), _lines(major_bad + bad))
        for letter_id, (major_good, good, major_bad, bad) in said.items()
    }


def _lines(texts) -> str:
    return "\n".join(filter(None, texts))
