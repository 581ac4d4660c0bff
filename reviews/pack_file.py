"""Papers put together as one file: a PDF with bookmarks, or a ZIP. No database.

Joining keeps what makes each paper readable to a screen reader. qpdf copies pages; the tree of
their structure, the numbers by which pages find their place in it, and the bookmarks are carried
over here.
"""

import zipfile
from collections.abc import Iterable
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, OutlineItem, Pdf


def pages_in(path: Path) -> int:
    with Pdf.open(path) as pdf:
        return len(pdf.pages)


def join(parts: list[Path], out: Path, *, link: str) -> None:
    """Write the PDFs `parts` as one, the first one's title and colours with it.

    A link of the first to `link` and a number leads to the first page of that part.
    """
    with Pdf.open(parts[0]) as whole:
        starts, bookmarks = [0], []
        for path in parts[1:]:
            starts.append(len(whole.pages))
            with Pdf.open(path) as part:
                bookmarks += _append(whole, part)
        with whole.open_outline() as outline:
            outline.root.extend(bookmarks)
        _lead(whole, starts, link)
        # What opens in a window shows its bookmarks.
        whole.Root.PageMode = Name.UseOutlines
        whole.save(out, deterministic_id=True)


def zipped(entries: Iterable[tuple[str, Path]], out: Path) -> None:
    """Write these files under their names; what was compressed before is stored as it is."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, allowZip64=True) as made:
        for name, path in entries:
            # A ZipInfo knows no time of its own: 1980, where the format begins.
            with (
                path.open("rb") as source,
                made.open(zipfile.ZipInfo(name), "w", force_zip64=True) as copy,
            ):
                while data := source.read(1 << 20):
                    copy.write(data)


def _append(whole, part) -> list[OutlineItem]:
    """Add the pages of `part` with their structure; answer its bookmarks."""
    start = len(whole.pages)
    whole.pages.extend(part.pages)
    added = list(whole.pages)[start:]
    root = whole.Root.StructTreeRoot
    numbers = root.ParentTree.Nums
    first = int(numbers[-2]) + 1 if len(numbers) else 0
    tree = whole.copy_foreign(part.Root.StructTreeRoot)
    for page in added:
        _shift(page.obj, Name.StructParents, first)
        for annotation in page.obj.get(Name.Annots, []):
            _shift(annotation, Name.StructParent, first)
    theirs = tree.ParentTree.Nums
    for at in range(0, len(theirs), 2):
        numbers.append(int(theirs[at]) + first)
        numbers.append(theirs[at + 1])
    root.K = Array([*_each(root.K), *_each(tree.K)])
    for element in _each(tree.K):
        element.P = root
    with part.open_outline() as outline:
        return [_moved(item, part, added) for item in outline.root]


def _shift(thing, name, by):
    if name in thing:
        thing[name] = int(thing[name]) + by


def _each(kids) -> list:
    return list(kids) if isinstance(kids, Array) else [kids]


def _moved(item, part, added) -> OutlineItem:
    """A bookmark of `part`, to the page as it now stands in the whole."""
    page = pikepdf.Page(item.destination[0]).index
    moved = OutlineItem(item.title, Array([added[page].obj, *list(item.destination)[1:]]))
    moved.is_closed = True
    moved.children.extend(_moved(child, part, added) for child in item.children)
    return moved


def _lead(whole, starts, link):
    for page in list(whole.pages)[: starts[1] if len(starts) > 1 else None]:
        for annotation in page.obj.get(Name.Annots, []):
            address = str(annotation.get(Name.A, Dictionary()).get(Name.URI, ""))
            if address.startswith(link):
                target = whole.pages[starts[int(address.removeprefix(link))]]
                del annotation[Name.A]
                annotation.Dest = Array([target.obj, Name.Fit])
