from django.utils.translation import gettext as _

from reviews.forms.review import MarksForm


class PracticeForm(MarksForm):
    """The marks of a review without the rest of it; every criterion wants one."""

    use_required_attribute = False

    def clean(self):
        data = super().clean()
        for criterion in self.criteria:
            name = f"mark-{criterion.code}"
            if name in data and not data[name]:
                self.add_error(name, _("Give a mark, or say that you cannot judge this."))
        return data
