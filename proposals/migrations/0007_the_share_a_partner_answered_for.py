from django.db import migrations, models


def from_the_rows(apps, schema_editor):
    """Answers given before are about the share the row holds now: nobody knows another one."""
    Participation = apps.get_model("proposals", "Participation")
    answered = Participation.objects.filter(answered_at__isnull=False).select_related("letter")
    for question in answered.iterator():
        rows = question.letter.partners if isinstance(question.letter.partners, list) else []
        shares = [row.get("share", "") for row in rows if row.get("id") == question.row]
        question.answered_share = shares[0] if shares else ""
        question.save(update_fields=["answered_share"])


class Migration(migrations.Migration):
    dependencies = [("proposals", "0006_partners_in_rows")]

    operations = [
        migrations.AddField(
            model_name="participation",
            name="answered_share",
            field=models.CharField(
                blank=True, max_length=200, verbose_name="share answered for"
            ),
        ),
        migrations.RunPython(from_the_rows, migrations.RunPython.noop),
    ]
