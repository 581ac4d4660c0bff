from django.db import migrations

# The portal's own database user may add entries and nothing else. Whoever can drop the trigger can
# still tamper; then the chain tells, and the heads in receipts tell about a cut-off tail.
FORWARD = """
CREATE FUNCTION audit_entry_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit entries are never changed or deleted';
END $$;
CREATE TRIGGER audit_entry_is_final BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_is_final();
"""
BACKWARD = """
DROP TRIGGER audit_entry_is_final ON audit_entry;
DROP FUNCTION audit_entry_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
