from datetime import date, datetime, time, timedelta

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# What a list may be sorted by; anything else in the address is an error, never a column name.
ORDERS = (
    ("-seq", _("Newest first")),
    ("seq", _("Oldest first")),
    ("action", _("By action")),
    ("subject", _("By subject")),
    ("actor", _("By person")),
)


class DayField(forms.DateField):
    """A day within the years that a clock of ours can have shown."""

    def __init__(self, **kwargs):
        super().__init__(
            required=False,
            input_formats=["%Y-%m-%d"],
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            validators=[MinValueValidator(date(2020, 1, 1)), MaxValueValidator(date(2040, 12, 31))],
            **kwargs,
        )


class SearchForm(forms.Form):
    """What the auditor looks for. It lives in the address, so a search can be sent to somebody."""

    action = forms.CharField(label=_("Action"), required=False, max_length=60)
    subject = forms.CharField(label=_("About"), required=False, max_length=120)
    actor = forms.CharField(label=_("By"), required=False, max_length=120)
    since = DayField(label=_("From"))
    until = DayField(label=_("To"))
    sort = forms.ChoiceField(label=_("Order"), required=False, choices=ORDERS)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            chosen = isinstance(field, forms.ChoiceField)
            field.widget.attrs["class"] = "form-select" if chosen else "form-control"

    def narrow(self, entries):
        """The entries that were asked for, in the order that was asked for.

        Days are whole days of the reader's time zone, the last one included.
        """
        asked = self.cleaned_data
        if asked["since"]:
            entries = entries.filter(at__gte=_midnight(asked["since"]))
        if asked["until"]:
            entries = entries.filter(at__lt=_midnight(asked["until"] + timedelta(days=1)))
        for field in ("action", "subject", "actor"):
            if asked[field]:
                entries = entries.filter(**{f"{field}__startswith": asked[field]})
        order = asked["sort"] or "-seq"
        return entries.order_by(order) if order.endswith("seq") else entries.order_by(order, "seq")


def _midnight(day):
    return datetime.combine(day, time(), timezone.get_current_timezone())
