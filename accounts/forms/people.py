from functools import cache
from itertools import groupby
from zoneinfo import available_timezones

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import hygiene
from accounts.models import Agency, Invitation, User
from accounts.states import AgencyKind, Language, Seat, TokenScope


@cache
def time_zones() -> list:
    """Every zone this machine knows, for a list of choices grouped by continent."""

    def continent(name):
        return name.partition("/")[0] if "/" in name else ""

    names = sorted(available_timezones(), key=lambda name: (continent(name), name))
    return [
        *((name, name) for name in names if not continent(name)),
        *(
            (area, [(name, name) for name in group])
            for area, group in groupby((n for n in names if continent(n)), key=continent)
        ),
    ]


class LineField(forms.CharField):
    """One printable line."""

    def to_python(self, value):
        return hygiene.line(super().to_python(value))


class AddressField(forms.EmailField):
    """An e-mail address somebody can write to."""

    default_validators = (*forms.EmailField.default_validators, hygiene.check_address)

    def to_python(self, value):
        return super().to_python(value).lower()


class PortalForm:
    """The page owns the form's tag, its buttons and its token; crispy draws the fields."""

    @property
    def helper(self):
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.layout = self.layout()
        return helper

    def layout(self) -> Layout:
        """One field below the other; a form that wants them otherwise says how."""
        return Layout(*self.fields)


class SignupForm(forms.Form):
    """What sign-up asks beside e-mail and password."""

    name = LineField(
        label=_("Your name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def signup(self, request, user):
        """Called by allauth once the account exists: keep the name, and the language being read."""
        user.name = self.cleaned_data["name"]
        language = get_language()
        user.language = language if language in Language.values else Language.ENGLISH
        user.save(update_fields=["name", "language"])


class AgencyForm(PortalForm, forms.ModelForm):
    """An agency's own description."""

    class Meta:
        model = Agency
        fields = ("name", "name_zh", "kind", "country", "letter_language")
        field_classes = {"name": LineField, "name_zh": LineField}
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "organization"}),
            "name_zh": forms.TextInput(attrs={"lang": "zh-Hans"}),
        }
        help_texts = {
            "name": _("As it should stand in the decision letter."),
            "name_zh": _("If there is one. Letters in Chinese use it."),
            "country": _("Leave empty only for an international organisation."),
            "letter_language": _(
                "The decision letter comes in English, and in this language as well."
            ),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.fixed_at:
            for name in Agency.IDENTITY:
                self.fields[name].disabled = True

    def clean(self):
        cleaned = super().clean()
        if "kind" not in cleaned or "country" not in cleaned:
            return cleaned
        international = cleaned["kind"] == AgencyKind.INTERNATIONAL
        # Some places are in no list of countries; they are written out, by the operator.
        placed = bool(cleaned["country"] or self.instance.country_text)
        if international and placed:
            self.add_error("country", _("An international organisation belongs to no one country."))
        if not international and not placed:
            self.add_error(
                "country",
                _("Please choose the country or region, or the kind “International organisation”."),
            )
        return cleaned


class InvitationForm(PortalForm, forms.ModelForm):
    """A seat offered to an e-mail address."""

    class Meta:
        model = Invitation
        fields = ("email", "seat")
        field_classes = {"email": AddressField}
        widgets = {"email": forms.EmailInput(attrs={"autocomplete": "off"})}
        help_texts = {
            "seat": _(
                "Editors write. Authorised representatives also submit, and invite others. "
                "Viewers read."
            )
        }


class SeatForm(PortalForm, forms.Form):
    """The role of one member."""

    seat = forms.ChoiceField(
        label=_("Role in the agency"),
        choices=Seat,
        widget=forms.RadioSelect,
        help_text=InvitationForm.Meta.help_texts["seat"],
    )


class ColleagueField(forms.ModelChoiceField):
    def label_from_instance(self, membership):
        return f"{membership.user} · {membership.get_seat_display()}"


class HandOverForm(PortalForm, forms.Form):
    """The colleague who becomes representative in one's place."""

    to = ColleagueField(queryset=None, label=_("Colleague"), empty_label=_("Please choose"))

    def __init__(self, *args, membership, **kwargs):
        super().__init__(*args, **kwargs)
        colleagues = membership.agency.memberships.for_list().filter(user__is_active=True)
        self.fields["to"].queryset = colleagues.exclude(pk=membership.pk)


class PreferencesForm(PortalForm, forms.ModelForm):
    """What a person may say about themselves."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=time_zones,
        help_text=_("Times in pages and mails are shown in it, beside UTC."),
    )

    class Meta:
        model = User
        fields = ("name", "language", "time_zone")
        field_classes = {"name": LineField}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}
        labels = {"name": _("Your name")}
        help_texts = {"language": _("Pages and mails are written in it.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True


class TokenForm(PortalForm, forms.Form):
    """A key for a program."""

    name = LineField(
        label=_("Name"),
        max_length=80,
        help_text=_("What uses it, so that you know later which one to revoke."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scope = forms.ChoiceField(
        label=_("What it may do"),
        choices=TokenScope,
        initial=TokenScope.READ,
        widget=forms.RadioSelect,
        help_text=_("A token that writes can also submit, where you may submit yourself."),
    )
    days = forms.IntegerField(
        label=_("Days until it ends"),
        min_value=1,
        max_value=365,
        initial=90,
        help_text=_("At most 365. Shorter is safer."),
    )
