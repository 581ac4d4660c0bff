"""Making and unmaking the demo's world: database, files, mail and clock."""

import shutil

from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection

from chang_e8_portal import clock
from chang_e8_portal.demo import story
from proposals.models import Call

_TRAVELLING = "demo-travelling"
# A worker that died on the way must not keep the bar busy for ever.
_LONGEST_TRAVEL = 15 * 60


def prepare(*, phase: str, reset: bool) -> None:
    """Bring the database up to date and the story to `phase`; what is there already stays."""
    call_command("migrate", verbosity=0)
    # Stopped half-way through its making, the world is neither here nor there: make it anew.
    unfinished = settings.DATA_DIR / "demo-unfinished"
    if reset or unfinished.exists():
        forget()
    if not Call.objects.exists():
        unfinished.touch()
        story.tell(to=phase)
        unfinished.unlink()


def forget() -> None:
    """Empty every table, and remove files and mail."""
    names = [
        connection.ops.quote_name(name)
        for name in connection.introspection.table_names()
        if name not in ("django_migrations", "django_content_type")
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(names)} CASCADE")
    for folder in (settings.PRIVATE_FILES, settings.DATA_DIR / "mail"):
        shutil.rmtree(folder, ignore_errors=True)


def travel(phase: str) -> None:
    """Go on to a later phase, or start over at an earlier one."""
    cache.set(_TRAVELLING, phase, _LONGEST_TRAVEL)
    try:
        if story.PHASES.index(phase) <= story.PHASES.index(story.phase_at(clock.now())):
            forget()
        story.tell(to=phase)
    finally:
        cache.delete(_TRAVELLING)


def set_out(phase: str) -> bool:
    """Mark that a journey begins; False if one is under way."""
    return cache.add(_TRAVELLING, phase, _LONGEST_TRAVEL)


def destination() -> str | None:
    """The phase the world is travelling to just now, if it is."""
    return cache.get(_TRAVELLING)
