from crispy_forms.layout import Column, Fieldset, Layout, Row
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.forms import PortalForm
from proposals.forms.fields import LineField
from reviews import headcount, plan_pool, plan_words
from reviews.models import Headcount

KEEP, NEVER = "keep", "never"


class PlanForm(PortalForm, forms.Form):
    """What the chair asks of a plan, besides single pairs."""

    reviewers = forms.IntegerField(
        label=_("Reviewers a letter"), min_value=1, max_value=headcount.MOST
    )
    extra = forms.IntegerField(
        label=_("Extra reviewers of a heavy letter"),
        min_value=0,
        max_value=headcount.MOST,
    )
    least = forms.IntegerField(
        label=_("Letters a reviewer, at least"),
        min_value=0,
        max_value=1000,
        help_text=_(
            "0 unless there is a reason: a least number gives letters to people who know less of "
            "them."
        ),
    )
    most = forms.IntegerField(
        label=_("Letters a reviewer, at most"),
        min_value=1,
        max_value=1000,
        help_text=_("Fewer for whoever said so in the profile, or is away for some of the time."),
    )
    load_cost = forms.FloatField(
        label=_("Weight of an even load"),
        min_value=0,
        max_value=1,
        help_text=_(
            "A reviewer's second letter costs twice this much affinity, the third three times. "
            "0.005 is usual."
        ),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["extra"].help_text = gettext(
            "A letter that asks for more than %(mass)s kg: usually %(number)s in all."
        ) % {"mass": headcount.HEAVY_KG, "number": headcount.OF_HEAVY}
        for name in plan_pool.RULES:
            self.fields[name] = forms.BooleanField(label=plan_words.RULES[name], required=False)

    def layout(self):
        return Layout(
            Row(Column("reviewers"), Column("extra"), css_class="g-3"),
            Row(Column("least"), Column("most"), css_class="g-3"),
            Fieldset(_("Rules"), *plan_pool.RULES),
            "load_cost",
        )


class HeadcountForm(PortalForm, forms.Form):
    """How many reviewers one letter gets."""

    number = forms.IntegerField(
        label=_("Reviewers of this letter"),
        min_value=1,
        max_value=headcount.MOST,
        required=False,
        help_text=_("Left empty, as many as the other letters get."),
    )
    reason = LineField(
        label=_("Reason"),
        max_length=Headcount._meta.get_field("reason").max_length,
        required=False,
        help_text=_("Kept in the records of the panel. The agency never sees it."),
    )

    def layout(self):
        return Layout(
            Row(Column("number", css_class="col-md-4"), Column("reason"), css_class="g-3")
        )


class PairsForm(forms.Form):
    """Pairs the chair keeps or bars: one marked in the plan's table, or one named here."""

    letter = forms.ChoiceField(label=_("Letter"), required=False)
    reviewer = forms.ChoiceField(label=_("Reviewer"), required=False)
    wish = forms.ChoiceField(
        label=_("This pair"),
        choices=[(KEEP, _("keep together")), (NEVER, _("never together"))],
        required=False,
    )

    def __init__(self, *args, letters, reviewers, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select"
        self.fields["letter"].choices = [("", "–"), *letters]
        self.fields["reviewer"].choices = [("", "–"), *reviewers]

    def clean(self):
        data = super().clean()
        if bool(data.get("letter")) != bool(data.get("reviewer")) and not self.errors:
            missing = "reviewer" if data.get("letter") else "letter"
            self.add_error(missing, _("Choose both a letter and a reviewer, or neither."))
        return data
