"""What the operator, the chair and the publishers fill in about other people."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import hygiene
from accounts.forms.people import AddressField, LineField, PortalForm
from accounts.models import User
from accounts.states import Role

# What a list may be sorted by; anything else in the address is an error, never a column name.
ORDERS = (
    ("name", _("By name")),
    ("email", _("By address")),
    ("-date_joined", _("Newest first")),
    ("date_joined", _("Oldest first")),
)
NO_ROLE = "PARTNER"


class ReasonField(forms.CharField):
    """Why: read by the people concerned and kept in the audit record."""

    def __init__(self, **kwargs):
        super().__init__(
            max_length=500, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}), **kwargs
        )

    def to_python(self, value):
        return hygiene.line(" ".join(super().to_python(value).split()))


class FindForm(forms.Form):
    """Words to find people by. They live in the address, so a search can be sent to somebody."""

    q = LineField(
        label=_("Name, address, agency or number of the account"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "class": "form-control"}),
    )

    def found_in(self, people):
        """The people with all of these words, in the order of their names."""
        return people.matching(self.cleaned_data["q"]).order_by("name", "email")


class PeopleForm(FindForm):
    """Search, filters and order of the list of everybody."""

    role = forms.ChoiceField(
        label=_("Role"),
        required=False,
        choices=[("", _("All")), *Role.choices, (NO_ROLE, _("None: partner agencies"))],
    )
    account = forms.ChoiceField(
        label=_("Account"),
        required=False,
        choices=[("", _("All")), ("open", _("Account open")), ("closed", _("Account closed"))],
    )
    factor = forms.ChoiceField(
        label=_("Second factor"),
        required=False,
        choices=[("", _("All")), ("on", _("Set up")), ("off", _("None"))],
    )
    sort = forms.ChoiceField(label=_("Order"), required=False, choices=ORDERS)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("role", "account", "factor", "sort"):
            self.fields[name].widget.attrs["class"] = "form-select"

    def found_in(self, people):
        asked = self.cleaned_data
        people = people.matching(asked["q"])
        if asked["role"] == NO_ROLE:
            people = people.filter(roles=[])
        elif asked["role"]:
            people = people.with_role(asked["role"])
        if asked["account"]:
            people = people.filter(is_active=asked["account"] == "open")
        if asked["factor"]:
            people = people.with_factor(asked["factor"] == "on")
        return people.order_by(asked["sort"] or "name", "email")


class RolesField(forms.MultipleChoiceField):
    def __init__(self, **kwargs):
        super().__init__(
            label=_("Serves the call as"),
            # A publisher takes two publishers.
            choices=[choice for choice in Role.choices if choice[0] != Role.PUBLISHER],
            required=False,
            widget=forms.CheckboxSelectMultiple,
            help_text=_("None for people of partner agencies, who get their seat by invitation."),
            **kwargs,
        )


class RolesForm(PortalForm, forms.Form):
    """What one person does for the call. Publisher is there only to be taken away."""

    roles = RolesField()

    def __init__(self, *args, person, **kwargs):
        super().__init__(*args, initial={"roles": person.roles}, **kwargs)
        if person.has_role(Role.PUBLISHER):
            self.fields["roles"].choices = Role.choices


class NewPersonForm(PortalForm, forms.ModelForm):
    """Somebody who is to serve the call."""

    email = AddressField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    name = LineField(
        label=_("Name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    roles = RolesField()

    class Meta:
        model = User
        fields = ("email", "name", "language", "roles")
        help_texts = {"language": _("The mail that asks to choose a password is written in it.")}


class FactorForm(PortalForm, forms.Form):
    """Why somebody's second factor is removed."""

    reason = ReasonField(
        label=_("How do you know that it is they who ask?"),
        help_text=_("Not by a mail alone. The person and their representatives read this."),
    )


class AccountForm(PortalForm, forms.Form):
    """Why an account is closed or opened."""

    reason = ReasonField(
        label=_("Reason"), help_text=_("The person and their representatives read this.")
    )


class PublisherForm(PortalForm, forms.Form):
    """Who is proposed as a publisher: by address, because publishers see no list of people."""

    email = AddressField(
        label=_("E-mail of the person"),
        help_text=_("Of an account that is there already; the operator makes one."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    reason = ReasonField(label=_("Why this person"), help_text=_("The other publishers read this."))
