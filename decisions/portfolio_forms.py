"""What a chair types at the portfolio: rules to sign, a scenario to ask for, a pin, a minute."""

from decimal import Decimal

from crispy_forms.layout import Column, Fieldset, Layout, Row
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import PortalForm
from decisions.portfolio_input import POWER
from decisions.portfolio_projects import LETTERS
from decisions.portfolio_words import category_name, objective_name
from proposals.forms.fields import LineField, NumberField, ParagraphsField, WholeNumberField
from proposals.states import Level

EXCLUSIVE, NEEDS, MUST, BARRED = "exclusive", "needs", "must", "barred"
SYNERGY, PRIORITY, INTERFACE, MERGES = "synergy", "priority", "interface", "merges"
_OF_TWO = (EXCLUSIVE, NEEDS, SYNERGY, MERGES)
_WITH_REASON = (MUST, BARRED, PRIORITY)
_WITH_NUMBER = (SYNERGY, PRIORITY, INTERFACE)
_MOST_NUMBER = 9999
_MOST_KG = 1000


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
        self.scopes = {level.value.lower(): f"scope_{level.value.lower()}" for level in Level}
        for level in Level:
            self.fields[self.scopes[level.value.lower()]] = NumberField(
                label=level.label,
                required=False,
                min_value=Decimal("0.01"),
                max_value=10,
                max_digits=4,
                decimal_places=2,
            )
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
        for level, factor in content.get("scope", {}).items():
            values[f"scope_{level}"] = factor
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
        rules["scope"] = {
            level: float(said[field])
            for level, field in self.scopes.items()
            if said[field] is not None
        }
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
        parts.append(
            Fieldset(
                _("How often the points of a level count (once without a number)"),
                Row(*(Column(field) for field in self.scopes.values()), css_class="g-3"),
            )
        )
        if self.bonuses:
            bonuses = (field for _code, field in self.bonuses)
            parts.append(Fieldset(_("Points for each objective that the set covers"), *bonuses))
        return Layout(*parts)


class LetterRuleForm(forms.Form):
    """A rule about one letter, or about two; some with points or kilograms."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Rule"),
        required=False,
        choices=[
            ("", "–"),
            (EXCLUSIVE, gettext_lazy("only one of the two flies")),
            (NEEDS, gettext_lazy("the first flies only with the second")),
            (MUST, gettext_lazy("the letter must be in")),
            (BARRED, gettext_lazy("the letter is kept out")),
            (PRIORITY, gettext_lazy("the letter counts so many points more")),
            (SYNERGY, gettext_lazy("so many points more if both fly")),
            (INTERFACE, gettext_lazy("the lander adds so many kg for the letter")),
            (MERGES, gettext_lazy("the two may fly as one project, of so many kg")),
        ],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    letter = forms.CharField(label=gettext_lazy("Letter"), required=False, max_length=20)
    other = forms.CharField(label=gettext_lazy("Second letter"), required=False, max_length=20)
    number = NumberField(
        label=gettext_lazy("Points or kg"),
        required=False,
        min_value=-_MOST_KG,
        max_value=_MOST_KG,
        max_digits=7,
        decimal_places=3,
    )
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
            if any(cleaned.get(name) for name in ("letter", "other", "number", "reason")):
                self.add_error("kind", _("Choose the rule, or empty the row."))
            return cleaned
        for name in ("letter", "other") if kind in _OF_TWO else ("letter",):
            cleaned[name] = (cleaned.get(name) or "").strip().upper()
            if cleaned[name] not in self.known:
                self.add_error(name, _("Give the reference of a letter of this round."))
        if kind in _OF_TWO and cleaned.get("letter") == cleaned.get("other"):
            self.add_error("other", _("Name two different letters."))
        if kind in _WITH_REASON and not cleaned.get("reason"):
            self.add_error("reason", _("Give the reason, as the minutes have it."))
        if "number" not in self.errors:
            self._check_number(kind, cleaned.get("number"))
        return cleaned

    def _check_number(self, kind, number):
        if kind in _WITH_NUMBER and number is None:
            self.add_error("number", _("Say how many."))
        if kind in (INTERFACE, MERGES) and number is not None and number < 0:
            self.add_error("number", _("Kilograms are not below 0."))
        if kind == MERGES and number == 0:
            self.add_error("number", _("A project weighs something. Empty: the sum of the two."))


class _Rows(forms.BaseFormSet):
    def clean(self):
        """What counts points or kilograms is said once of the same letters."""
        known = set()
        for row in self.forms:
            said = getattr(row, "cleaned_data", {})
            if said.get("kind") not in (PRIORITY, SYNERGY, INTERFACE, MERGES):
                continue
            letters = {said.get("letter"), said["kind"] in _OF_TWO and said.get("other")}
            about = (said["kind"], frozenset(letters))
            if about in known:
                row.add_error("kind", _("This is said in a row above already."))
            known.add(about)


LetterRules = forms.formset_factory(
    LetterRuleForm, formset=_Rows, extra=2, max_num=40, validate_max=True
)


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
    said = content.get(LETTERS, {})
    for one in said.get(PRIORITY, ()):
        row = {"kind": PRIORITY, "letter": one["letter"], "reason": one["reason"]}
        rows.append(row | {"number": _typed(one["points"])})
    for pair in content.get("synergies", ()):
        rows.append({"kind": SYNERGY, **_pair(pair["letters"]), "number": _typed(pair["value"])})
    for one in said.get(INTERFACE, ()):
        rows.append({"kind": INTERFACE, "letter": one["letter"], "number": _typed(one["kg"])})
    for merger in said.get(MERGES, ()):
        rows.append(
            {"kind": MERGES, **_pair(merger["letters"]), "number": _typed(merger.get("kg"))}
        )
    return rows


def _pair(letters) -> dict:
    return dict(zip(("letter", "other"), letters, strict=True))


def _typed(number) -> Decimal | None:
    return None if number is None else Decimal(str(number))


def letter_rules(formset) -> dict:
    """What the rows say, as the arithmetic reads it."""
    said: dict = {EXCLUSIVE: [], NEEDS: [], MUST: [], BARRED: [], "synergies": []}
    of_letters: dict = {PRIORITY: [], INTERFACE: [], MERGES: []}
    for row in formset.cleaned_data:
        number = row.get("number")
        match row.get("kind"):
            case "exclusive":
                said[EXCLUSIVE].append(sorted([row["letter"], row["other"]]))
            case "needs":
                said[NEEDS].append({"letter": row["letter"], "needs": [row["other"]]})
            case "must" | "barred" as kind:
                said[kind].append({"letter": row["letter"], "reason": row["reason"]})
            case "priority":
                points = {"letter": row["letter"], "points": float(number)}
                of_letters[PRIORITY].append(points | {"reason": row["reason"]})
            case "synergy":
                pair = sorted([row["letter"], row["other"]])
                said["synergies"].append({"letters": pair, "value": float(number)})
            case "interface":
                of_letters[INTERFACE].append({"letter": row["letter"], "kg": float(number)})
            case "merges":
                pair = {"letters": sorted([row["letter"], row["other"]])}
                kg = {} if number is None else {"kg": float(number)}
                of_letters[MERGES].append(pair | kg)
    rules = {kind: rows for kind, rows in said.items() if rows}
    of_letters = {kind: rows for kind, rows in of_letters.items() if rows}
    return rules | ({LETTERS: of_letters} if of_letters else {})


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
