from django.db import migrations

# The database keeps the last word on two promises, so that a shell or a forgotten view cannot
# break them: nothing is accepted outside the call's window, and what was filed never changes.
FORWARD = """
CREATE FUNCTION proposals_version_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    window_opens timestamptz;
    window_closes timestamptz;
BEGIN
    SELECT opens_at, closes_at INTO window_opens, window_closes
    FROM proposals_call JOIN proposals_letterofintent letter ON letter.call_id = proposals_call.id
    WHERE letter.id = NEW.letter_id;
    IF NEW.accepted_at < window_opens OR NEW.accepted_at >= window_closes THEN
        RAISE EXCEPTION 'a letter of intent is accepted only while its call is open'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER proposals_version_in_time BEFORE INSERT ON proposals_letterversion
    FOR EACH ROW EXECUTE FUNCTION proposals_version_in_time();

CREATE FUNCTION proposals_filed_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was filed is never changed or deleted';
END $$;
CREATE TRIGGER proposals_version_is_final BEFORE UPDATE OR DELETE ON proposals_letterversion
    FOR EACH ROW EXECUTE FUNCTION proposals_filed_is_final();
CREATE TRIGGER proposals_receipt_is_final BEFORE UPDATE OR DELETE ON proposals_receipt
    FOR EACH ROW EXECUTE FUNCTION proposals_filed_is_final();
CREATE TRIGGER proposals_seal_is_final BEFORE UPDATE OR DELETE ON proposals_callseal
    FOR EACH ROW EXECUTE FUNCTION proposals_filed_is_final();
"""
BACKWARD = """
DROP TRIGGER proposals_seal_is_final ON proposals_callseal;
DROP TRIGGER proposals_receipt_is_final ON proposals_receipt;
DROP TRIGGER proposals_version_is_final ON proposals_letterversion;
DROP FUNCTION proposals_filed_is_final();
DROP TRIGGER proposals_version_in_time ON proposals_letterversion;
DROP FUNCTION proposals_version_in_time();
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
