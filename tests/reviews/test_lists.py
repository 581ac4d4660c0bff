import pytest
from django.urls import reverse

from accounts.states import Role
from reviews.views import lists
from tests import make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1", "\n=1", "\tx", "\ufeff=1"]
)
def test_a_cell_that_would_run_is_text(cell):
    [_header, row] = lists.as_csv("x.csv", ["a"], [[cell]]).content.decode().split("\r\n", 1)
    assert row.lstrip('"').startswith("'")


@pytest.mark.parametrize("cell", ["1+1", "a=b", "", None, 4, "CE8-2023-0001", "月球"])
def test_other_cells_stay_as_they_are(cell):
    body = lists.as_csv("x.csv", ["a"], [[cell]]).content.decode("utf-8-sig")
    assert body.split("\r\n")[1].strip('"') == ("" if cell is None else str(cell))


@pytest.fixture
def many(client, it_is):
    """Thirty letters to screen: two pages."""
    call, agency = make.call(), make.agency()
    for _ in range(30):
        make.letter(call=call, agency=agency, state="SUBMITTED")
    make.opened(call)
    client.force_login(make.user(Role.CHAIR))
    return reverse("panel:screening")


@pytest.mark.parametrize(
    ("page", "number"),
    [("", 1), ("2", 2), ("-1", 2), ("0", 2), ("1000000000", 2), ("x", 1), ("1e9", 1)],
)
def test_a_page_out_of_range_is_the_nearest(client, many, page, number):
    # Bad input IN13.
    assert client.get(many, {"page": page}).context["page"].number == number


@pytest.mark.parametrize("sort", ["password", "-agency__members__password", "--title", "-", "'"])
def test_an_unknown_order_is_the_usual_one(client, many, sort):
    # Bad input IT23.
    response = client.get(many, {"sort": sort})
    assert (response.status_code, response.context["sort"]) == (200, "reference")


@pytest.mark.parametrize("q", ["%", "_", "*", "\\", "' OR 1=1--", "zz " * 5000])
def test_odd_searches_find_nothing_and_break_nothing(client, many, q):
    # Bad inputs IT23, IT24.
    response = client.get(many, {"q": q})
    assert (response.status_code, len(response.context["page"])) == (200, 0)


def test_filters_order_and_page_stay_in_the_address(client, many):
    body = client.get(many, {"level": "UNIT", "sort": "-agency"}).content.decode()
    assert "level=UNIT&amp;sort=-agency&amp;page=2" in body
    assert "level=UNIT&amp;sort=agency" in body
    assert '<option value="UNIT" selected>' in body
