"""Partner organisations become rows, readiness levels a list with words.

What stood in lines of text is carried over, whole.
"""

import hashlib
import re

from django.db import migrations, models
from django.utils import translation
from django_countries import countries

# "Institute of Dust, Peru" and "Institute of Dust (Peru)" both ended in their place.
_LINE = re.compile(r"(?P<name>.+?)\s*[,(，（]\s*(?P<place>[^,(，（]+?)\s*[)）]?[.。]?\s*")


def _codes():
    codes = {}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            codes |= {str(country.name).casefold(): country.code for country in countries}
    return codes


def _row(number, line, codes):
    found = _LINE.fullmatch(line)
    code = codes.get(found["place"].casefold(), "") if found else ""
    # A place that no list knows stays in the name: nothing anybody wrote is lost.
    name = found["name"] if code else line
    return {
        "id": hashlib.sha256(f"{number}/{line}".encode()).hexdigest()[:12],
        "name": name[:150],
        "country": code,
        "share": name[150:],
    }


def into_rows(apps, schema_editor):
    letters = apps.get_model("proposals", "LetterOfIntent").objects
    codes = _codes()
    for letter in letters.exclude(partner_text="").iterator():
        lines = [line.strip() for line in letter.partner_text.splitlines() if line.strip()]
        letter.partners = [_row(number, line, codes) for number, line in enumerate(lines)]
        letter.save(update_fields=["partners"])


def into_lines(apps, schema_editor):
    letters = apps.get_model("proposals", "LetterOfIntent").objects
    with translation.override("en"):
        for letter in letters.exclude(partners=[]).iterator():
            letter.partner_text = "\n".join(
                f"{row['name']} ({countries.name(row['country'])})" if row["country"] else row["name"]
                for row in letter.partners
            )
            letter.save(update_fields=["partner_text"])


def _trl(label):
    meanings = (
        "1: basic principles observed",
        "2: concept and use described",
        "3: critical function shown by analysis and experiment",
        "4: parts shown to work in a laboratory",
        "5: parts shown to work in conditions like those on the Moon",
        "6: a model shown to work in conditions like those on the Moon",
        "7: a model shown to perform as the operation will need it",
        "8: the real system built, qualified and accepted for flight",
        "9: the real system proven by successful operation in space",
    )
    return models.PositiveSmallIntegerField(
        label, blank=True, choices=list(enumerate(meanings, 1)), null=True
    )


class Migration(migrations.Migration):
    dependencies = [("proposals", "0005_comments_read_and_notes_of_partners")]

    operations = [
        migrations.RenameField("letterofintent", "partners", "partner_text"),
        migrations.AddField(
            "letterofintent",
            "partners",
            models.JSONField(blank=True, default=list, verbose_name="partner organisations"),
        ),
        migrations.RunPython(into_rows, into_lines),
        migrations.RemoveField("letterofintent", "partner_text"),
        migrations.AlterField(
            "letterofintent", "trl_delivery", _trl("technology readiness level at delivery")
        ),
        migrations.AlterField("letterofintent", "trl_now", _trl("technology readiness level now")),
    ]
