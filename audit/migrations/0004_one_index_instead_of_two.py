from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0003_salts_and_known_heads'),
    ]

    operations = [
        migrations.AlterField(
            model_name='entry',
            name='hash',
            field=models.CharField(max_length=64, verbose_name='hash'),
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.UniqueConstraint(fields=('hash',), name='audit_entry_hash_once'),
        ),
    ]
