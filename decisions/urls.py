from django.urls import path, register_converter

from decisions import api
from decisions.states import Outcome
from decisions.views import (
    consents,
    correcting,
    deciding,
    dossiers,
    exceptions,
    exports,
    extension,
    home,
    opening,
    portfolio,
    portfolio_rules,
    publishing,
    results,
    results_feed,
    shortlist,
    steering,
    verifying,
    wording,
)
from decisions.views import letters as letter_views

app_name = "decisions"

calls = api.router


class OutcomeConverter:
    """An outcome in lower case: /decisions/final/letters/not_selected/fr/."""

    regex = "|".join(outcome.lower() for outcome in Outcome.values)

    def to_python(self, value):
        return Outcome(value.upper())

    def to_url(self, value):
        return str(value).lower()


register_converter(OutcomeConverter, "outcome")

# Open to everybody, without a namespace.
public = [
    path("results/", results.page, name="results"),
    path("results/feed/", results_feed.feed, name="results_feed"),
    path("results/picture.png", results.og_picture, name="results_picture"),
    path("results.csv", results.csv, name="results_csv"),
    path("results.pdf", results.pdf, name="results_pdf"),
    path("results.txt", results.plain_text, name="results_text"),
    # The same of one call for good; those above are of the present one.
    path("results/<str:code>/", results.page, name="results"),
    path("results/<str:code>/feed/", results_feed.feed, name="results_feed"),
    path("results/<str:code>/picture.png", results.og_picture, name="results_picture"),
    path("results/<str:code>.csv", results.csv, name="results_csv"),
    path("results/<str:code>.pdf", results.pdf, name="results_pdf"),
    path("results/<str:code>.txt", results.plain_text, name="results_text"),
    path("verify/", verifying.verify, name="verify"),
    path("verify/letters.pem", verifying.letter_certificates, name="letter_certificates"),
]

# Under /letters/, beside the addresses of the room below.
letters = [
    path("confidential/", consents.confidential, name="confidential"),
    path("confidential/<uuid:consent_id>/", consents.question, name="question"),
    path("<uuid:letter_id>/decision/", letter_views.page, name="page"),
    path("<uuid:letter_id>/decision.pdf", letter_views.pdf, name="pdf"),
    path("<uuid:letter_id>/dossier/", dossiers.dossiers, name="dossiers"),
    path("<uuid:letter_id>/dossier/<uuid:dossier_id>/", dossiers.progress, name="dossier_state"),
    path("<uuid:letter_id>/dossier/<uuid:dossier_id>.zip", dossiers.file, name="dossier_file"),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("call/", steering.call, name="call"),
    path("call/extension/propose/", extension.propose, name="extension_propose"),
    path("call/extension/approve/", extension.approve, name="extension_approve"),
    path("call/extension/take-back/", extension.take_back, name="extension_take_back"),
    path("call/opening/propose/", opening.propose, name="opening_propose"),
    path("call/opening/approve/", opening.approve, name="opening_approve"),
    path("call/opening/take-back/", opening.take_back, name="opening_take_back"),
    path("letters/<uuid:decision_letter_id>.pdf", publishing.preview, name="preview"),
    path("letters/<uuid:decision_letter_id>/retry/", publishing.retry, name="retry"),
    path("portfolio/", portfolio.present, name="present_portfolio"),
    path("<round:kind>/", deciding.letters, name="round"),
    path("<round:kind>/portfolio/", portfolio.portfolio, name="portfolio"),
    path("<round:kind>/portfolio/rules/", portfolio_rules.sign, name="sign_rules"),
    path(
        "<round:kind>/portfolio/rules/<uuid:rules_id>/",
        portfolio_rules.rules,
        name="portfolio_rules",
    ),
    path("<round:kind>/portfolio/compare/", portfolio.compare, name="compare_scenarios"),
    path("<round:kind>/portfolio/<uuid:scenario_id>/", portfolio.scenario, name="scenario"),
    path(
        "<round:kind>/portfolio/<uuid:scenario_id>.csv", portfolio.scenario_csv, name="scenario_csv"
    ),
    path(
        "<round:kind>/portfolio/<uuid:scenario_id>/state/", portfolio.state, name="scenario_state"
    ),
    path(
        "<round:kind>/portfolio/<uuid:scenario_id>/adopt/", portfolio.adopt, name="adopt_scenario"
    ),
    path("<round:kind>/shortlist/", shortlist.shortlist, name="shortlist"),
    path("<round:kind>/decisions.csv", exports.decisions, {"ending": "csv"}, name="decisions_csv"),
    path(
        "<round:kind>/decisions.xlsx", exports.decisions, {"ending": "xlsx"}, name="decisions_xlsx"
    ),
    path("<round:kind>/several/", deciding.several, name="several"),
    path("<round:kind>/several/undo/", deciding.undo, name="undo"),
    path("<round:kind>/<uuid:letter_id>/", deciding.letter, name="letter"),
    path("<round:kind>/<uuid:letter_id>/correct/", correcting.correct, name="correct"),
    path("corrections/<uuid:correction_id>/", correcting.correction, name="correction"),
    path(
        "corrections/<uuid:correction_id>/release/", correcting.release, name="release_correction"
    ),
    path(
        "corrections/<uuid:correction_id>/withdraw/",
        correcting.withdraw,
        name="withdraw_correction",
    ),
    path("<round:kind>/exceptions/", exceptions.page, name="exceptions"),
    path("<round:kind>/exceptions/ask/", exceptions.ask, name="ask_exception"),
    path("<round:kind>/exceptions/<int:exception_id>/", exceptions.answer, name="answer_exception"),
    path("<round:kind>/letters/", wording.overview, name="wording"),
    path("<round:kind>/letters/<outcome:outcome>/<slug:language>/", wording.texts, name="texts"),
    path(
        "<round:kind>/letters/<outcome:outcome>/<slug:language>/draft.pdf",
        wording.draft,
        name="draft",
    ),
    path(
        "<round:kind>/letters/<outcome:outcome>/<slug:language>/<int:version>/approve/",
        wording.approve,
        name="approve_texts",
    ),
    path(
        "<round:kind>/letters/<outcome:outcome>/<slug:language>/<int:version>/end/",
        wording.end,
        name="end_texts",
    ),
    path("<round:kind>/consents/", consents.consents, name="consents"),
    path("<round:kind>/<uuid:letter_id>/consents/ask/", consents.ask, name="ask_consents"),
    path("<round:kind>/publication/", publishing.publication, name="publication"),
    path("<round:kind>/publication/progress/", publishing.progress, name="progress"),
    path("<round:kind>/publication/rehearse/", publishing.rehearse, name="rehearse"),
    path("<round:kind>/publication/unschedule/", publishing.unschedule, name="unschedule"),
    path("<round:kind>/publication/press/", publishing.press, name="press"),
    path("<round:kind>/publication/propose/", publishing.propose, name="propose"),
    path("<round:kind>/publication/withdraw/", publishing.withdraw, name="withdraw"),
    path("<round:kind>/publication/release/", publishing.release, name="release"),
]
