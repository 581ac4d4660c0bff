from celery import signals
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    name = "operations"
    verbose_name = _("Operations")

    def ready(self):
        """Have every worker note when a task of the timetable ended, and how."""
        from operations import worker_notes  # noqa: PLC0415 - models are not loaded before this

        signals.task_prerun.connect(worker_notes.began)
        signals.task_postrun.connect(worker_notes.ended)
