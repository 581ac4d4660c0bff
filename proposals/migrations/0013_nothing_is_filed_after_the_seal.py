from django.db import migrations

# The instant of a version is what its writer says. The seal is not: after it nothing is filed, with
# whatever instant.
FORWARD = """
CREATE FUNCTION proposals_version_before_the_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM proposals_callseal seal
        JOIN proposals_letterofintent letter ON letter.call_id = seal.call_id
        WHERE letter.id = NEW.letter_id
    ) THEN
        RAISE EXCEPTION 'the call is sealed: no letter of intent is accepted any more'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER proposals_version_before_the_seal BEFORE INSERT ON proposals_letterversion
    FOR EACH ROW EXECUTE FUNCTION proposals_version_before_the_seal();

-- Whose letters are being judged keeps name and place from now on, too.
UPDATE accounts_agency agency SET fixed_at = seal.sealed_at
FROM proposals_letterofintent letter
    JOIN proposals_callseal seal ON seal.call_id = letter.call_id
    JOIN proposals_call call ON call.id = letter.call_id AND call.archived_at IS NULL
WHERE letter.agency_id = agency.id AND letter.state NOT IN ('DRAFT', 'WITHDRAWN');
"""
BACKWARD = """
DROP TRIGGER proposals_version_before_the_seal ON proposals_letterversion;
DROP FUNCTION proposals_version_before_the_seal();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("proposals", "0012_due_dates_move"),
        ("accounts", "0008_agencies_fixed_while_judged"),
    ]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
