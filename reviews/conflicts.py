"""Conflicts that need nobody's declaration. Source: section 4 of the call's rules."""

from reviews.states import ConflictKind


def found_by_rule(*, reviewer_agencies, reviewer_country, agency_id, agency_country):
    """The kind of conflict the records already show, or None.

    A reviewer employed by the agency, or of the agency's country or region. International
    organisations have no country and conflict with nobody on that ground.
    """
    if agency_id in reviewer_agencies:
        return ConflictKind.SAME_AGENCY
    if reviewer_country and reviewer_country == agency_country:
        return ConflictKind.SAME_COUNTRY
    return None
