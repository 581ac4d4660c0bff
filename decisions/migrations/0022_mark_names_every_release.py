from django.db import migrations

# As before, and with every release of results in it: each page of results leads to those of the
# other calls. They are few, and a release is final, so that the list only grows.
FUNCTION = """
CREATE OR REPLACE FUNCTION decisions_results_mark(moment timestamptz, wanted text)
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
    )<more>);
END $$;
"""
EVERY_RELEASE = """, (
        SELECT md5(string_agg(publication.id::text, ',' ORDER BY publication.id))
        FROM decisions_publication publication
        JOIN proposals_callround round ON round.id = publication.round_id AND round.kind = 'FINAL'
        WHERE publication.state = 'RELEASED'
    )"""
FORWARD, BACKWARD = FUNCTION.replace("<more>", EVERY_RELEASE), FUNCTION.replace("<more>", "")


class Migration(migrations.Migration):
    dependencies = [("decisions", "0021_mark_of_the_results")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
