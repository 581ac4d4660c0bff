"""Conflicts that need nobody's declaration. Source: section 4 of the call's rules."""

from reviews.states import ConflictKind


def found_by_rule(
    *,
    reviewer_agencies,
    reviewer_country,
    agency_id,
    agency_country,
    organisations=(),
    name="",
    partners=(),
    excluded=(),
):
    """The kind of conflict the records already show, or None.

    A reviewer employed by the agency or by a partner organisation, or of the country or region of
    one of them: a conflict with one partner is a conflict with the whole letter; and whoever the
    applicants asked to be left out. `organisations` are names of the reviewer's employers, `name`
    is the reviewer's own; `partners` and `excluded` are the letter's rows. International
    organisations have no country and conflict with nobody on that ground.
    """
    if agency_id in reviewer_agencies:
        return ConflictKind.SAME_AGENCY
    employers = [_same(employer) for employer in organisations if employer]
    if any(employer in _same(row["name"]) for employer in employers for row in partners):
        return ConflictKind.SAME_AGENCY
    places = {agency_country, *(row["country"] for row in partners)}
    if reviewer_country and reviewer_country in places:
        return ConflictKind.SAME_COUNTRY
    if name and any(_same(row["name"]) == _same(name) for row in excluded):
        # The reviewer reads this kind; who was named by whom stays with the chair.
        return ConflictKind.OTHER
    return None


def _same(name) -> str:
    """A name as it is compared: spaces and capitals do not make another one."""
    return " ".join(name.split()).casefold()
