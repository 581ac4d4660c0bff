from django.db import migrations

# What was told before corrections existed was told at its release. A decision that was told is
# changed by nothing but a released correction, to its very version; that one is then final, too.
FORWARD = """
UPDATE decisions_decisionletter letter SET told_at = publication.released_at
FROM decisions_publication publication
WHERE publication.id = letter.publication_id AND publication.state = 'RELEASED';

CREATE OR REPLACE FUNCTION decisions_told_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM decisions_publication
               WHERE round_id = OLD.round_id AND state = 'RELEASED') THEN
        IF TG_OP = 'UPDATE' THEN
            IF NEW.version > OLD.version AND NEW.letter_id = OLD.letter_id
               AND NEW.round_id = OLD.round_id AND EXISTS (
                SELECT 1 FROM decisions_correction
                WHERE decision_id = OLD.id AND version = NEW.version AND state = 'RELEASED')
            THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION 'a decision that was published is never changed or deleted';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;

CREATE TRIGGER decisions_correction_is_final BEFORE UPDATE OR DELETE ON decisions_correction
    FOR EACH ROW EXECUTE FUNCTION decisions_released_is_final();
"""
BACKWARD = """
DROP TRIGGER decisions_correction_is_final ON decisions_correction;
CREATE OR REPLACE FUNCTION decisions_told_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM decisions_publication
               WHERE round_id = OLD.round_id AND state = 'RELEASED') THEN
        RAISE EXCEPTION 'a decision that was published is never changed or deleted';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("decisions", "0008_what_was_told_is_corrected")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
