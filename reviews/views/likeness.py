"""Letters that may be the same work twice, for the chair to look at."""

import hashlib
from itertools import combinations

from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from proposals.models import LetterVersion
from reviews import likeness
from reviews.letter_text import parts_of
from reviews.panel_letters import find_letter, open_letters
from reviews.views import lists
from reviews.views.access import PanelPage

EMAIL, NAME, TEXT, AGENCY = "email", "name", "text", "agency"
REASONS = {
    EMAIL: _("Same e-mail of the principal investigator"),
    NAME: _("Same name of the principal investigator"),
    TEXT: _("Similar text"),
    AGENCY: _("Same agency"),
}
FILTERS = (lists.Select("reason", _("Reason"), list(REASONS.items())),)
# What two letters of honest people do not have in common.
_COMPARED = ("title", "summary", "goals", "innovation_science", "innovation_engineering")
_ROW = (
    *("pk", "reference", "title", "title_zh", "agency_id", "agency__name"),
    *("pi_name", "pi_email"),
)
_A_DAY = 24 * 60 * 60


class Duplicates(PanelPage):
    """Pairs of letters with what they have in common, the most telling first."""

    action = "read_letter"

    def get(self, request):
        words = lists.search_of(request)
        chosen = lists.chosen(request, FILTERS)
        letters = {row["pk"]: row for row in open_letters(request.user, self.call).values(*_ROW)}
        # Without a letter to show there is nothing to compare, and perhaps no call.
        pairs = pairs_among(letters, alike_in(self.call)) if letters else []
        shown = [
            pair
            for pair in pairs
            if (not chosen["reason"] or chosen["reason"] in pair["reasons"]) and _about(pair, words)
        ]
        return render(
            request,
            "panel/duplicates.html",
            {
                "page": lists.page_of(request, shown),
                "filters": FILTERS,
                "chosen": chosen,
                "words": words,
                "total": len(pairs),
                "letters": len(letters),
                "sort": "",
                "call": self.call,
            },
        )


class Compare(PanelPage):
    """Two letters side by side, with the passages marked that stand in both."""

    action = "read_letter"

    def get(self, request, pk, other):
        if pk == other:
            raise Http404
        pair = [find_letter(request.user, self.call, one) for one in (pk, other)]
        parts = [_parts(letter) for letter in pair]
        rows = []
        for part in zip(*parts, strict=True):
            one, two = ({line.name: line for line in side.lines} for side in part)
            lines = [
                {
                    "label": (one.get(name) or two.get(name)).label,
                    "sides": [
                        likeness.passages(mine.plain, theirs.plain)
                        if mine and theirs
                        else [(mine.plain, False)]
                        if mine
                        else []
                        for mine, theirs in (
                            (one.get(name), two.get(name)),
                            (two.get(name), one.get(name)),
                        )
                    ],
                    "same": bool(
                        name in one and name in two and one[name].plain == two[name].plain
                    ),
                }
                for name in dict.fromkeys([*one, *two])
            ]
            if lines:
                rows.append({"part": part[0], "lines": lines})
        return render(request, "panel/compare.html", {"pair": pair, "rows": rows})


def pairs_among(letters: dict, alike: list) -> list[dict]:
    """Pairs of `letters` (id to row) with their reasons; those in conflict are not among them."""
    found: dict = {}
    for reason, key in ((EMAIL, _email), (NAME, _name), (AGENCY, _agency)):
        groups: dict = {}
        for pk, row in letters.items():
            if value := key(row):
                groups.setdefault(value, []).append(pk)
        for group in groups.values():
            for pair in combinations(sorted(group), 2):
                found.setdefault(pair, {"reasons": [], "share": 0})["reasons"].append(reason)
    for one, other, share in alike:
        if one in letters and other in letters:
            pair = found.setdefault(tuple(sorted((one, other))), {"reasons": [], "share": 0})
            pair["reasons"].append(TEXT)
            pair["share"] = share
    order = list(REASONS)
    pairs = []
    for (one, other), about in found.items():
        about["reasons"].sort(key=order.index)
        sides = sorted((letters[one], letters[other]), key=lambda row: row["reference"])
        pairs.append(
            about
            | {
                "one": sides[0],
                "other": sides[1],
                "sides": sides,
                "percent": round(about["share"] * 100),
                "said": [REASONS[reason] for reason in about["reasons"]],
            }
        )
    pairs.sort(
        key=lambda pair: (
            set(pair["reasons"]) == {AGENCY},
            -len(pair["reasons"]),
            -pair["share"],
            pair["one"]["reference"],
            pair["other"]["reference"],
        )
    )
    return pairs


def alike_in(call) -> list[tuple]:
    """Pairs of the call's filed letters with similar text: ids and share, kept for a day.

    All letters of the call, whoever asks: who may see which pair is decided afterwards. What was
    filed does not change, so the key holds the hashes of what was compared.
    """
    letters = call.letters.opened()
    filed = LetterVersion.objects.filter(letter__in=letters.values("pk"))
    stand = hashlib.sha256()
    for row in filed.order_by("letter", "number").values_list("letter", "sha256"):
        stand.update(repr(row).encode())
    key = f"alike-{call.pk}-{stand.hexdigest()[:32]}"
    pairs = cache.get(key)
    if pairs is None:
        texts = {
            pk: "\n".join(text)
            for pk, *text in letters.values_list("pk", *_COMPARED).iterator(chunk_size=500)
        }
        pairs = likeness.alike(texts)
        cache.set(key, pairs, _A_DAY)
    return pairs


def _parts(letter) -> list:
    version = letter.versions.order_by("-number").first()
    if version is None:
        raise PermissionDenied
    return parts_of(version, letter.call, for_chair=True)


def _about(pair, words) -> bool:
    text = " ".join(
        str(value) for side in (pair["one"], pair["other"]) for value in side.values()
    ).casefold()
    return all(word in text for word in words.casefold().split())


def _email(row) -> str:
    return row["pi_email"].strip().casefold()


def _name(row) -> str:
    # In whatever order the family name stands, and with or without a comma.
    return " ".join(sorted(row["pi_name"].replace(",", " ").replace(".", " ").casefold().split()))


def _agency(row):
    return row["agency_id"]
