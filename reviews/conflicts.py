"""Conflicts that need nobody's declaration. Source: section 4 of the call's rules.

Pure: what the records say of a person and of a letter goes in, what they show comes out.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from reviews import mail_domains
from reviews.states import ConflictKind, ConflictStrength

# Rule: (the kind it makes, how strong it is unless the call says otherwise). The first that holds
# names the conflict.
RULES = {
    "team": (ConflictKind.TEAM, ConflictStrength.HARD),
    "agency": (ConflictKind.SAME_AGENCY, ConflictStrength.HARD),
    "organisation": (ConflictKind.SAME_AGENCY, ConflictStrength.HARD),
    "domain": (ConflictKind.SAME_AGENCY, ConflictStrength.HARD),
    "excluded": (ConflictKind.OTHER, ConflictStrength.HARD),
    "country": (ConflictKind.SAME_COUNTRY, ConflictStrength.HARD),
}
OFF = "OFF"


@dataclass(frozen=True)
class Person:
    """Who would judge: name and address, and for whom and where she or he works."""

    name: str = ""
    email: str = ""
    country: str = ""
    # Agency id to its name.
    agencies: Mapping = field(default_factory=dict)
    employers: Iterable[str] = ()


@dataclass(frozen=True)
class Project:
    """What a letter says of who takes part, and whom it asks to leave out.

    `organisations` are the lead agency, the partners and the co-investigators' institutions,
    `places` their countries or regions as codes, `people` the names of the team, `addresses` its
    e-mail addresses and those of the agency's members.
    """

    agency_id: object
    organisations: Iterable[str] = ()
    places: Iterable[str] = ()
    people: Iterable[str] = ()
    addresses: Iterable[str] = ()
    excluded: Iterable[str] = ()


@dataclass(frozen=True)
class Found:
    """What the rules say of a pair: how strong, of which kind, and by what evidence."""

    strength: ConflictStrength
    kind: ConflictKind
    evidence: list[dict]


def strengths_of(rules: Mapping[str, str]) -> dict[str, str]:
    """How strong each rule is, with what the call says of some of them: HARD, SOFT or OFF.

    Raises ValueError for a rule or a word that does not exist.
    """
    known = {rule: str(strength) for rule, (_kind, strength) in RULES.items()}
    for rule, strength in rules.items():
        if rule not in known or strength not in (*ConflictStrength, OFF):
            raise ValueError(f"no such rule of conflicts: {rule}: {strength}")
        known[rule] = strength
    return known


def found_by_rule(person: Person, project: Project, strengths: Mapping[str, str]) -> Found | None:
    """What the records already show about a pair, or None.

    A conflict with one partner is a conflict with the whole letter. International organisations
    have no country and conflict with nobody on that ground. One hard rule that holds makes the
    whole conflict hard.
    """
    evidence = [
        {"rule": rule, "own": own, "theirs": theirs}
        for rule in RULES
        if strengths[rule] != OFF
        for own, theirs in _TESTS[rule](person, project)
    ]
    if not evidence:
        return None
    hard = [one for one in evidence if strengths[one["rule"]] == ConflictStrength.HARD]
    first = (hard or evidence)[0]["rule"]
    strength = ConflictStrength.HARD if hard else ConflictStrength.SOFT
    return Found(strength, RULES[first][0], evidence)


def _team(person, project):
    own = _words(person.name)
    for name in project.people:
        if own and _words(name) == own:
            yield person.name, name
            return
    if person.email and person.email.casefold() in {a.casefold() for a in project.addresses}:
        yield person.email, person.email


def _agency(person, project):
    if project.agency_id in person.agencies:
        yield person.agencies[project.agency_id], person.agencies[project.agency_id]


def _organisation(person, project):
    for employer in sorted(set(person.employers)):
        for organisation in dict.fromkeys(project.organisations):
            if _within(employer, organisation) or _within(organisation, employer):
                yield employer, organisation
                return


def _domain(person, project):
    own = mail_domains.domain_of(person.email)
    theirs = sorted({mail_domains.domain_of(address) for address in project.addresses})
    for domain in theirs:
        if own and domain and mail_domains.shared(own, domain):
            yield own, domain
            return


def _excluded(person, project):
    own = _words(person.name)
    for name in project.excluded:
        if own and _words(name) == own:
            yield person.name, name
            return


def _country(person, project):
    if person.country and person.country in project.places:
        yield person.country, person.country


_TESTS = {
    "team": _team,
    "agency": _agency,
    "organisation": _organisation,
    "domain": _domain,
    "excluded": _excluded,
    "country": _country,
}


# Every person is compared with every letter: each name would be taken apart a thousand times.
@lru_cache(maxsize=50_000)
def _words(name) -> tuple[str, ...]:
    """A name as it is compared: its words in any order, without accents, capitals and commas."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return tuple(sorted(re.findall(r"\w+", plain.casefold())))


def _within(part, whole) -> bool:
    """Whether a name stands in another one as whole words: "ESA" is in "ESA, ESTEC", not in "Besa".

    Scripts that write no spaces have no words to keep apart.
    """
    part, whole = _plain(part), _plain(whole)
    if not part or part not in whole:
        return False
    start = "(?<![0-9a-z])" if part[0].isascii() else ""
    end = "(?![0-9a-z])" if part[-1].isascii() else ""
    return re.search(f"{start}{re.escape(part)}{end}", whole) is not None


@lru_cache(maxsize=50_000)
def _plain(text) -> str:
    return " ".join(text.split()).casefold()
