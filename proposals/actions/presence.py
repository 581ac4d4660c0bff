"""Who has which section open. A hint between colleagues: nothing is locked and nothing asks it."""

from proposals.models import Presence


def be_here(letter, *, section, actor, at) -> list[Presence]:
    """Say that `actor` has this section open, and return who else has one, by name.

    A statement or two, without a lock: of two tabs of one person the last one heard of counts.
    """
    Presence.objects.bulk_create(
        [Presence(letter=letter, user=actor, section=section, seen_at=at)],
        update_conflicts=True,
        unique_fields=["letter", "user"],
        update_fields=["section", "seen_at"],
    )
    return others_here(letter, actor=actor, at=at)


def others_here(letter, *, actor, at) -> list[Presence]:
    """Who but `actor` has a section of this letter open."""
    here = letter.presences.here_at(at).exclude(user=actor)
    return list(here.select_related("user").order_by("user__name", "user__email"))
