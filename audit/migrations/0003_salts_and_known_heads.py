from django.db import migrations, models

# Like the entries themselves: whoever can drop the trigger can still tamper, and then copies of the
# list tell that others hold.
FORWARD = """
CREATE FUNCTION audit_anchor_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a head that was made known is never changed or deleted';
END $$;
CREATE TRIGGER audit_anchor_is_final BEFORE UPDATE OR DELETE ON audit_anchor
    FOR EACH ROW EXECUTE FUNCTION audit_anchor_is_final();
"""
BACKWARD = """
DROP TRIGGER audit_anchor_is_final ON audit_anchor;
DROP FUNCTION audit_anchor_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_entries_never_change")]
    operations = [
        migrations.AddField(
            model_name="entry",
            name="salt",
            # PostgreSQL adds a column with a constant without touching the rows.
            field=models.CharField(
                blank=True, db_default="", max_length=32, verbose_name="salt"
            ),
        ),
        migrations.CreateModel(
            name="Anchor",
            fields=[
                (
                    "seq",
                    models.BigIntegerField(
                        primary_key=True, serialize=False, verbose_name="number"
                    ),
                ),
                ("hash", models.CharField(max_length=64, verbose_name="hash")),
                ("at", models.DateTimeField(verbose_name="made known")),
            ],
            options={
                "verbose_name": "head of the audit chain",
                "verbose_name_plural": "heads of the audit chain",
                "ordering": ("seq",),
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
