from django.contrib import admin

from proposals.models import Call, CallRound


class ShownNotMoved(admin.ModelAdmin):
    """Dates and texts of a call change by an action with a reason, never by an edit here."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Call)
class CallAdmin(ShownNotMoved):
    list_display = ("code", "__str__", "opens_at", "closes_at", "zone")


@admin.register(CallRound)
class CallRoundAdmin(ShownNotMoved):
    list_display = ("call", "kind", "announced_for", "reviews_due_at", "reviewers_per_letter")
    list_select_related = ("call",)
