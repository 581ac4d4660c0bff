from django.urls import path
from django.views.generic import RedirectView

from proposals import api
from proposals.views import (
    attachments,
    call,
    colleagues,
    editing,
    exchange,
    filing,
    fuller,
    happened,
    letters,
    partners,
    receipts,
    reminders,
    rewriting,
    versions,
)

app_name = "proposals"

# The calls of programs, put under their address by the wiring.
calls = api.router

# Open to everybody, without a namespace.
public = [
    path("", call.call, name="call"),
    path("promises/", call.promises, name="promises"),
    path("participation/<str:secret>/", partners.answer, name="partner_answer"),
    path("reminders/<str:token>/", reminders.mute, name="reminders"),
    path("verify/key.pem", receipts.public_key, name="public_key"),
    path("verify/verify_receipt.py", receipts.program, name="verify_program"),
    path(
        "verify/verify_dossier.py",
        receipts.program,
        {"name": "verify_dossier.py"},
        name="verify_dossier_program",
    ),
]

# Beside the other pages of an agency.
of_agencies = [path("agency/<uuid:pk>/record/", happened.of_agency, name="agency_record")]

urlpatterns = [
    path("", letters.index, name="list"),
    path("attempts/", receipts.attempts, name="attempts"),
    path("new/", letters.new, name="new"),
    path("<uuid:pk>/", letters.detail, name="detail"),
    path("<uuid:pk>/edit/h/", attachments.section, name="attachments"),
    path("<uuid:pk>/edit/<slug:key>/", editing.edit, name="edit"),
    path("<uuid:pk>/edit/<slug:key>/here/", colleagues.here, name="here"),
    path("<uuid:pk>/partners/", partners.panel, name="partners"),
    path(
        "<uuid:pk>/partners/<uuid:question_pk>/take-back/",
        partners.take_back,
        name="partner_take_back",
    ),
    path("<uuid:pk>/comments/", colleagues.comments, name="comments"),
    path("<uuid:pk>/comments/read/", colleagues.read, name="comments_read"),
    path("<uuid:pk>/comments/<uuid:comment_pk>/settle/", colleagues.settle, name="settle"),
    path(
        "<uuid:pk>/comments/<uuid:comment_pk>/delete/",
        colleagues.delete_comment,
        name="comment_delete",
    ),
    # Where it was before there were four places.
    path(
        "<uuid:pk>/attachment/",
        RedirectView.as_view(pattern_name="proposals:attachments", permanent=True),
        name="attachment",
    ),
    path(
        "<uuid:pk>/attachments/<uuid:attachment_pk>/", attachments.download, name="attachment_file"
    ),
    path(
        "<uuid:pk>/attachments/<uuid:attachment_pk>/remove/",
        attachments.remove,
        name="attachment_remove",
    ),
    path(
        "<uuid:pk>/attachments/<uuid:attachment_pk>/put-back/",
        attachments.put_back,
        name="attachment_put_back",
    ),
    # The fuller proposal of a letter that is on the shortlist.
    path("<uuid:pk>/fuller/", fuller.page, name="fuller"),
    path("<uuid:pk>/fuller/edit/", fuller.edit, name="fuller_edit"),
    path("<uuid:pk>/fuller/files/", attachments.of_fuller, name="fuller_files"),
    path("<uuid:pk>/fuller/submit/", fuller.submit, name="fuller_submit"),
    path("<uuid:pk>/fuller/receipt/", fuller.receipt, name="fuller_receipt"),
    path("<uuid:pk>/fuller/receipt.pdf", fuller.receipt_pdf, name="fuller_receipt_pdf"),
    path(
        "<uuid:pk>/fuller/versions/<int:number>/content.json",
        fuller.version_content,
        name="fuller_content",
    ),
    path(
        "<uuid:pk>/fuller/versions/<int:number>/files/<slug:kind>/",
        fuller.version_file,
        name="fuller_file",
    ),
    path("<uuid:pk>/mails/", exchange.mails, name="mails"),
    path("<uuid:pk>/questions/", exchange.questions, name="questions"),
    path("<uuid:pk>/questions/<uuid:question_pk>/", exchange.answer, name="answer"),
    path("<uuid:pk>/submit/", filing.submit, name="submit"),
    path("<uuid:pk>/reopen/", rewriting.reopen, name="reopen"),
    path("<uuid:pk>/put-back/", rewriting.put_back, name="put_back"),
    path("<uuid:pk>/withdraw/", rewriting.withdraw, name="withdraw"),
    path("<uuid:pk>/take-up/", rewriting.take_up, name="take_up"),
    path("<uuid:pk>/delete/", rewriting.delete, name="delete"),
    path("<uuid:pk>/unfiled/<int:text_pk>/", letters.unfiled, name="unfiled"),
    path("<uuid:pk>/versions/", versions.index, name="versions"),
    path("<uuid:pk>/versions/<int:number>/", versions.version, name="version"),
    path("<uuid:pk>/versions/<int:number>/letter.pdf", versions.version_pdf, name="version_pdf"),
    path(
        "<uuid:pk>/versions/<int:number>/content.json",
        versions.version_content,
        name="version_content",
    ),
    path(
        "<uuid:pk>/versions/<int:number>/files/<slug:kind>/",
        versions.version_file,
        name="version_file",
    ),
    path("<uuid:pk>/draft.pdf", versions.working_copy_pdf, name="draft_pdf"),
    path("<uuid:pk>/compare/", versions.compare, name="compare"),
    path("<uuid:pk>/receipt.pdf", versions.receipt_pdf, name="receipt_pdf"),
    path("<uuid:pk>/receipt/", receipts.receipt, name="receipt"),
]
