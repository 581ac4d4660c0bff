from django.db import migrations

# What was proposed is answered as it was proposed, once; after that it stays.
FORWARD = """
CREATE FUNCTION decisions_wording_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.answer = 'AWAITED'
       AND (NEW.round_id, NEW.outcome, NEW.language, NEW.version, NEW.texts,
            NEW.proposed_by_id, NEW.proposed_at)
           IS NOT DISTINCT FROM
           (OLD.round_id, OLD.outcome, OLD.language, OLD.version, OLD.texts,
            OLD.proposed_by_id, OLD.proposed_at)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the wording of letters is answered once, and never changed or deleted';
END $$;
CREATE TRIGGER decisions_wording_stays BEFORE UPDATE OR DELETE ON decisions_lettertemplate
    FOR EACH ROW EXECUTE FUNCTION decisions_wording_stays();
"""
BACKWARD = """
DROP TRIGGER decisions_wording_stays ON decisions_lettertemplate;
DROP FUNCTION decisions_wording_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("decisions", "0018_letter_templates")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
