"""Long lists of programs, page by page."""

from django.core.paginator import Paginator

PAGE, LARGEST_PAGE = 20, 100


def page_of(request, rows):
    """The page that the address asks for; a number beyond what there is gives the nearest one."""
    size = _number(request.GET.get("page_size"), PAGE)
    pages = Paginator(rows, max(1, min(size, LARGEST_PAGE)))
    return pages.page(max(1, min(_number(request.GET.get("page"), 1), pages.num_pages)))


def of(page, written) -> dict:
    """A page as every list answers it; `written` makes one item of a row."""
    return {
        "items": [written(row) for row in page],
        "page": page.number,
        "pages": page.paginator.num_pages,
        "count": page.paginator.count,
    }


def _number(text, otherwise) -> int:
    """A number out of an address, however large or wrong it is."""
    if not (text and text.isascii() and text.isdigit()):
        return otherwise
    return int(text[:9])
