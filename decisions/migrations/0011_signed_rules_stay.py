from django.db import migrations

# Signed rules, scenarios that are ready and what the panel voted for stay as they are.
FORWARD = """
CREATE FUNCTION decisions_portfolio_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what the portfolio rests on is never changed or deleted';
END $$;
CREATE TRIGGER decisions_rules_stay BEFORE UPDATE OR DELETE ON decisions_portfoliorules
    FOR EACH ROW EXECUTE FUNCTION decisions_portfolio_stays();
CREATE TRIGGER decisions_scenarios_stay BEFORE UPDATE OR DELETE ON decisions_portfolioscenario
    FOR EACH ROW WHEN (OLD.state = 'READY') EXECUTE FUNCTION decisions_portfolio_stays();
CREATE TRIGGER decisions_adoptions_stay BEFORE UPDATE OR DELETE ON decisions_portfolioadoption
    FOR EACH ROW EXECUTE FUNCTION decisions_portfolio_stays();
"""
BACKWARD = """
DROP TRIGGER decisions_adoptions_stay ON decisions_portfolioadoption;
DROP TRIGGER decisions_scenarios_stay ON decisions_portfolioscenario;
DROP TRIGGER decisions_rules_stay ON decisions_portfoliorules;
DROP FUNCTION decisions_portfolio_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("decisions", "0010_portfolio")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
