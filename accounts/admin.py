from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts import actions as people
from accounts.forms import AddressField, LineField
from accounts.models import Agency, Membership, User
from accounts.states import Role
from chang_e8_portal import clock


class RolesField(forms.MultipleChoiceField):
    def __init__(self, **kwargs):
        super().__init__(
            label=_("Roles"),
            choices=Role.choices,
            required=False,
            widget=forms.CheckboxSelectMultiple,
            help_text=_("None for people of partner agencies, who get their seat by invitation."),
            **kwargs,
        )


class PersonForm(forms.ModelForm):
    roles = RolesField()
    remove_second_factor = forms.BooleanField(
        label=_("Remove the second factor"),
        required=False,
        help_text=_(
            "For somebody who lost it, once you know by another way that it is they who ask. "
            "They are told by mail."
        ),
    )

    class Meta:
        model = User
        fields = ("roles", "is_active", "remove_second_factor")


class NewPersonForm(forms.ModelForm):
    email = AddressField(label=_("E-mail"))
    name = LineField(label=_("Name"), max_length=150)
    roles = RolesField()

    class Meta:
        model = User
        fields = ("email", "name", "language", "roles")
        help_texts = {"language": _("The mail that asks to choose a password is written in it.")}


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """Who serves the call. Every change here is an action with its entry in the audit record."""

    list_display = ("email", "name", "roles_in_words", "agency_names", "is_active", "date_joined")
    list_filter = ("is_active",)
    search_fields = ("email", "name", "agencies__name")
    readonly_fields = ("email", "name", "language", "time_zone", "date_joined", "agency_names")
    list_per_page = 50
    actions = None

    def lookup_allowed(self, lookup, value, request=None):
        # Django lets an address ask about any column; a hash can be guessed piece by piece.
        return lookup.startswith("is_active") and super().lookup_allowed(lookup, value, request)

    def get_queryset(self, request):
        return User.objects.visible_to(request.user).prefetch_related("agencies")

    def get_form(self, request, obj=None, **kwargs):
        return super().get_form(request, obj, form=PersonForm if obj else NewPersonForm, **kwargs)

    def get_fields(self, request, obj=None):
        if obj is None:
            return NewPersonForm.Meta.fields
        return (*self.readonly_fields, *PersonForm.Meta.fields)

    def get_readonly_fields(self, request, obj=None):
        return self.readonly_fields if obj else ()

    def has_change_permission(self, request, obj=None):
        # Nobody gives themselves a role.
        return super().has_change_permission(request, obj) and obj != request.user

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, user, form, change):
        given, at = form.cleaned_data, clock.now()
        if not change:
            user.pk = people.enrol(**given, actor=request.user, at=at).pk
            return
        people.grant_roles(user, given["roles"], actor=request.user, at=at)
        people.set_active(user, given["is_active"], actor=request.user, at=at)
        if given["remove_second_factor"]:
            people.remove_second_factor(user, actor=request.user, at=at)

    @admin.display(description=_("roles"))
    def roles_in_words(self, user):
        return ", ".join(str(Role(role).label) for role in user.roles) or "-"

    @admin.display(description=_("agencies"))
    def agency_names(self, user):
        return ", ".join(agency.name for agency in user.agencies.all()) or "-"


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
