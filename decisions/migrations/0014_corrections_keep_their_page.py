from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("decisions", "0013_letter_languages")]

    operations = [
        migrations.AddField(
            model_name="correction",
            name="page",
            field=models.JSONField(default=dict, verbose_name="results page"),
        ),
    ]
