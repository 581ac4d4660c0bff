"""How the tasks of the timetable stand: when each last ran, and whether it is overdue."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from celery import current_app
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from operations.models import TaskRun

# A task that has not run for twice its period has stopped. Never sooner than this: where cron calls
# `manage.py sweep` once a minute instead of beat, everything runs once a minute.
PATIENCE = timedelta(minutes=2)

# What each does, for whoever reads the page.
WORDS = {
    "accounts.tasks.forget_sessions": _("Deletes sessions that have expired"),
    "decisions.tasks.archive_ended_calls": _("Archives calls that have ended"),
    "decisions.tasks.compute_owed_scenarios": _("Computes scenarios of the portfolio"),
    "decisions.tasks.forget_dossiers": _("Forgets old dossiers"),
    "decisions.tasks.mail_told_releases": _("Writes the mails of a release"),
    "decisions.tasks.make_owed_dossiers": _("Makes dossiers of letters"),
    "decisions.tasks.print_told_results": _("Sets the results in type"),
    "decisions.tasks.queue_consent_reminders": _(
        "Reminds representatives of confidential messages"
    ),
    "decisions.tasks.rehearse_owed_releases": _("Rehearses a release"),
    "decisions.tasks.release_planned_publications": _("Releases at the planned instant"),
    "decisions.tasks.render_owed_letters": _("Sets decision letters in type"),
    "decisions.tasks.sweep_stored_files": _("Deletes stored files that nothing names"),
    "notifications.tasks.deliver_queued_mail": _("Sends mail"),
    "notifications.tasks.queue_invitations": _("Writes invitations and welcome mails"),
    "notifications.tasks.queue_token_notices": _("Tells people of their API tokens"),
    "operations.tasks.check_chain": _("Verifies the audit chain"),
    "proposals.tasks.queue_draft_reminders": _("Reminds agencies of unsent drafts"),
    "proposals.tasks.scan_owed_files": _("Scans files for malware"),
    "proposals.tasks.seal_closed_calls": _("Seals a call that has closed"),
    "reviews.tasks.ask_chairs": _("Asks for a chair who is free of a conflict"),
    "reviews.tasks.compute_owed_plans": _("Computes who reads which letter"),
    "reviews.tasks.forget_packs": _("Forgets old committee packs"),
    "reviews.tasks.freeze_rubrics": _("Freezes the criteria at the cutoff"),
    "reviews.tasks.make_owed_packs": _("Makes committee packs"),
    "reviews.tasks.queue_review_reminders": _("Reminds reviewers"),
    "reviews.tasks.score_changed_marks": _("Scores changed marks"),
    "reviews.tasks.search_for_names": _("Looks for names in anonymous letters"),
}


@dataclass(frozen=True)
class Standing:
    """One task: its period in seconds, its last run if there was one, and whether it is overdue."""

    task: str
    words: str
    period: float
    run: TaskRun | None
    overdue: bool

    @property
    def how_often(self) -> str:
        return every(round(self.period))


def every(seconds: int) -> str:
    """A period in words, in the largest unit that measures it whole: "every hour"."""
    if seconds % 3600 == 0:
        count = seconds // 3600
        many = ngettext("every %(count)s hour", "every %(count)s hours", count)
        return gettext("every hour") if count == 1 else many % {"count": count}
    if seconds % 60 == 0:
        count = seconds // 60
        many = ngettext("every %(count)s minute", "every %(count)s minutes", count)
        return gettext("every minute") if count == 1 else many % {"count": count}
    many = ngettext("every %(count)s second", "every %(count)s seconds", seconds)
    return gettext("every second") if seconds == 1 else many % {"count": seconds}


def standings(*, at: datetime) -> list[Standing]:
    """Every task of the timetable, those first that need somebody. `at` by the machine's clock."""
    runs = TaskRun.objects.in_bulk()
    since = min((run.first_at for run in runs.values()), default=None)
    found = [
        _standing(entry["task"], float(entry["schedule"]), runs.get(entry["task"]), since, at)
        for entry in current_app.conf.beat_schedule.values()
    ]
    return sorted(
        found, key=lambda one: (not one.overdue, not (one.run and one.run.failed), str(one.words))
    )


def _standing(task, period, run, since, at) -> Standing:
    """`since`: when the first of all tasks ran. One that has never run is awaited from then on."""
    patience = max(PATIENCE, timedelta(seconds=2 * period))
    heard = run.ended_at if run else since
    overdue = heard is None or at - heard > patience
    return Standing(task, str(WORDS.get(task, task)), period, run, overdue)
