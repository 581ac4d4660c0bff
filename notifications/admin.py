from django.contrib import admin

from notifications.models import Message


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin):
    """The ledger of mail: what was owed to whom and what became of it, without the texts."""

    list_display = ("subject", "address", "template", "state", "queued_at", "sent_at", "attempts")
    list_filter = ("state", "template", "language")
    search_fields = ("address", "subject", "message_id")
    date_hierarchy = "queued_at"
    list_per_page = 50
    actions = None
    fields = (
        *("subject", "address", "recipient", "language", "template", "key"),
        *(
            "state",
            "queued_at",
            "due_at",
            "retry_at",
            "claimed_at",
            "sent_at",
            "attempts",
            "last_error",
        ),
        "message_id",
    )

    def lookup_allowed(self, lookup, value, request=None):
        # Django lets an address ask about any column: a text that is not shown, above all a code
        # that is about to be sent, could be guessed piece by piece.
        asked = lookup.partition("__")[0]
        return asked in (*self.list_filter, self.date_hierarchy) and super().lookup_allowed(
            lookup, value, request
        )

    def get_queryset(self, request):
        return Message.objects.visible_to(request.user).defer("body")

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
