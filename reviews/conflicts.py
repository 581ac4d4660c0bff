"""Conflicts that need nobody's declaration. Source: section 4 of the call's rules."""

import re

from reviews.states import ConflictKind

# "Institute of Dust, Peru" and "Institute of Dust (Peru)" both end in their place.
_BEFORE_THE_PLACE = re.compile(r"[,(，（]")


def found_by_rule(
    *,
    reviewer_agencies,
    reviewer_country,
    agency_id,
    agency_country,
    organisations=(),
    country_name="",
    partners="",
):
    """The kind of conflict the records already show, or None.

    A reviewer employed by the agency or by a partner organisation, or of the country or region of
    one of them: a conflict with one partner is a conflict with the whole letter. `organisations`
    are names of the reviewer's employers, `country_name` is the reviewer's country in English;
    `partners` are lines that end in a country. International organisations have no country and
    conflict with nobody on that ground.
    """
    if agency_id in reviewer_agencies:
        return ConflictKind.SAME_AGENCY
    lines = [" ".join(line.split()).casefold() for line in partners.splitlines()]
    names = [name.casefold() for name in organisations if name]
    if any(name in line for name in names for line in lines):
        return ConflictKind.SAME_AGENCY
    if reviewer_country and reviewer_country == agency_country:
        return ConflictKind.SAME_COUNTRY
    places = {_BEFORE_THE_PLACE.split(line)[-1].strip(" )）.") for line in lines}
    if country_name and country_name.casefold() in places:
        return ConflictKind.SAME_COUNTRY
    return None
