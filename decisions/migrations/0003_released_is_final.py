from django.db import migrations

# A released publication, and the letters and decisions it told, stay as they were told.
FORWARD = """
CREATE FUNCTION decisions_released_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'RELEASED' THEN
        RAISE EXCEPTION 'a released publication is never changed or deleted';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER decisions_released_is_final BEFORE UPDATE OR DELETE ON decisions_publication
    FOR EACH ROW EXECUTE FUNCTION decisions_released_is_final();

CREATE FUNCTION decisions_told_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM decisions_publication
               WHERE round_id = OLD.round_id AND state = 'RELEASED') THEN
        RAISE EXCEPTION 'a decision that was published is never changed or deleted';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER decisions_told_is_final BEFORE UPDATE OR DELETE ON decisions_decision
    FOR EACH ROW EXECUTE FUNCTION decisions_told_is_final();
"""
BACKWARD = """
DROP TRIGGER decisions_told_is_final ON decisions_decision;
DROP FUNCTION decisions_told_is_final();
DROP TRIGGER decisions_released_is_final ON decisions_publication;
DROP FUNCTION decisions_released_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("decisions", "0002_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
