from decisions.models.deciding import Decision, DecisionVersion, GrantedException, MergeConsent
from decisions.models.dossiers import Dossier
from decisions.models.portfolio import PortfolioAdoption, PortfolioRules, PortfolioScenario
from decisions.models.publishing import (
    Correction,
    DecisionLetter,
    Mailing,
    Publication,
    Rehearsal,
    ResultsPaper,
)
from decisions.models.wording import LetterTemplate

__all__ = [
    "Correction",
    "Decision",
    "DecisionLetter",
    "DecisionVersion",
    "Dossier",
    "GrantedException",
    "LetterTemplate",
    "Mailing",
    "MergeConsent",
    "PortfolioAdoption",
    "PortfolioRules",
    "PortfolioScenario",
    "Publication",
    "Rehearsal",
    "ResultsPaper",
]
