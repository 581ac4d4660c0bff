from django.db import migrations, models

import decisions.models.deciding


class Migration(migrations.Migration):
    dependencies = [("decisions", "0019_approved_wording_stays")]
    operations = [
        # What was decided before keeps the hash that stands in the record: without a salt.
        migrations.AddField(
            model_name="decision",
            name="salt",
            field=models.CharField(blank=True, default="", editable=False, max_length=32),
        ),
        migrations.AlterField(
            model_name="decision",
            name="salt",
            field=models.CharField(
                blank=True,
                default=decisions.models.deciding.new_salt,
                editable=False,
                max_length=32,
            ),
        ),
    ]
