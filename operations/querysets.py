from django.db import models


class TaskRunQuerySet(models.QuerySet):
    def note(self, task, *, at, seconds, error="") -> None:
        """Write a run over the one before it, with one statement."""
        row = self.model(
            task=task,
            ended_at=at,
            first_at=at,  # kept from the first time on
            seconds=seconds,
            error=error,
            failed_at=at if error else None,
        )
        changed = ["ended_at", "seconds", *(["failed_at", "error"] if error else [])]
        self.bulk_create(
            [row], update_conflicts=True, unique_fields=["task"], update_fields=changed
        )


class ChainCheckQuerySet(models.QuerySet):
    def latest_one(self):
        return self.order_by("-checked_at").first()
