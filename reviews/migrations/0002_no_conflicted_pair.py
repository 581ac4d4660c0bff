from django.db import migrations

# An active assignment (conflicted = false) must match a check row of the same pair that says false.
# Setting the check to true while the assignment is active breaks the key, and so does inserting an
# assignment for a conflicted or unasked pair: no trigger, no race. An ended assignment carries NULL,
# which a foreign key of MATCH SIMPLE does not compare. Django has no composite foreign keys.
FORWARD = """
ALTER TABLE reviews_assignment ADD CONSTRAINT reviews_assignment_without_conflict
    FOREIGN KEY (reviewer_id, letter_id, conflicted)
    REFERENCES reviews_conflictcheck (reviewer_id, letter_id, conflicted);
"""
BACKWARD = """
ALTER TABLE reviews_assignment DROP CONSTRAINT reviews_assignment_without_conflict;
"""


class Migration(migrations.Migration):
    dependencies = [("reviews", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
