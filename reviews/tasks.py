"""Door for Celery."""

from celery import shared_task

from chang_e8_portal import clock
from proposals.models import Call
from reviews import actions, reminders
from reviews.models import AssignmentPlan, CommitteePack


@shared_task
def queue_review_reminders():
    reminders.queue_due(at=clock.now())


@shared_task
def ask_chairs():
    at = clock.now()
    actions.ask_chairs(at=at)
    reminders.queue_missing_chairs(at=at)


@shared_task
def compute_owed_plans():
    owed = AssignmentPlan.objects.computable(at=clock.now()).order_by("asked_at")
    for plan_id in owed.values_list("pk", flat=True)[:20]:
        compute_plan.delay(plan_id=str(plan_id))


# Thousands of letters take minutes; the lease is longer than the last of these.
@shared_task(soft_time_limit=270, time_limit=285)
def compute_plan(*, plan_id):
    actions.compute_plan(plan_id, at=clock.now())


@shared_task
def freeze_rubrics():
    actions.seal_rubrics(Call.objects.all(), at=clock.now())


@shared_task
def search_for_names():
    actions.search_names_due(at=clock.now())


@shared_task
def score_changed_marks():
    actions.score_owed(at=clock.now())


@shared_task
def make_owed_packs():
    owed = CommitteePack.objects.makeable(at=clock.now()).order_by("asked_at")
    for pack_id in owed.values_list("pk", flat=True)[:20]:
        make_pack.delay(pack_id=str(pack_id))


# Seconds a letter; the claim is renewed with each of them.
@shared_task(soft_time_limit=3600, time_limit=3660)
def make_pack(*, pack_id):
    actions.make_pack(pack_id, at=clock.now())


@shared_task
def forget_packs():
    actions.forget_packs(at=clock.now())
