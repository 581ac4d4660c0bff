"""Shortages and changes in English, for the command's output; pages word them for their readers."""

from reviews.assignment.results import Change, Kind, Lack, Shortage

_MOST_NAMES = 12


def sentence_about(shortage: Shortage) -> str:
    """Why there is no assignment."""
    letters, people = _listed(shortage.letters), _listed(shortage.reviewers)
    wanted, available = shortage.wanted, shortage.available
    match shortage.lack:
        case Lack.REVIEWERS:
            return f"{letters} wants {wanted} reviewers, and {available} may read it."
        case (Lack.ENGINEER | Lack.SCIENTIST) as kind if people:
            return (
                f"{wanted} letters need one {kind} each, and the {kind}s ({people}) have "
                f"{available} places."
            )
        case (Lack.ENGINEER | Lack.SCIENTIST) as kind:
            return f"No {kind} may read {letters}."
        case Lack.COUNTRIES:
            return (
                f"{letters} wants {wanted} reviewers, and those who may read it come from too few "
                f"countries: there is room for {available}."
            )
        case Lack.PLACES:
            return (
                f"{letters} lacks {wanted} kinds of expertise; its places that are not locked: "
                f"{available}."
            )
        case Lack.LOCKS_OF_COUNTRY:
            return (
                f"{people} are locked to {letters} and come from {shortage.country}: there is room "
                f"for {available}."
            )
        case Lack.LOCKS_OF_REVIEWER:
            return f"{people} is locked to {wanted} letters and may read {available}."
        case Lack.CAPACITY:
            return f"All letters want {wanted} reviews, and all reviewers can write {available}."
        case Lack.LEAST_LOADS:
            return f"The least loads add up to {wanted}, and there are {available} reviews."
        case Lack.LETTERS:
            return f"{people} must read at least {wanted} letters and may read {available}."
        case Lack.TOGETHER if people:
            return f"{letters} want the same people, who have too few places: {people}."
        case _:
            return f"The rules leave too few reviewers to {letters} together."


def sentence_for(change: Change) -> str:
    """What somebody could allow."""
    match change.kind:
        case Kind.LOWER_LEAST:
            return f"lower the least load of {change.reviewer} by {change.by}"
        case Kind.RAISE_LOAD:
            return f"raise the load of {change.reviewer} by {change.by}"
        case Kind.MORE_OF_COUNTRY if change.by == 1:
            return f"allow one reviewer more from {change.country} on {change.letter}"
        case Kind.MORE_OF_COUNTRY:
            return f"allow {change.by} reviewers more from {change.country} on {change.letter}"
        case Kind.NO_ENGINEER:
            return f"let {change.letter} be read without an engineer"
        case Kind.NO_SCIENTIST:
            return f"let {change.letter} be read without a lunar scientist"
        case Kind.FEWER_REVIEWERS if change.by == 1:
            return f"give {change.letter} one reviewer fewer"
        case _:
            return f"give {change.letter} {change.by} reviewers fewer"


def _listed(names) -> str:
    if len(names) > _MOST_NAMES:
        return f"{', '.join(names[:_MOST_NAMES])} and {len(names) - _MOST_NAMES} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
