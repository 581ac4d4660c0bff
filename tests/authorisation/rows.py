"""How each row of the matrix is tried: the world it happens in, then one way in after the other."""

from tests.authorisation import sent, tries, worlds
from tests.authorisation.ways import by_role, form, named, page, program, worst

view = page("proposals:detail")
view_by_program = program("get", "letters/{letter}")
edit = form("proposals:edit", sent.title, of="section")
edit_by_program = program("patch", "letters/{letter}", sent.new_title, **sent.REVISION)
upload = form("proposals:attachments", sent.paper)
upload_by_program = program("post", "letters/{letter}/attachments", sent.paper, multipart=True)
download = page("proposals:attachment_file", of="file")
download_by_program = program("get", "letters/{letter}/attachments/{attachment}")
remove = form("proposals:attachment_remove", of="file")
remove_by_program = program("delete", "letters/{letter}/attachments/{attachment}")
submit = form("proposals:submit", sent.what_was_shown)
submit_by_program = program("post", "letters/{letter}/submit", **sent.IDEMPOTENT)
reopen = form("proposals:reopen")
reopen_by_program = program("post", "letters/{letter}/reopen")
withdraw = form("proposals:withdraw")
withdraw_by_program = program("post", "letters/{letter}/withdraw")

propose_opening = form("decisions:opening_propose", of="")
move_due = form("panel:fuller_due", sent.a_later_due, of="final round")
propose_extension = form("decisions:extension_propose", sent.a_later_cutoff, of="")
CONTENT_IN_ADMIN = (
    "/admin/proposals/letterofintent/",
    "/admin/proposals/letterversion/",
    "/admin/reviews/review/",
    "/admin/decisions/decision/",
    "/admin/decisions/decisionletter/",
    "/admin/audit/entry/",
)

# A reviewer in conflict had an assignment, too, which is ended. The chair has rooms of an own kind.
_review = by_role(
    page("reviews:review", of="assignment"), rc=page("reviews:review", of="ended assignment")
)


def review_form(data):
    return by_role(
        form("reviews:review", data, of="assignment"),
        rc=form("reviews:review", data, of="ended assignment"),
    )


review_by_program = program("get", "reviews/{review}")
save_by_program = program("put", "reviews/{review}", sent.a_save, **sent.REVISION)
file_by_program = program("post", "reviews/{review}/submit", **sent.IDEMPOTENT)
# Of somebody else for everybody but its reviewer, the one in conflict included.
_foreign_review_by_program = program("get", "reviews/{assignment}")
ranking_by_program = program("get", "panel/ranking?round=PRELIMINARY")
_answer = form("reviews:conflicts", sent.rest, of="")

_panel_talk = page("panel:discussion", of="round and letter")
_others = by_role(page("reviews:others", of="assignment"), ch=_panel_talk, cc=_panel_talk)
_talk = by_role(page("reviews:discussion", of="assignment"), ch=_panel_talk, cc=_panel_talk)
_archived = page("panel:archived")


def _in_the_archive(usual):
    """The usual way, the chairs' own to the same reviews, and the archive for all others."""

    def both(world, visitor):
        if visitor.role in ("ch", "cc"):
            return _panel_talk(world, visitor)
        return worst([_archived(world, visitor), *_usual_of(usual, world, visitor)])

    return named(both, f"{usual.__name__} or the archive")


def _usual_of(usual, world, visitor):
    # The auditor has no other way than the archive.
    return [] if visitor.role == "au" else [usual(world, visitor)]


_panel_say = form("panel:discussion", sent.words, of="round and letter")
_say = by_role(
    form("reviews:discussion", sent.words, of="assignment"), ch=_panel_say, cc=_panel_say
)


def _of_meeting(name, of="meeting"):
    """A page of the meeting, by the way that is the visitor's."""
    chairs = page(f"panel:{name}", of=f"round and {of}")
    return by_role(page(f"reviews:{name}", of=of), ch=chairs, cc=chairs)


# The panel reads letters and their files in its own rooms.
panel_view = by_role(
    page("panel:letter"),
    **dict.fromkeys(("an", "ed", "su", "vw", "ob"), view),
    ra=page("reviews:review", of="assignment"),
    ru=view,
)
panel_download = by_role(
    page("panel:letter_file", of="kind"),
    **dict.fromkeys(("an", "ed", "su", "vw", "ob"), download),
    ra=page("reviews:letter_file", of="assigned kind"),
    ru=download,
)

_decide = form("decisions:letter", sent.another_outcome, of="decided round and letter")
_decision = page("decisions:letter", of="decided round and letter")
# A list for programs leaves out the letter that a chair is in conflict with.
_decisions_by_program = by_role(program("get", "decisions"), cc=_decision)
_propose = form("decisions:propose", of="decided round")
_own_decision = page("decision_letters:page")
# The call gives a decision to whoever it is about; officers of the call have lists of their own.
_own_decision_by_program = by_role(
    program("get", "decisions"), **dict.fromkeys(("ad", "au", "cc"), _own_decision)
)
_IN_A_YEAR = {"release_at": "2024-06-30T10:00"}


def _second(key, **more):
    return form("decisions:release", sent.second_key(key, **more), of="decided round")


rankings = [page(f"panel:{name}", of="round") for name in ("ranking", "intervals", "marks")]
SCORES = (
    *("ranking_csv", "ranking_xlsx", "marks_csv", "marks_xlsx"),
    *("reviews_csv", "reviews_xlsx", "mark_lines_csv", "mark_lines_xlsx"),
    *("discussions_csv", "discussions_xlsx"),
)
WHO_READS = ("assignment_csv", "assignment_xlsx", "progress_csv", "progress_xlsx")

ROWS: dict = {
    # letters of intent
    "L01": (worlds.draft, view, view_by_program),
    "L02": (worlds.draft, edit, edit_by_program),
    "L03": (worlds.draft, upload, upload_by_program),
    "L04": (worlds.draft, download, download_by_program),
    "L05": (worlds.draft, remove, remove_by_program),
    "L06": (worlds.draft, form("proposals:delete")),
    "L07": (worlds.draft, submit, submit_by_program),
    "L08": (worlds.draft, tries.listed, tries.listed_by_program),
    "L09": (worlds.late_draft, view, view_by_program),
    "L10": (worlds.late_draft, edit, upload, remove, edit_by_program, upload_by_program),
    "L11": (worlds.late_draft, submit, submit_by_program),
    "L12": (worlds.submitted, view, view_by_program),
    "L13": (worlds.submitted, reopen, reopen_by_program),
    "L14": (worlds.submitted, withdraw, withdraw_by_program),
    "L15": (worlds.submitted, download, download_by_program),
    "L16": (worlds.submitted, page("proposals:receipt")),
    "L17": (worlds.submitted, page("panel:intake", of="")),
    "L18": (worlds.closed, view, view_by_program),
    "L19": (worlds.closed, edit, upload, reopen, edit_by_program, reopen_by_program),
    "L20": (worlds.closed, withdraw, withdraw_by_program),
    "L21": (worlds.submitted, propose_opening),
    "L22": (worlds.closed, propose_opening),
    "L23": (worlds.opening_proposed, form("decisions:opening_approve", sent.the_proposal, of="")),
    "L24": (worlds.opened, panel_view),
    "L25": (worlds.opened, panel_download),
    "L26": (worlds.opened, tries.listed),
    "L27": (
        worlds.opened,
        *(edit, upload, remove, reopen),
        *(edit_by_program, upload_by_program, remove_by_program, reopen_by_program),
    ),
    "L28": (worlds.opened, tries.stored_file),
    "L29": (worlds.quarantined, download),
    "L30": (worlds.withdrawn, view),
    "L31": (worlds.draft, form("proposals:edit", sent.not_writable, of="section")),
    # conflicts and who reads what
    "C01": (
        worlds.opened,
        _answer,
        by_role(_answer, ra=program("put", "reviews/{review}/conflict", sent.an_answer)),
    ),
    "C02": (
        worlds.opened,
        page("panel:conflicts", of=""),
        page("panel:conflicts_csv", of=""),
        page("panel:conflicts_xlsx", of=""),
    ),
    "C03": (worlds.opened, tries.remove_conflict),
    "C04": (worlds.planned, tries.against("ru"), tries.planned_for("ru")),
    "C05": (worlds.planned, tries.against("rc"), tries.planned_for("rc")),
    "C06": (
        worlds.planned,
        tries.who_is_assigned,
        tries.who_is_planned,
        program("get", "panel/assignments?round=PRELIMINARY&letter={letter}"),
    ),
    "C07": (worlds.opened, tries.against("")),
    "C08": (worlds.read_by_another, tries.named_reader),
    # what the marks add up to
    "V12": (worlds.frozen, *rankings, ranking_by_program),
    "E01": (worlds.opened, page("panel:letters_csv", of=""), page("panel:letters_xlsx", of="")),
    "E02": (worlds.scored, *(page(f"panel:{name}", of="round") for name in SCORES)),
    "E08": (worlds.scored, *(page(f"panel:{name}", of="round") for name in WHO_READS)),
    # the criteria, and what the size rule makes of the marks
    "K01": (worlds.weighed, form("panel:edit_criteria", sent.other_weights, of="")),
    "K02": (worlds.reviewing, form("panel:edit_criteria", sent.other_weights, of="")),
    "K03": (worlds.reviewing, page("panel:criteria", of="")),
    "K04": (worlds.frozen, page("decisions:shortlist", of="decided round")),
    # the portfolio
    "K05": (
        worlds.weighed_up,
        page("decisions:portfolio", of="decided round"),
        page("decisions:portfolio_rules", of="rules"),
    ),
    "K06": (
        worlds.weighed_up,
        *(page(f"decisions:{name}", of="scenario") for name in sent.SCENARIO_PAGES),
    ),
    "K07": (worlds.weighed_up, form("decisions:sign_rules", sent.other_rules, of="decided round")),
    "K08": (worlds.weighed_up, form("decisions:adopt_scenario", sent.a_vote, of="scenario")),
    "E04": (worlds.packed, page("panel:pack_file", of="pack")),
    "E03": (
        worlds.decided,
        page("decisions:decisions_csv", of="round kind"),
        page("decisions:decisions_xlsx", of="round kind"),
        program("get", "decisions"),
    ),
    # the fuller proposal
    "F01": (
        worlds.opened,
        *(page(f"proposals:{name}") for name in sent.FULLER_PAGES),
        form("proposals:fuller_edit", sent.figures),
        form("proposals:fuller_files", sent.a_scheme),
        form("proposals:fuller_submit", sent.a_click),
    ),
    "F02": (worlds.shortlisted, page("proposals:fuller")),
    "F03": (
        worlds.shortlisted,
        page("proposals:fuller_edit"),
        page("proposals:fuller_files"),
        form("proposals:fuller_edit", sent.figures),
        form("proposals:fuller_files", sent.a_scheme),
    ),
    "F04": (
        worlds.shortlisted,
        page("proposals:fuller_submit"),
        form("proposals:fuller_submit", sent.a_click),
    ),
    "F05": (
        worlds.fuller_due,
        form("proposals:fuller_edit", sent.figures),
        form("proposals:fuller_files", sent.a_scheme),
    ),
    "F06": (worlds.fuller_due, form("proposals:fuller_submit", sent.a_click)),
    "F07": (worlds.fuller_filed, page("proposals:fuller_receipt")),
    "F08": (worlds.shortlisted, page("panel:fuller_due", of="final round"), move_due),
    "F09": (worlds.reviews_due, move_due),
    # the panel's meeting about the letter
    "M01": (worlds.meeting, _of_meeting("meeting"), _of_meeting("meeting_screen")),
    "M02": (
        worlds.meeting,
        tries.names_the_letter("meeting"),
        tries.names_the_letter("meeting_screen"),
    ),
    "M03": (worlds.meeting, _of_meeting("meeting_consensus", "item")),
    "M04": (worlds.meeting, tries.decide),
    "M05": (worlds.minuted, _of_meeting("meeting_minutes")),
    "M06": (worlds.minuted, tries.names_the_letter("meeting_minutes")),
    # decisions: the proposal of the publication is what locks them
    "D01": (worlds.decided, _decide),
    "D02": (worlds.decided, _propose),
    "D03": (worlds.proposed, _second(sent.KEY)),
    "D04": (worlds.proposed, _decide),
    "D05": (worlds.decided, _decision, _decisions_by_program),
    "D06": (worlds.proposed, tries.tells(worlds.REASON)),
    "D07": (worlds.told, _own_decision, _own_decision_by_program),
    "D08": (
        worlds.selected,
        page("results", of=""),
        page("results", of="call"),
        program("get", "results"),
        program("get", "results/{call}"),
    ),
    "D09": (
        worlds.told,
        page("decisions:round", of="decided round"),
        page("decisions:round", of="named round"),
    ),
    "D10": (
        worlds.told,
        form("decisions:correct", sent.other_words, of="decided round and letter"),
        page("decisions:correct", of="decided round and letter"),
        page("decisions:correct", of="named round and letter"),
    ),
    "D11": (
        worlds.corrected,
        form("decisions:release_correction", sent.the_reference, of="correction"),
    ),
    "D12": (worlds.told, _decide),
    # the publication
    "P01": (worlds.decided, _propose),
    "P02": (worlds.proposed, _second(sent.KEY), _second(sent.KEY, **_IN_A_YEAR)),
    "P03": (worlds.unrendered, _second(sent.KEY), _second(sent.KEY, **_IN_A_YEAR)),
    "P04": (worlds.told, _second(worlds.RELEASE_KEY)),
    "P05": (worlds.told, _second(sent.KEY)),
    "P06": (worlds.selection_proposed, tries.neutral),
    "P07": (
        worlds.selected,
        page("results", of=""),
        page("results_csv", of=""),
        page("results_pdf", of=""),
        page("results_feed", of=""),
        page("results_picture", of=""),
        page("results_text", of=""),
        program("get", "results"),
        *(page(name, of="call") for name in ("results", *tries.FILES)),
        program("get", "results/{call}"),
    ),
    # the call
    "S01": (worlds.draft, page("call", of=""), tries.public_call),
    "S02": (worlds.draft, propose_extension),
    "S03": (
        worlds.extension_proposed,
        form("decisions:extension_approve", sent.the_proposal, of=""),
    ),
    "S04": (worlds.closed, propose_extension),
    "S05": (worlds.draft, form("decisions:extension_propose", sent.an_earlier_cutoff, of="")),
    "S06": (worlds.draft, tries.nowhere("/clock/", "/demo/", "/demo/travel/")),
    "S07": (worlds.draft, page("admin:index", of="")),
    "S08": (worlds.draft, tries.nowhere(*CONTENT_IN_ADMIN)),
    "S09": (worlds.draft, page("health-live", of="")),
    # There is no other page about queues. The description of the calls is read with any token
    # (tests/test_front_door.py): whoever may call must know how.
    "S10": (worlds.draft, page("metrics", of="")),
    "S11": (worlds.plan_failed, form("operations:plan", sent.a_reason, of="plan")),
    "S12": (worlds.submitted, page("verify", of="")),
    # reviews
    "V01": (
        worlds.reviewing,
        *(_review, review_form(sent.a_review), review_by_program, save_by_program),
    ),
    "V02": (worlds.reviewing, review_form(sent.a_review_to_file), file_by_program),
    "V03": (worlds.review_filed, _review, review_by_program),
    "V04": (
        worlds.review_filed,
        by_role(
            form("reviews:reopen", of="assignment"),
            rc=form("reviews:reopen", of="ended assignment"),
        ),
        program("post", "reviews/{review}/reopen"),
    ),
    "V05": (
        worlds.past_due,
        *(
            review_form(sent.a_review),
            review_form(sent.a_review_to_file),
            save_by_program,
            file_by_program,
        ),
    ),
    "V06": (worlds.ranked, review_form(sent.a_review), save_by_program, file_by_program),
    "V07": (worlds.reviewing, _others),
    "V08": (worlds.review_filed, _others),
    "V09": (worlds.review_filed, tries.names_the_reviewer),
    "V10": (worlds.review_filed, _others),
    "V11": (worlds.scored, page("panel:discussions", of="round"), *rankings, ranking_by_program),
    "V13": (
        worlds.review_filed,
        by_role(page("reviews:review", of="assignment"), ch=_panel_talk, cc=_panel_talk),
        by_role(_foreign_review_by_program, ch=_panel_talk, cc=_panel_talk),
    ),
    "V14": (worlds.told, tries.tells(worlds.CLEARED)),
    "V15": (worlds.told, tries.tells(worlds.CONFIDENTIAL)),
    "V16": (
        worlds.archived,
        _in_the_archive(_review),
        _in_the_archive(_others),
        _in_the_archive(_talk),
        _in_the_archive(review_by_program),
    ),
    "V17": (worlds.reviewing, _talk, _say),
    "V18": (worlds.review_filed, _talk, _say),
    # decision letters
    "T01": (worlds.proposed, page("decisions:preview", of="decision letter")),
    "T02": (worlds.proposed, page("decision_letters:pdf")),
    "T03": (worlds.told, page("decision_letters:pdf")),
    "T04": (worlds.told_to_others, page("decision_letters:pdf")),
    "T05": (worlds.told, tries.told_letter_again),
    "T07": (worlds.told, tries.verified_by_code),
    "T08": (
        worlds.decided,
        page("decisions:wording", of="decided round"),
        page("decisions:texts", of="texts"),
        form("decisions:texts", sent.other_texts, of="texts"),
        form("decisions:draft", sent.other_texts, of="texts"),
    ),
    # mail
    "T06": (worlds.mailed_of_a_decision, form("operations:mail", sent.a_reason, of="mail")),
    "T10": (worlds.mail_of_a_decision_refused, tries.the_refused_mail_again),
    "T09": (worlds.mailed_of_a_decision, page("operations:ledger", of="")),
    # people
    "U01": (worlds.draft, page("accounts:everybody", of=""), page("accounts:everybody_csv", of="")),
    "U02": (worlds.draft, tries.find_people, tries.who_is_found),
    "U05": (worlds.draft, tries.change_own_roles),
    "U06": (worlds.accepted, form("panel:grant_reviewers", sent.who_accepted, of="")),
    "U07": (worlds.with_a_newcomer, form("accounts:publishers", sent.the_newcomer, of="")),
    "U08": (worlds.publishers_proposed, tries.approve_own_proposal),
    "U09": (worlds.with_a_colleague, form("accounts:person_factor", sent.a_reason, of="member")),
    "U12": (worlds.with_a_colleague, form("accounts:person_account", sent.to_close, of="member")),
    "U03": (worlds.draft, page("accounts:members", of="agency")),
    "U04": (worlds.draft, form("accounts:members", sent.an_invitation, of="agency")),
    "U10": (
        worlds.draft,
        tries.nowhere("/admin/accounts/user/login-as/", "/accounts/impersonate/"),
    ),
    "U11": (worlds.draft, page("accounts:preferences", of="")),
    "A01": (worlds.submitted, page("audit:log", of="")),
    "A02": (worlds.submitted, page("agency_record", of="agency")),
    "A03": (worlds.submitted, *(form(f"audit:{name}", of="") for name in sent.RECORD)),
    "A04": (worlds.submitted, page("chain_heads", of="")),
    "A05": (worlds.submitted, page("audit:export", of="")),
    # one letter's dossier
    "A06": (
        worlds.told,
        page("decision_letters:dossiers"),
        form("decision_letters:dossiers", sent.a_reason),
    ),
    "A07": (worlds.opened, form("decision_letters:dossiers", sent.a_reason)),
    "E07": (worlds.with_a_dossier, page("decision_letters:dossier_file", of="dossier")),
    # programs
    "E05": (worlds.draft, page("own_data", of="")),
    "E06": (worlds.draft, tries.write_with_a_key_that_reads),
}

# Where the portal means to answer otherwise than the matrix. That a chair is in conflict is
# not asked where letters are counted or read by their agency; and the publishers' pages about the
# call are not there for such a chair, whether they open letters (as the matrix has it) or extend.
# The register leaves out the letters a chair is in conflict with, or with one conflict a chair
# could rule on none; that a conflict of somebody else is on record for such a letter is not even
# known there (404). The panel's pages tell a reviewer by role that they are not hers or his (403),
# whatever letter the address names: so the answer says nothing about that letter.
# Whoever is not signed in is sent to the log-in page, whether there is such a file or not.
# Reviewers are told as little of a table of decisions as of the decisions themselves (D05).
# What the chair cleared for the agency is part of the decision, which after the release everybody
# of D07 reads. A reviewer who declared a conflict is told why the own review is shut; every
# reviewer of the call knows that there are aggregates, and a chair sees those of other letters.
# Reviewers have no list of decisions, before the release and after it, and so are not told of one;
# a chair in conflict has it without the letter.
# Whoever is told that an opened letter is there and not for them (L24) is told so of editing it;
# a reviewer reads it in rooms of an own, where nothing of it can be edited, and its agency's pages
# are not there for any reviewer. That nobody edits it by any address: test_opened_letters_stay.py.
# Finding a reviewer, or knowing that somebody has an account, says nothing of any letter: whether a
# chair is in conflict is not asked.
OTHERWISE = {
    **{("L27", role): "3" for role in ("cc", "p1", "p2", "au")},
    ("L27", "ra"): "4",
    ("U02", "cc"): "2",
    ("U09", "cc"): "3",
    ("C02", "cc"): "2",
    ("C03", "cc"): "4",
    ("C03", "ru"): "3",
    ("C06", "ru"): "3",
    ("V03", "rc"): "3",
    ("L17", "cc"): "2",
    ("L30", "cc"): "3",
    **{(row, "cc"): "4" for row in ("S02", "S03", "S04", "S05")},
    **{(row, "cc"): "2" for row in ("V11", "V12", "E01", "E02", "E03")},
    ("E04", "an"): "L",
    ("A03", "au"): "405",
    **{("E03", role): "4" for role in ("ra", "ru", "rc")},
    **{("V14", role): "+" for role in ("cc", "ad", "p1", "p2", "au")},
    **{(row, role): "3" for row in ("V11", "V12") for role in ("ru", "rc")},
    ("D09", "ra"): "4",
    ("D09", "cc"): "2",
}

# What the matrix promises and this table does not try, and where it is tried or why not.
LATER = {
    "there is no way to, as tests/authorisation/test_no_such_way.py tries": {"V19", "V20"},
}
