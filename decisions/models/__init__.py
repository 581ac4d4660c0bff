from decisions.models.deciding import Decision, DecisionVersion, GrantedException, MergeConsent
from decisions.models.portfolio import PortfolioAdoption, PortfolioRules, PortfolioScenario
from decisions.models.publishing import Correction, DecisionLetter, Publication, Rehearsal

__all__ = [
    "Correction",
    "Decision",
    "DecisionLetter",
    "DecisionVersion",
    "GrantedException",
    "MergeConsent",
    "PortfolioAdoption",
    "PortfolioRules",
    "PortfolioScenario",
    "Publication",
    "Rehearsal",
]
