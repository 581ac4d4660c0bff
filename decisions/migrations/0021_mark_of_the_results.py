from django.db import migrations

# Of all that a results page hangs on: another text whenever it says another thing, NULL before the
# release. `wanted` is the code of a call; empty, it is the present one (`CallQuerySet.current`).
# A function because each process of the portal asks with every request, when a release is told and
# the world comes to read: PostgreSQL plans it once for each connection instead of each time.
FORWARD = """
CREATE FUNCTION decisions_results_mark(moment timestamptz, wanted text)
RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    told record;
BEGIN
    IF wanted = '' THEN
        SELECT code INTO wanted FROM proposals_call
        ORDER BY opens_at > moment, abs(extract(epoch FROM opens_at - moment)), code LIMIT 1;
    END IF;
    SELECT publication.id, call.zone, round.announced_for, round.precise_to_day INTO told
    FROM proposals_call call
    JOIN proposals_callround round ON round.call_id = call.id AND round.kind = 'FINAL'
    JOIN decisions_publication publication
        ON publication.round_id = round.id AND publication.state = 'RELEASED'
    WHERE call.code = wanted;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    RETURN concat_ws(':', told.id, told.zone, told.announced_for, told.precise_to_day, (
        SELECT id FROM decisions_correction
        WHERE publication_id = told.id AND state = 'RELEASED' AND is_public
        ORDER BY released_at DESC LIMIT 1
    ));
END $$;
"""
BACKWARD = "DROP FUNCTION decisions_results_mark(timestamptz, text);"


class Migration(migrations.Migration):
    dependencies = [("decisions", "0020_decisions_are_salted")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
