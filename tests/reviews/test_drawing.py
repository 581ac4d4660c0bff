"""What is drawn without templates of its own escapes what people wrote."""

from types import SimpleNamespace
from uuid import uuid4

from django import forms
from django.template import Context, Template

from proposals import reading
from reviews.forms.fields import WrittenOut
from reviews.models import Criterion

EVIL = """</textarea><script>alert("1' & 2")</script>"""


class Form(forms.Form):
    text = forms.CharField(widget=WrittenOut(attrs={"data-x": EVIL, "hidden": True, "lang": False}))
    mark = forms.ChoiceField(choices=[("1.5", "1.5"), (EVIL, EVIL)], widget=forms.RadioSelect)


def drawn(source, **context):
    return Template("{% load drawing marks_drawing panel_display call_text %}" + source).render(
        Context(context)
    )


def parts_drawn():
    form = Form({"text": EVIL, "mark": EVIL}, auto_id=f"{EVIL}%s")
    criterion = Criterion(anchors=[{"en": EVIL}])
    yield drawn("{{ field }}", field=form["text"])
    for tag in ("scale", "choice"):
        yield drawn("{% " + tag + " field %}", field=form["mark"])
    yield drawn("{% anchors criterion %}", criterion=criterion)
    yield drawn("{% advice_on field advice %}", field=form["text"], advice={"text": [EVIL]})
    criterion.code = criterion.short = EVIL
    row = SimpleNamespace(
        pk=uuid4(), reference=EVIL, title=EVIL, title_zh="", asked=False, state=EVIL
    )
    line = {"row": row, "marks": {EVIL: None}, "apart": {EVIL}, "marked": 1, "total": None}
    yield drawn("{% own_marks lines criteria %}", lines=[line], criteria=[criterion])
    agency = SimpleNamespace(name=EVIL, name_zh="", place=EVIL)
    letter = SimpleNamespace(reference=EVIL, title=EVIL, title_zh="", agency=agency)
    given = SimpleNamespace(pk=uuid4(), letter=letter, asked=False, is_nameless=False)
    yield drawn("{% queue_cell given %}", given=given)
    for kind, value in (
        (reading.WORD, EVIL),
        (reading.TEXT, EVIL),
        (reading.LIST, [EVIL, EVIL]),
        (reading.ROWS, [[("Name", EVIL), (EVIL, EVIL)]]),
    ):
        yield drawn("{% said answer %}", answer=reading.Answer("x", "X", value, kind))


def test_nothing_anybody_wrote_becomes_markup():
    for html in parts_drawn():
        assert "<script>" not in html
        assert "&lt;script&gt;" in html


def test_a_text_area_is_the_one_django_draws():
    form = Form({"text": "one\ntwo", "mark": "1.5"})
    plain = forms.Textarea(attrs=form.fields["text"].widget.attrs)
    attrs = {"id": "id_text", "aria-describedby": "more"}
    written = form.fields["text"].widget.render("text", "\n & one", attrs)
    assert written == plain.render("text", "\n & one", attrs)


def test_the_chosen_mark_is_checked_and_no_other():
    html = drawn("{% scale field %}", field=Form({"mark": "1.5"})["mark"])
    assert html.count("checked") == 1
    assert 'value="1.5" id="id_mark_0" checked' in html
    assert html.count('class="is-half"') == 1
