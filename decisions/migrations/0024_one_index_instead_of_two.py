from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('decisions', '0023_mails_of_a_release'),
    ]

    operations = [
        migrations.AlterField(
            model_name='decisionletter',
            name='code',
            field=models.CharField(max_length=24, verbose_name='verification code'),
        ),
        migrations.AddConstraint(
            model_name='decisionletter',
            constraint=models.UniqueConstraint(fields=('code',), name='decisions_letter_code_once'),
        ),
    ]
