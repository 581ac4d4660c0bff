"""What colleagues of one agency tell each other beside a letter: comments, and who is here."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from chang_e8_portal import clock
from proposals import actions
from proposals.forms import PLACES, CommentForm, typed
from proposals.models import Comment, CommentsRead
from proposals.sections import SECTIONS
from proposals.views.access import letter_for, only_expected


@require_http_methods(["GET", "HEAD", "POST"])
def comments(request, pk):
    """All comments of a letter, for everybody of its agency; a POST writes one more."""
    letter = letter_for(request, pk, "comment")
    if request.method != "POST":
        return _all_comments(request, letter, CommentForm(initial={"section": "a"}))
    only_expected(request.POST, {"section", "text", "back"})
    form = CommentForm(request.POST)
    if not form.is_valid():
        return _all_comments(request, letter, form, status=422)
    try:
        actions.comment(letter, actor=request.user, **form.cleaned_data)
    except actions.Refused as refusal:
        return _hand_back(request, letter, refusal)
    return redirect(_back(request, letter, form.cleaned_data["section"]))


comments.hands_back = typed.answers


@require_POST
def settle(request, pk, comment_pk):
    """Say that a comment is settled (`settled` is 1) or open again (0)."""
    letter, remark = _comment_for(request, pk, comment_pk)
    only_expected(request.POST, {"settled", "back"})
    actions.settle(remark, settled=request.POST.get("settled") == "1", actor=request.user)
    return redirect(_back(request, letter, remark.section))


@require_POST
def delete_comment(request, pk, comment_pk):
    letter, remark = _comment_for(request, pk, comment_pk)
    only_expected(request.POST, {"back"})
    actions.delete_comment(remark, actor=request.user)
    return redirect(_back(request, letter, remark.section))


@require_POST
def read(request, pk):
    """Remember that this person has read every comment of the letter."""
    letter = letter_for(request, pk, "comment")
    only_expected(request.POST, ())
    for section in PLACES:
        actions.read_comments(letter, section=section, actor=request.user, at=clock.now())
    return redirect("proposals:comments", letter.pk)


@require_POST
def here(request, pk, key):
    """The beat of an open page: I am here, who else is?

    Sent every 20 seconds by the page itself: `X-Requested-With: heartbeat` says that a script asks,
    `X-Portal-Poll: 1` that nobody counts as active who only left a page open.
    """
    letter = letter_for(request, pk, "edit")
    if key not in PLACES:
        raise Http404
    only_expected(request.POST, ())
    at = clock.now()
    others = actions.be_here(letter, section=key, actor=request.user, at=at)
    actions.read_comments(letter, section=key, actor=request.user, at=at)
    return render(request, "proposals/here.html", {"others": others, "key": key})


def counts(letter, user) -> dict:
    """Section to (open comments, those new to this person); see CommentQuerySet.counts_for."""
    return letter.comments.counts_for(user, read=CommentsRead.objects.all())


def thread(letter, key) -> list[Comment]:
    """The comments beside one section, oldest first."""
    found = letter.comments.filter(section=key).select_related("author", "settled_by")
    return list(found)


def _all_comments(request, letter, form, *, status=200):
    found = letter.comments.select_related("author", "settled_by")
    threads = [
        {"key": key, "title": title, "comments": [one for one in found if one.section == key]}
        for key, title in PLACES.items()
    ]
    new = sum(number for _open, number in counts(letter, request.user).values())
    context = {
        "letter": letter,
        "threads": [one for one in threads if one["comments"]],
        "places": PLACES.items(),
        "form": form,
        "new": new,
        "can_comment": letter.is_editable and letter.call.is_open_at(clock.now()),
    }
    return render(request, "proposals/comments.html", context, status=status)


def _comment_for(request, pk, comment_pk):
    letter = letter_for(request, pk, "comment")
    visible = Comment.objects.visible_to(request.user).filter(letter=letter)
    return letter, get_object_or_404(visible.select_related("letter"), pk=comment_pk)


def _back(request, letter, section):
    """To the page one came from: the section in the editor, or all comments."""
    if request.POST.get("back") == "editor" and section in SECTIONS:
        return redirect("proposals:edit", letter.pk, section).url + "#comments"
    return redirect("proposals:comments", letter.pk).url


def _hand_back(request, letter, refusal):
    context = {
        "letter": letter,
        "typed": typed.answers(request.POST),
        "sentence": str(refusal),
        "kicker": _("Comment"),
    }
    return render(request, "proposals/handed_back.html", context, status=409)
