from django.contrib import admin

from accounts.models import Agency, Membership


class ShownOnly:
    """Rows that the operator reads and never writes."""

    actions = None

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class MembershipInline(ShownOnly, admin.TabularInline):
    model = Membership
    fields = ("user", "seat", "since")


@admin.register(Agency)
class AgencyAdmin(ShownOnly, admin.ModelAdmin):
    list_display = ("name", "name_zh", "kind", "place", "letter_language")
    list_filter = ("kind",)
    search_fields = ("name", "name_zh")
    list_per_page = 50
    inlines = (MembershipInline,)

    def get_queryset(self, request):
        return Agency.objects.visible_to(request.user)
