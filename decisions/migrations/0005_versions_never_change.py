from django.db import migrations

# What was decided before versions were kept is the first that is known of it. Then: no version is
# ever changed or deleted.
FORWARD = """
INSERT INTO decisions_decisionversion (round_id, letter_id, number, content, actor_id, at)
SELECT d.round_id, d.letter_id, d.version, jsonb_build_object(
    'outcome', d.outcome, 'reason', d.reason, 'strengths', d.strengths,
    'weaknesses', d.weaknesses, 'conditions', d.conditions,
    'merged_with', CASE WHEN l.id IS NULL THEN NULL
        ELSE jsonb_build_object('id', l.id::text, 'reference', l.reference) END,
    'reserve_rank', d.reserve_rank, 'reserve_until', d.reserve_until,
    'mass_kg', d.mass_kg::text), d.decided_by_id, d.decided_at
FROM decisions_decision d LEFT JOIN proposals_letterofintent l ON l.id = d.merged_with_id;

CREATE FUNCTION decisions_versions_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a version of a decision is never changed or deleted';
END $$;
CREATE TRIGGER decisions_versions_are_final BEFORE UPDATE OR DELETE ON decisions_decisionversion
    FOR EACH ROW EXECUTE FUNCTION decisions_versions_are_final();
"""
BACKWARD = """
DROP TRIGGER decisions_versions_are_final ON decisions_decisionversion;
DROP FUNCTION decisions_versions_are_final();
"""


class Migration(migrations.Migration):
    dependencies = [("decisions", "0004_every_decision_has_a_history")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
