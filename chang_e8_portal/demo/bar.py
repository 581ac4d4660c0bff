"""What the bar at the top of every page of the demo shows."""

from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from chang_e8_portal import clock
from chang_e8_portal.demo import content, story, world
from proposals.models.call import in_language


def bar(request) -> dict:
    """Context processor: the portal's time and the phases one can travel to; nothing elsewhere."""
    if not settings.PORTAL_DEMO:
        return {}
    return {"demo_bar": facts(request.get_full_path())}


def facts(path: str) -> dict:
    """The bar's own context; `path` is the page to come back to."""
    now = clock.now()
    here = story.phase_at(now)
    return {
        "now": now,
        "path": path,
        "destination": world.destination(),
        "phases": [
            {
                "key": row["key"],
                "name": in_language(row["name"]),
                "description": in_language(row["description"]),
                "is_here": row["key"] == here,
                "is_past": story.PHASES.index(row["key"]) <= story.PHASES.index(here),
            }
            for row in content.phases()
        ],
        "steps": [
            {"key": "hour", "name": _("+1 hour")},
            {"key": "day", "name": _("+1 day")},
            {"key": "cutoff", "name": _("1 minute before the cutoff")},
        ],
    }


STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
BEFORE_CUTOFF = timedelta(minutes=1)
