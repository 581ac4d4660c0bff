"""What a chair types at the portfolio: rules to sign, a scenario to ask for, a pin, a minute."""

from decimal import Decimal

from crispy_forms.layout import Column, Fieldset, Layout, Row
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import PortalForm
from decisions.portfolio_input import POWER
from decisions.portfolio_words import category_name, objective_name
from proposals.forms.fields import LineField, NumberField, ParagraphsField, WholeNumberField

EXCLUSIVE, NEEDS, MUST, BARRED = "exclusive", "needs", "must", "barred"
_MOST_NUMBER = 9999


def _name(**more):
    return LineField(label=gettext_lazy("Name"), max_length=60, **more)


def _amount(label, *, most, places=3, **more):
    options = {"min_value": 0, "max_value": most, "max_digits": 9, "decimal_places": places}
    return NumberField(label=label, **options, **more)


def _number(label, *, least=0, **more):
    return WholeNumberField(
        label=label, min_value=least, max_value=_MOST_NUMBER, required=False, **more
    )


class RulesForm(PortalForm, forms.Form):
    """Zero point, limits, and what a good set has, for the letters of one call."""

    name = _name(
        help_text=gettext_lazy("As the panel will speak of it, for example “Robot floor”.")
    )
    zero_point = _amount(
        gettext_lazy("Zero point"),
        most=100,
        places=2,
        help_text=gettext_lazy(
            "The merit that the panel would still fly. A letter counts for what it has above it; "
            "without it many light instruments would beat everything."
        ),
    )
    threshold = _amount(
        gettext_lazy("Lowest merit that may fly"), most=100, places=2, required=False
    )
    mass = _amount(gettext_lazy("Mass limit, kg"), most=100_000)
    margin = _amount(gettext_lazy("Margin where a letter states none, %"), most=100, places=2)
    module_mass = _amount(gettext_lazy("A stand-alone module at most, kg"), most=1000)
    power_total = _amount(
        gettext_lazy("Power of all together, W"),
        most=100_000,
        required=False,
        help_text=gettext_lazy("Beyond it the page warns; it binds nothing."),
    )
    power_each = _amount(gettext_lazy("Power of each, W"), most=100_000, required=False)
    agency_max = _number(gettext_lazy("Letters of one agency at most"), least=1)
    country_max = _number(gettext_lazy("Letters of one country at most"), least=1)
    count_min = _number(gettext_lazy("Letters in all at least"))
    count_max = _number(gettext_lazy("Letters in all at most"), least=1)

    def __init__(self, *args, call, late, **kwargs):
        super().__init__(*args, **kwargs)
        self.call, self.spans, self.bonuses = call, [], []
        for at, one in enumerate(call.priorities):
            name = category_name(call, one["code"])
            least, most = f"category_{at}_min", f"category_{at}_max"
            self.fields[least] = _number(_("%(name)s: at least") % {"name": name})
            self.fields[most] = _number(_("%(name)s: at most") % {"name": name})
            self.spans.append((one["code"], least, most))
        for at, one in enumerate(call.objectives):
            field = f"objective_{at}"
            self.fields[field] = _amount(
                objective_name(call, one["code"]), most=1000, places=2, required=False
            )
            self.bonuses.append((one["code"], field))
        self.spans.append(("", "count_min", "count_max"))
        if late:
            self.fields["reason"] = ParagraphsField(
                label=_("Why the rules change now"),
                max_length=1000,
                help_text=_(
                    "Scores are visible already. The reason is kept on record beside these rules."
                ),
            )

    @classmethod
    def values_of(cls, content, call) -> dict:
        """The fields filled with rules."""
        limits, span = content.get("limits", {}).get(POWER, {}), content.get("count", {})
        values = {
            **{name: content.get(name) for name in ("zero_point", "threshold", "mass", "margin")},
            **{name: content.get(name) for name in ("module_mass", "agency_max", "country_max")},
            "power_total": limits.get("total"),
            "power_each": limits.get("each"),
            "count_min": span.get("min"),
            "count_max": span.get("max"),
        }
        for at, one in enumerate(call.priorities):
            span = content.get("categories", {}).get(one["code"], {})
            values |= {f"category_{at}_{bound}": span.get(bound) for bound in ("min", "max")}
        for at, one in enumerate(call.objectives):
            values[f"objective_{at}"] = content.get("objectives", {}).get(one["code"])
        return {
            name: Decimal(str(value)) if isinstance(value, float) else value
            for name, value in values.items()
        }

    def clean(self):
        cleaned = super().clean()
        for _code, least, most in self.spans:
            if (cleaned.get(least) or 0) > (
                _MOST_NUMBER if cleaned.get(most) is None else cleaned[most]
            ):
                self.add_error(most, _("The most is less than the least."))
        return cleaned

    def content(self) -> dict:
        """The rules as the arithmetic reads them, without those about single letters."""
        said = self.cleaned_data
        rules = {
            name: float(said[name])
            for name in ("zero_point", "threshold", "mass", "margin", "module_mass")
            if said[name] is not None
        }
        rules |= {n: said[n] for n in ("agency_max", "country_max") if said[n] is not None}
        power = {"total": said["power_total"], "each": said["power_each"]}
        limits = {bound: float(watts) for bound, watts in power.items() if watts is not None}
        rules["limits"] = {POWER: limits | {"hard": False}}
        rules["categories"] = {}
        for code, least, most in self.spans:
            bounds = {"min": said[least], "max": said[most]}
            span = {bound: number for bound, number in bounds.items() if number is not None}
            if not code:
                rules["count"] = span
            elif span:
                rules["categories"][code] = span
        rules["objectives"] = {
            code: float(said[field]) for code, field in self.bonuses if said[field]
        }
        return rules

    def layout(self):
        categories = [name for code, *names in self.spans if code for name in names]
        parts = [
            "name",
            *(["reason"] if "reason" in self.fields else []),
            Row(Column("zero_point"), Column("threshold"), css_class="g-3"),
            Fieldset(
                _("The lander"),
                Row(
                    *(Column(name) for name in ("mass", "margin", "module_mass")),
                    css_class="g-3 align-items-end",  # their labels have one line or two
                ),
                Row(Column("power_total"), Column("power_each"), css_class="g-3"),
            ),
            Fieldset(
                _("A mixed set"),
                Row(Column("agency_max"), Column("country_max"), css_class="g-3"),
                Row(Column("count_min"), Column("count_max"), css_class="g-3"),
                *(
                    Row(Column(least), Column(most), css_class="g-3")
                    for least, most in zip(categories[::2], categories[1::2], strict=True)
                ),
            ),
        ]
        if self.bonuses:
            bonuses = (field for _code, field in self.bonuses)
            parts.append(Fieldset(_("Points for each objective that the set covers"), *bonuses))
        return Layout(*parts)


class LetterRuleForm(forms.Form):
    """A rule about one letter, or about two."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Rule"),
        required=False,
        choices=[
            ("", "–"),
            (EXCLUSIVE, gettext_lazy("only one of the two flies")),
            (NEEDS, gettext_lazy("the first flies only with the second")),
            (MUST, gettext_lazy("the letter must be in")),
            (BARRED, gettext_lazy("the letter is kept out")),
        ],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    letter = forms.CharField(label=gettext_lazy("Letter"), required=False, max_length=20)
    other = forms.CharField(label=gettext_lazy("Second letter"), required=False, max_length=20)
    reason = LineField(label=gettext_lazy("Reason (minute)"), required=False, max_length=300)

    def __init__(self, *args, known=frozenset(), **kwargs):
        super().__init__(*args, **kwargs)
        self.known = known
        for name in ("letter", "other"):
            self.fields[name].widget.attrs |= {"list": "letters", "autocomplete": "off"}

    def clean(self):
        cleaned = super().clean()
        kind = cleaned.get("kind")
        if not kind:
            if any(cleaned.get(name) for name in ("letter", "other", "reason")):
                self.add_error("kind", _("Choose the rule, or empty the row."))
            return cleaned
        for name in ("letter", "other") if kind in (EXCLUSIVE, NEEDS) else ("letter",):
            cleaned[name] = (cleaned.get(name) or "").strip().upper()
            if cleaned[name] not in self.known:
                self.add_error(name, _("Give the reference of a letter of this round."))
        if kind in (EXCLUSIVE, NEEDS) and cleaned.get("letter") == cleaned.get("other"):
            self.add_error("other", _("Name two different letters."))
        if kind in (MUST, BARRED) and not cleaned.get("reason"):
            self.add_error("reason", _("Give the reason, as the minutes have it."))
        return cleaned


LetterRules = forms.formset_factory(LetterRuleForm, extra=2, max_num=40, validate_max=True)


def letter_rows(content) -> list[dict]:
    """The rows of the form for what rules say of single letters."""
    rows = []
    for group in content.get(EXCLUSIVE, ()):
        # A group of more than two was signed by no form of ours; it comes back as its pairs.
        rows += [
            {"kind": EXCLUSIVE, "letter": one, "other": other}
            for at, one in enumerate(group)
            for other in group[at + 1 :]
        ]
    for need in content.get(NEEDS, ()):
        rows += [{"kind": NEEDS, "letter": need["letter"], "other": o} for o in need["needs"]]
    for kind in (MUST, BARRED):
        rows += [{"kind": kind, **pin} for pin in content.get(kind, ())]
    return rows


def letter_rules(formset) -> dict:
    """What the rows say, as the arithmetic reads it."""
    said: dict = {EXCLUSIVE: [], NEEDS: [], MUST: [], BARRED: []}
    for row in formset.cleaned_data:
        match row.get("kind"):
            case "exclusive":
                said[EXCLUSIVE].append(sorted([row["letter"], row["other"]]))
            case "needs":
                said[NEEDS].append({"letter": row["letter"], "needs": [row["other"]]})
            case "must" | "barred" as kind:
                said[kind].append({"letter": row["letter"], "reason": row["reason"]})
    return {kind: rows for kind, rows in said.items() if rows}


class ScenarioForm(PortalForm, forms.Form):
    """A scenario under rules that were signed."""

    rules = forms.ChoiceField(label=gettext_lazy("Rules"))
    name = _name(
        required=False,
        help_text=gettext_lazy("Empty: the name of the rules."),
    )

    def __init__(self, *args, signed, **kwargs):
        super().__init__(*args, **kwargs)
        self.signed = {str(one.pk): one for one in signed}
        self.fields["rules"].choices = [
            (key, f"{one.name} · {one.signed_at:%Y-%m-%d} · {one.sha256[:8]}")
            for key, one in self.signed.items()
        ]

    def clean(self):
        cleaned = super().clean()
        cleaned["rules"] = self.signed.get(cleaned.get("rules"))
        if cleaned["rules"] and not cleaned.get("name"):
            cleaned["name"] = cleaned["rules"].name
        return cleaned


class PinForm(PortalForm, forms.Form):
    """A letter that must be in or out, with the reason; asked for as another scenario."""

    letter = forms.CharField(max_length=20, widget=forms.HiddenInput)
    name = _name()
    reason = ParagraphsField(
        label=gettext_lazy("Reason, as the minutes have it"), max_length=300, rows=2
    )


class UnpinForm(PortalForm, forms.Form):
    """A pin is taken back: the reason was that of the pin."""

    letter = forms.CharField(max_length=20, widget=forms.HiddenInput)
    name = _name()


class AdoptionForm(PortalForm, forms.Form):
    minute = ParagraphsField(
        label=gettext_lazy("How the panel decided"),
        max_length=1000,
        help_text=gettext_lazy("The minute of the vote, for example “Carried, nine to one”."),
    )
