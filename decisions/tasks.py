"""Doors for Celery: letters owed are rows, the worker is a clock that comes by."""

from celery import shared_task

from chang_e8_portal import clock
from decisions import actions, reminders
from decisions.models import DecisionLetter, Dossier, PortfolioScenario
from proposals import actions as letters


@shared_task
def render_owed_letters():
    owed = DecisionLetter.objects.renderable(at=clock.now()).order_by("number")
    for letter_id in owed.values_list("pk", flat=True)[:200]:
        render_letter.delay(letter_id=str(letter_id))


@shared_task
def render_letter(*, letter_id):
    actions.render_letter(letter_id, at=clock.now())


@shared_task
def release_planned_publications():
    actions.release_due(at=clock.now())


@shared_task
def mail_told_releases():
    actions.mail_told(at=clock.now())


# Every letter is read back, and six papers of the results are set, seconds each.
@shared_task(soft_time_limit=540, time_limit=570)
def rehearse_owed_releases():
    actions.rehearse_due(at=clock.now())


# Six papers, about a second each.
@shared_task(soft_time_limit=120, time_limit=150)
def print_told_results():
    actions.print_told(at=clock.now())


@shared_task
def queue_consent_reminders():
    reminders.queue_consents_due(at=clock.now())


@shared_task
def compute_owed_scenarios():
    owed = PortfolioScenario.objects.computable(at=clock.now()).order_by("asked_at")
    for scenario_id in owed.values_list("pk", flat=True)[:20]:
        compute_scenario.delay(scenario_id=str(scenario_id))


# Hundreds of searches; the claim is renewed after each of them.
@shared_task(soft_time_limit=3600, time_limit=3660)
def compute_scenario(*, scenario_id):
    actions.compute_scenario(scenario_id, at=clock.now())


@shared_task
def make_owed_dossiers():
    owed = Dossier.objects.makeable(at=clock.now()).order_by("asked_at")
    for dossier_id in owed.values_list("pk", flat=True)[:20]:
        make_dossier.delay(dossier_id=str(dossier_id))


# Seconds a paper, and every entry of the record since the letter was begun.
@shared_task(soft_time_limit=1500, time_limit=1560)
def make_dossier(*, dossier_id):
    actions.make_dossier(dossier_id, at=clock.now())


@shared_task
def forget_dossiers():
    actions.forget_dossiers(at=clock.now())


@shared_task
def archive_ended_calls():
    actions.archive_due(at=clock.now())


@shared_task
def sweep_stored_files():
    """Here, in the topmost room: from no other one can be seen all that names a file."""
    letters.forget_removed(at=clock.now())
    actions.sweep_files()
