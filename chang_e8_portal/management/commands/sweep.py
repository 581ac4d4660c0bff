import json

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts import actions as people_room
from chang_e8_portal import clock
from decisions import actions as decisions_room
from decisions import reminders as consent_reminders
from decisions.models import DecisionLetter
from notifications import delivery
from notifications import reminders as invitations
from notifications.models import Message
from operations import actions as operations_room
from operations.models import TaskRun
from proposals import actions as letters_room
from proposals import reminders as draft_reminders
from proposals.models import Call
from reviews import actions as panel
from reviews import reminders as review_reminders


class Command(BaseCommand):
    help = "Do everything that is due, once, and print the counts: cron can use it for beat."

    def handle(self, *args, **options):
        counts = {}
        for task, done in _everything(at=clock.now()):
            counts |= done
            TaskRun.objects.note(task, at=clock.machine_now(), seconds=0)
        self.stdout.write(json.dumps(counts))


def _everything(*, at):
    """Do what each task of the timetable does: its name, and the counts of what was done."""
    yield "proposals.tasks.seal_closed_calls", {"sealed": _seal(at=at)}
    yield (
        "reviews.tasks.freeze_rubrics",
        {"rubrics_frozen": panel.seal_rubrics(Call.objects.all(), at=at)},
    )
    yield (
        "notifications.tasks.queue_invitations",
        {"invitations": invitations.queue_invitations(at=at)},
    )
    yield (
        "notifications.tasks.queue_token_notices",
        {"token_notices": invitations.queue_token_notices(at=at)},
    )
    yield (
        "proposals.tasks.queue_draft_reminders",
        {
            "draft_reminders": draft_reminders.queue_due(at=at),
            "fuller_reminders": draft_reminders.queue_fuller_due(at=at),
        },
    )
    yield (
        "reviews.tasks.queue_review_reminders",
        {"review_reminders": review_reminders.queue_due(at=at)},
    )
    yield (
        "decisions.tasks.queue_consent_reminders",
        {"consent_reminders": consent_reminders.queue_consents_due(at=at)},
    )
    yield (
        "reviews.tasks.ask_chairs",
        {
            "chairs_asked": panel.ask_chairs(at=at),
            "chairs_missing": review_reminders.queue_missing_chairs(at=at),
        },
    )
    yield "reviews.tasks.search_for_names", {"names_searched": panel.search_names_due(at=at)}
    yield "reviews.tasks.compute_owed_plans", {"plans_computed": panel.compute_due(at=at)}
    yield "reviews.tasks.make_owed_packs", {"packs_made": panel.make_due(at=at)}
    yield "reviews.tasks.forget_packs", {"packs_forgotten": panel.forget_packs(at=at)}
    yield "reviews.tasks.score_changed_marks", {"rounds_scored": panel.score_owed(at=at)}
    yield (
        "decisions.tasks.make_owed_dossiers",
        {"dossiers_made": decisions_room.make_due_dossiers(at=at)},
    )
    yield (
        "decisions.tasks.forget_dossiers",
        {"dossiers_forgotten": decisions_room.forget_dossiers(at=at)},
    )
    yield "proposals.tasks.scan_owed_files", {"files_scanned": letters_room.scan_due(at=at)}
    yield (
        "decisions.tasks.sweep_stored_files",
        {
            "files_forgotten": letters_room.forget_removed(at=at),
            "files_swept": decisions_room.sweep_files(),
        },
    )
    yield "decisions.tasks.render_owed_letters", {"letters_rendered": _render(at=at)}
    yield (
        "decisions.tasks.rehearse_owed_releases",
        {"releases_rehearsed": decisions_room.rehearse_due(at=at)},
    )
    yield (
        "decisions.tasks.release_planned_publications",
        {"rounds_released": decisions_room.release_due(at=at)},
    )
    yield "decisions.tasks.mail_told_releases", {"releases_mailed": decisions_room.mail_told(at=at)}
    yield (
        "decisions.tasks.print_told_results",
        {"results_printed": decisions_room.print_told(at=at)},
    )
    yield (
        "decisions.tasks.compute_owed_scenarios",
        {"scenarios_computed": decisions_room.compute_due_scenarios(at=at)},
    )
    yield (
        "decisions.tasks.archive_ended_calls",
        {"calls_archived": decisions_room.archive_due(at=at)},
    )
    yield (
        "accounts.tasks.forget_sessions",
        {"sessions_forgotten": people_room.forget_sessions(at=clock.machine_now())},
    )
    yield (
        "notifications.tasks.deliver_queued_mail",
        {
            "mails_unknown": delivery.give_up_lost(at=at),
            "mails_lapsed": delivery.let_lapse(at=at),
            "mails_sent": _send(at=at),
        },
    )
    operations_room.check_chain_if_due(at=clock.machine_now())
    yield "operations.tasks.check_chain", {}


def _seal(*, at) -> int:
    calls = Call.objects.due_for_sealing(at)
    return sum(letters_room.seal(call, at=at) is not None for call in calls)


def _render(*, at) -> int:
    owed = DecisionLetter.objects.renderable(at=at).values_list("pk", flat=True)
    return sum(decisions_room.render_letter(letter_id, at=at) for letter_id in owed)


def _send(*, at) -> int:
    """What cron does once a minute sends what the mail server takes in one."""
    due = Message.objects.deliverable(at=at).order_by("due_at").values_list("pk", flat=True)
    return sum(delivery.deliver(mail, at=at) for mail in due[: settings.MAILS_A_MINUTE])
