import json

from django.core.management.base import BaseCommand

from chang_e8_portal import clock
from decisions import actions as decisions_room
from decisions import reminders as consent_reminders
from decisions.models import DecisionLetter
from notifications import delivery
from notifications import reminders as invitations
from notifications.models import Message
from operations import actions as operations_room
from operations import timetable
from proposals import actions as letters_room
from proposals import reminders as draft_reminders
from proposals.models import Call
from reviews import actions as panel
from reviews import reminders as review_reminders


class Command(BaseCommand):
    help = "Do everything that is due, once, and print the counts: cron can use it for beat."

    def handle(self, *args, **options):
        at = clock.now()
        counts = {
            "sealed": sum(
                letters_room.seal(call, at=at) is not None
                for call in Call.objects.due_for_sealing(at)
            ),
            "rubrics_frozen": panel.seal_rubrics(Call.objects.all(), at=at),
            "invitations": invitations.queue_invitations(at=at),
            "token_notices": invitations.queue_token_notices(at=at),
            "draft_reminders": draft_reminders.queue_due(at=at),
            "fuller_reminders": draft_reminders.queue_fuller_due(at=at),
            "review_reminders": review_reminders.queue_due(at=at),
            "consent_reminders": consent_reminders.queue_consents_due(at=at),
            "chairs_asked": panel.ask_chairs(at=at),
            "chairs_missing": review_reminders.queue_missing_chairs(at=at),
            "plans_computed": panel.compute_due(at=at),
            "packs_made": panel.make_due(at=at),
            "packs_forgotten": panel.forget_packs(at=at),
            "dossiers_made": decisions_room.make_due_dossiers(at=at),
            "dossiers_forgotten": decisions_room.forget_dossiers(at=at),
            "rounds_scored": panel.score_owed(at=at),
            "files_scanned": letters_room.scan_due(at=at),
            "files_forgotten": letters_room.forget_removed(at=at),
            "files_swept": decisions_room.sweep_files(),
            "letters_rendered": sum(
                decisions_room.render_letter(letter_id, at=at)
                for letter_id in DecisionLetter.objects.renderable(at=at).values_list(
                    "pk", flat=True
                )
            ),
            "releases_rehearsed": decisions_room.rehearse_due(at=at),
            "rounds_released": decisions_room.release_due(at=at),
            "releases_mailed": decisions_room.mail_told(at=at),
            "results_printed": decisions_room.print_told(at=at),
            "scenarios_computed": decisions_room.compute_due_scenarios(at=at),
            "calls_archived": decisions_room.archive_due(at=at),
            "mails_unknown": delivery.give_up_lost(at=at),
            "mails_lapsed": delivery.let_lapse(at=at),
            "mails_sent": sum(
                delivery.deliver(message_id, at=at)
                for message_id in Message.objects.deliverable(at=at).values_list("pk", flat=True)
            ),
        }
        operations_room.check_chain_if_due(at=clock.machine_now())
        timetable.note_all(at=clock.machine_now())
        self.stdout.write(json.dumps(counts))
