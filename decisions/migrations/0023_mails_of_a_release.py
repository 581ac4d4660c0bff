import django.db.models.deletion
from django.db import migrations, models

# Until now the mails were written in the release itself.
WRITTEN = """
INSERT INTO decisions_mailing (publication_id, written_at)
SELECT id, released_at FROM decisions_publication WHERE state = 'RELEASED'
"""


class Migration(migrations.Migration):

    dependencies = [
        ('decisions', '0022_mark_names_every_release'),
    ]

    operations = [
        migrations.CreateModel(
            name='Mailing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('written_at', models.DateTimeField(verbose_name='mails written')),
                ('publication', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='mailing', to='decisions.publication')),
            ],
            options={
                'verbose_name': 'mailing',
                'verbose_name_plural': 'mailings',
            },
        ),
        migrations.RunSQL(WRITTEN, migrations.RunSQL.noop),
    ]
