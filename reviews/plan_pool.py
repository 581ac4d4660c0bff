"""What a plan is made from, read from the records: letters, reviewers, affinities, pairs."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from accounts.models import User
from accounts.states import Role
from proposals.models import LetterOfIntent
from reviews import headcount
from reviews.models import (
    AgendaItem,
    Assignment,
    AssignmentPlan,
    ConflictCheck,
    ReviewerInvitation,
    ReviewerProfile,
    Wish,
)
from reviews.states import InvitationAnswer
from reviews.states import Wish as Choice

if TYPE_CHECKING:
    from reviews.assignment import Pool, Rules

Pair = tuple[str, str]

# What a soft conflict costs: as much as a reviewer's "rather not" (`affinity.RELUCTANCE`).
SOFT_CONFLICT = 0.3
# What a wish is worth. Source: as above.
WORTH = {Choice.NO: -1.0, Choice.NEUTRAL: 0.0, Choice.MAYBE: 0.5, Choice.YES: 1.0}
_TEXT = ("title", "title_zh", "summary", "goals", "innovation_science", "innovation_engineering")
# So many other letters say how rare a word is, where one letter is looked at: more of them change
# little and take seconds.
_COUNTED = 1000
# Keywords of more words than this are not looked for in letters.
_LONGEST = 4
_CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")


@dataclass
class Gathered:
    """The pool and its rules, with what the plan's reader is told besides."""

    pool: "Pool"
    rules: "Rules"
    # Pairs that are assigned already; the plan leaves them as they are.
    given: set[Pair]
    # Pairs locked by hand that have come into conflict since, or whose reviewer has left.
    dropped: list[Pair]
    # How many letters each reviewer may get. What is taken up by letters outside the plan is not
    # subtracted, as it is in the pool: the plan's reader may not know of these letters.
    most: dict[str, int]


def gather(plan: AssignmentPlan, *, at: datetime) -> Gathered:
    """The pool of a plan's round as it is now. Ids, as texts, are the names in it."""
    # Here, not above: the libraries behind them take seconds to load.
    from reviews import affinity  # noqa: PLC0415
    from reviews.assignment import Change, Pool, Rules  # noqa: PLC0415

    asked = plan.parameters
    rows = (
        LetterOfIntent.objects.in_round(plan.round)
        .filter(pk__in=asked["letters"])
        .order_by("reference")
        .values("pk", "mass_kg", *_TEXT)
    )
    letters = {str(row["pk"]): row for row in rows}
    held = Assignment.objects.active().filter(round=plan.round)
    held_pairs = [(str(a), str(b)) for a, b in held.values_list("letter", "reviewer")]
    given = {pair for pair in held_pairs if pair[0] in letters}
    # Letters that are not in this plan take a reviewer's time all the same.
    elsewhere = Counter(reviewer for letter, reviewer in held_pairs if letter not in letters)
    free = set(_free_reviewers(plan.asked_by))
    # Who holds a letter stays in the plan, though she or he may get no other.
    reviewers = sorted(free | {reviewer for _letter, reviewer in given})
    profiles = {
        str(profile.user_id): profile
        for profile in ReviewerProfile.objects.filter(user__in=reviewers)
    }
    standing = _standing(letters, free)
    barred = {(a, b) for a, b in asked["barred"]}
    by_hand = [(a, b) for a, b in asked["locked"]]
    ended = Assignment.objects.filter(round=plan.round, ended_at__isnull=False)
    # Whoever was relieved of a letter is not proposed for it again.
    barred |= {(str(a), str(b)) for a, b in ended.values_list("letter", "reviewer")} - set(by_hand)
    allowed = {pair for pair in standing if pair not in barred} | given
    locked = given | {pair for pair in by_hand if pair in allowed}
    wanted, taken = [], Counter(letter for letter, _reviewer in locked)
    # What meetings of the panel wanted of single letters.
    asked_for = {
        str(row["letter"]): row["number"]
        for row in AgendaItem.objects.wanted(plan.round).filter(letter__in=list(letters))
    }
    said = headcount.said_for(plan.round, letters)
    for letter, row in letters.items():
        heavy = (row["mass_kg"] or 0) > headcount.HEAVY_KG
        usual = asked["reviewers"] + (asked["extra"] if heavy else 0)
        number = said.get(row["pk"], usual)
        wanted.append(max(number, asked_for.get(letter, 0), taken[letter]))
    promised = promised_in(plan.round)
    most = {
        reviewer: most_of(
            profiles.get(reviewer),
            min(asked["most"], promised.get(reviewer, asked["most"])) if reviewer in free else 0,
            since=at.date(),
            until=plan.round.reviews_due_at.date(),
        )
        for reviewer in reviewers
    }
    holding = Counter(reviewer for _letter, reviewer in given)
    left = [max(0, holding[one], most[one] - elsewhere[one]) for one in reviewers]
    row_of = {letter: at for at, letter in enumerate(letters)}
    column_of = {reviewer: at for at, reviewer in enumerate(reviewers)}
    wishes = _wishes(plan.round, row_of, column_of)
    known = affinity.combined(*_likeness(letters, reviewers, profiles), wishes)
    penalty = known.penalty.copy()
    for (letter, reviewer), is_soft in standing.items():
        if is_soft:
            # Whoever would rather not, and has a soft conflict, costs both.
            penalty[row_of[letter], column_of[reviewer]] += SOFT_CONFLICT
    pool = Pool.of(
        list(letters),
        reviewers,
        known.total,
        wanted=wanted,
        least=[min(asked["least"], number) for number in left],
        most=left,
        withdrawn=[(a, b) for a in letters for b in reviewers if (a, b) not in allowed],
        locked=locked,
        penalty=penalty,
        country=[_country(profiles.get(one)) for one in reviewers],
        expertise=[profiles[one].expertise if one in profiles else "" for one in reviewers],
        parts=known.parts,
    )
    rules = Rules(**{name: asked[name] for name in RULES}, load_cost=asked["load_cost"])
    known_names = {None, *letters, *reviewers}
    exceptions = [Change(**row) for row in asked["allowed"]]
    pool = pool.changed(one for one in exceptions if {one.letter, one.reviewer} <= known_names)
    return Gathered(
        pool=pool.changed(_exceptions(pool, given, rules)),
        rules=rules,
        given=given,
        dropped=[pair for pair in by_hand if pair not in allowed],
        most=most,
    )


def fits_of(letter, call_round, *, among, chair) -> dict[str, dict[str, float | None]]:
    """How well each reviewer fits one letter, by her or his id: the numbers of a plan of `chair`.

    `among` is the letters of such a plan: how rare a word is, is counted over them all. A part that
    is not known is None.
    """
    import numpy as np  # noqa: PLC0415 - as above

    from reviews import affinity  # noqa: PLC0415

    others = among.exclude(pk=letter.pk).order_by("reference").values_list(*_TEXT)
    texts = ["\n".join(getattr(letter, name) for name in _TEXT)]
    texts += ["\n".join(row) for row in others[:_COUNTED]]
    reviewers = sorted(_free_reviewers(chair))
    keywords, about = _own_words(reviewers, ReviewerProfile.objects.filter(user__in=reviewers))
    named = keywords_in(texts[0], set().union(*keywords))
    wishes = Wish.objects.filter(round=call_round, reviewer__in=reviewers)
    said = {
        str(reviewer): WORTH[Choice(choice)]
        for reviewer, choice in wishes.filter(letter=letter).values_list("reviewer", "choice")
    }
    # Where somebody has wished for any letter, who says nothing of this one has no preference.
    silent = 0.0 if wishes.filter(letter__in=among.values("pk")).exists() else np.nan
    found = affinity.combined(
        affinity.text_likeness(texts, about)[:1],
        affinity.keyword_overlap([named], keywords),
        [[said.get(one, silent) for one in reviewers]],
    )
    return {
        one: {
            "affinity": float(found.total[0, column]),
            "text": _number(found.text[0, column]),
            "keywords": _number(found.keywords[0, column]),
            "wish": said.get(one),
        }
        for column, one in enumerate(reviewers)
    }


def _number(value) -> float | None:
    return None if math.isnan(value) else float(value)


def promised_in(call_round) -> dict[str, int]:
    """How many letters the invitation spoke of, by each person who accepted it."""
    accepted = ReviewerInvitation.objects.filter(
        round=call_round, answer=InvitationAnswer.ACCEPTED, user__isnull=False
    )
    return {str(user): letters for user, letters in accepted.values_list("user", "letters")}


# Rules that can be switched off one by one; their names are those of `assignment.Rules`.
RULES = ("one_per_country", "an_engineer", "a_scientist", "lift_worst")


def most_of(profile: ReviewerProfile | None, most: int, *, since: date, until: date) -> int:
    """How many letters somebody may get: the less of what the chair and she or he said.

    `most` is what the plan allows, or the invitation that was accepted spoke of.

    Who is away for a part of the days that are left gets that part fewer, rounded down.
    """
    if profile is None:
        return most
    if profile.most_letters is not None:
        most = min(most, profile.most_letters)
    if not (profile.away_from and profile.away_until):
        return most
    # After the round's due date, for one more review: whoever is away today gets none.
    until = max(until, since)
    days = (until - since).days + 1
    gone = (min(until, profile.away_until) - max(since, profile.away_from)).days + 1
    return most * (days - max(0, gone)) // days


def keywords_in(text: str, vocabulary: Collection[str]) -> set[str]:
    """Those of the reviewers' keywords that a letter's text names, word for word.

    A letter has no keywords of its own; these stand for them.
    """
    folded = _folded(text)
    words = re.findall(r"\w+", folded)
    grams = {
        " ".join(words[at : at + length])
        for length in range(1, _LONGEST + 1)
        for at in range(len(words) - length + 1)
    }
    return {
        keyword
        for keyword in vocabulary
        if " ".join(re.findall(r"\w+", _folded(keyword))) in grams
        # Scripts without spaces have no words to be found whole.
        or (_CJK.search(keyword) and _folded(keyword) in folded)
    }


def _folded(text):
    return unicodedata.normalize("NFKC", text).casefold()


def _free_reviewers(chair) -> Iterable[str]:
    """Everybody who may get letters; a chair who reads as well gets none from her own plan."""
    people = User.objects.with_role(Role.REVIEWER).active().exclude(pk=chair.pk)
    return (str(pk) for pk in people.values_list("pk", flat=True))


def _standing(letters, reviewers) -> dict[Pair, bool]:
    """The pairs that were asked about and have no hard conflict, and whether it is a soft one."""
    checks = ConflictCheck.objects.filter(conflicted=False, letter__in=letters)
    return {
        (str(letter), str(reviewer)): source != ""
        for letter, reviewer, source in checks.values_list("letter", "reviewer", "source")
        if str(reviewer) in reviewers
    }


def _likeness(
    letters: Mapping[str, Mapping[str, Any]],
    reviewers: Sequence[str],
    profiles: Mapping[str, ReviewerProfile],
):
    from reviews import affinity  # noqa: PLC0415

    texts = ["\n".join(row[name] for name in _TEXT) for row in letters.values()]
    keywords, about = _own_words(reviewers, profiles.values())
    vocabulary = set().union(*keywords)
    return (
        affinity.text_likeness(texts, about),
        affinity.keyword_overlap([keywords_in(text, vocabulary) for text in texts], keywords),
    )


def _own_words(reviewers: Sequence[str], profiles: Iterable[ReviewerProfile]):
    """The keywords of each reviewer, and the texts that she or he is known by."""
    known = {str(profile.user_id): profile for profile in profiles}
    keywords = [p.keywords if (p := known.get(one)) else [] for one in reviewers]
    about = [
        ["\n".join([p.about, *p.keywords])] if (p := known.get(one)) else [] for one in reviewers
    ]
    return keywords, about


def _wishes(call_round, row_of, column_of):
    """What each reviewer said of each letter as `affinity` takes it; not a number where nothing."""
    import numpy as np  # noqa: PLC0415 - as above

    table = np.full((len(row_of), len(column_of)), np.nan)
    rows = Wish.objects.filter(round=call_round, letter__in=row_of, reviewer__in=column_of)
    for letter, reviewer, choice in rows.values_list("letter", "reviewer", "choice"):
        table[row_of[str(letter)], column_of[str(reviewer)]] = WORTH[Choice(choice)]
    return table


def _country(profile) -> str:
    return (profile.country.code or "") if profile else ""


def _exceptions(pool, given, rules):
    """What somebody assigned by hand stands, whatever rule it breaks: no plan is to fail on it."""
    from reviews.assignment import ENGINEER, SCIENTIST, Change, Kind  # noqa: PLC0415

    country = dict(zip(pool.reviewers, pool.country, strict=True))
    skill = dict(zip(pool.reviewers, pool.expertise, strict=True))
    readers: dict[str, list[str]] = {}
    for letter, reviewer in given:
        readers.setdefault(letter, []).append(reviewer)
    for letter, wanted in zip(pool.letters, pool.wanted, strict=True):
        held = readers.get(letter, [])
        if rules.one_per_country:
            for code, number in Counter(country[one] for one in held).items():
                if code and number > 1:
                    yield Change(Kind.MORE_OF_COUNTRY, letter, country=code, by=number - 1)
        if len(held) < wanted:
            continue
        for rule, wanting, kind in (
            (rules.an_engineer, ENGINEER, Kind.NO_ENGINEER),
            (rules.a_scientist, SCIENTIST, Kind.NO_SCIENTIST),
        ):
            if rule and wanting not in {skill[one] for one in held}:
                yield Change(kind, letter)
