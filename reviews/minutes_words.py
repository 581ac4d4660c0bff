"""The minutes in words, in the reader's language, for the page and for the paper."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from proposals.models.call import ZONE_NAMES, in_language
from proposals.states import RoundKind
from reviews.states import Decision, LeftBecause


@dataclass
class Words:
    """What `reviews.minutes.for_reader` left, as sentences."""

    content: dict

    def __post_init__(self):
        self._zone = ZoneInfo(self.content["zone"])

    @property
    def title(self) -> str:
        return self.content["title"]

    @property
    def place(self) -> str:
        return self.content["place"]

    @property
    def round(self) -> str:
        return str(RoundKind(self.content["round"]).label)

    @property
    def zone(self) -> str:
        return str(ZONE_NAMES.get(self.content["zone"], self.content["zone"]))

    @property
    def day(self) -> str:
        return formats.date_format(self._local("started_at"), "DATE_FORMAT")

    @property
    def began(self) -> str:
        return self.clock(self.content["started_at"])

    @property
    def closed(self) -> str:
        return self.clock(self.content["closed_at"])

    @property
    def present(self) -> list[dict]:
        return [self._person(one) for one in self.content["people"] if one["arrived_at"]]

    @property
    def missing(self) -> list[str]:
        return [one["name"] for one in self.content["people"] if not one["arrived_at"]]

    @property
    def items(self) -> list[dict]:
        """Numbered as this reader sees them."""
        return [
            {"number": number, **self._item(one)}
            for number, one in enumerate(self.content["items"], 1)
        ]

    def clock(self, instant) -> str:
        """The time of day in the call's zone, with the day where it is not the first one."""
        if not instant:
            return ""
        local = datetime.fromisoformat(instant).astimezone(self._zone)
        time = f"{local:%H:%M}"
        if local.date() != self._local("started_at").date():
            time = f"{formats.date_format(local, 'DATE_FORMAT')}, {time}"
        return time

    def _local(self, name) -> datetime:
        return datetime.fromisoformat(self.content[name]).astimezone(self._zone)

    def _person(self, one) -> dict:
        came = one["arrived_at"] > self.content["started_at"]
        times = []
        if came:
            times.append(_("from %(time)s") % {"time": self.clock(one["arrived_at"])})
        if one["gone_at"]:
            times.append(_("until %(time)s") % {"time": self.clock(one["gone_at"])})
        return {
            "name": one["name"],
            "office": _("Chair") if one["chair"] else "",
            "times": ", ".join(times),
        }

    def _item(self, one) -> dict:
        if one.get("absent"):
            return {"absent": True, "title": _("An item from which you were absent")}
        dealt_with = bool(one["opened_at"])
        about = {
            "letter": one["letter"],
            "reference": one["reference"],
            "title": self._title(one),
            "times": self._times(one),
            "led_by": one["led_by"] if dealt_with else "",
            "left": [self._left(gone) for gone in one["left"]],
            "decision": self._decision(one),
            "note": one["note"],
            "owing": one.get("owing", False),
        }
        # A reason of an earlier choice says nothing of a consensus.
        about["reason"] = one["reason"] if one["decision"] != Decision.CONSENSUS else ""
        if agreed := one["consensus"]:
            marks = [(in_language(m["criterion"]), m["mark"]) for m in agreed["marks"]]
            about["consensus"] = {**agreed, "marks": marks}
        return about

    def _title(self, one) -> str:
        if not one["letter"]:
            return one["subject"]
        in_chinese = (get_language() or "en").startswith("zh")
        return (one["title_zh"] if in_chinese else "") or one["title"] or _("Untitled")

    def _times(self, one) -> str:
        if not one["opened_at"]:
            return ""
        began, ended = self.clock(one["opened_at"]), self.clock(one["done_at"])
        return f"{began}–{ended}" if ended else began

    def _left(self, gone) -> str:
        words = {
            "name": gone["name"],
            "out": self.clock(gone["left_at"]),
            "back": self.clock(gone["back_at"]),
            "because": LeftBecause(gone["because"]).label,
        }
        if gone["back_at"]:
            return _("%(name)s left at %(out)s, back at %(back)s: %(because)s") % words
        return _("%(name)s left at %(out)s: %(because)s") % words

    def _decision(self, one) -> str:
        if not one["letter"]:
            return ""
        if one["decision"] == Decision.MORE:
            text = ngettext(
                "%(count)s more review wanted", "%(count)s more reviews wanted", one["more"]
            )
            return text % {"count": one["more"]}
        if one["decision"]:
            return str(Decision(one["decision"]).label)
        if one["withdrawn"]:
            return _("Withdrawn by its agency")
        if one["opened_at"]:
            return str(Decision.LEFT.label)
        return _("Not dealt with")
