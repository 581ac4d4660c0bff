"""What WeasyPrint leaves open: PDF/UA-1 beside PDF/A-2a, right names of glyphs, small fonts."""

import io
import re

import pikepdf

from proposals.printing.naming_glyphs import corrected
from proposals.printing.slimming import slimmed

# "This is PDF/UA-1", and, because PDF/A knows only its own schemas, what that schema is.
_UA = """<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 the file conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description></rdf:RDF>"""
_PARAGRAPH = re.compile(r"<p\b([^>]*)>")
_LANGUAGE = re.compile(r'\blang="([\w-]+)"')


def finished(pdf: bytes, html: str) -> bytes:
    """The same paper as a file that also says it is accessible (ISO 14289-1).

    Paragraphs get the language they are in, and viewers are told in which direction to turn pages.
    The same bytes for the same input.
    """
    with pikepdf.open(io.BytesIO(pdf)) as file:
        about = file.Root.Metadata.read_bytes().decode()
        file.Root.Metadata.write(about.replace("</rdf:RDF>", _UA).encode())
        right = 'dir="rtl"' in html[:200]
        file.Root.ViewerPreferences = pikepdf.Dictionary(
            DisplayDocTitle=True, Direction=pikepdf.Name("/R2L" if right else "/L2R")
        )
        _name_languages(file, html)
        _scope_headings(file.Root.StructTreeRoot)
        for thing in file.objects:
            if isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") == "/OpenType":
                thing.write(slimmed(thing.read_bytes()))
            elif isinstance(thing, pikepdf.Dictionary) and "/ToUnicode" in thing:
                table = thing.ToUnicode.read_bytes()
                thing.ToUnicode.write(corrected(table, str(thing.BaseFont)))
        done = io.BytesIO()
        file.save(done, deterministic_id=True)
    return done.getvalue()


def _name_languages(file, html):
    """Set the language of each paragraph that has one of its own in the HTML."""
    languages = [_LANGUAGE.search(attributes) for attributes in _PARAGRAPH.findall(html)]
    paragraphs = list(_paragraphs(file.Root.StructTreeRoot)) if any(languages) else []
    # A paragraph that a page break divides may be two in the file; then none can be told for sure.
    if len(paragraphs) == len(languages):
        for paragraph, language in zip(paragraphs, languages, strict=True):
            if language:
                paragraph.Lang = pikepdf.String(language[1])


def _paragraphs(element):
    if element.get("/S") == "/P":
        yield element
    for child in _children(element):
        yield from _paragraphs(child)


def _scope_headings(element):
    """Say of each heading of a table whether it is that of a column or of a row."""
    cells = list(_children(element))
    if element.get("/S") == "/TR":
        whole = all(cell.S == "/TH" for cell in cells)
        for cell in cells:
            if cell.S == "/TH":
                _attribute(cell, "Column" if whole and len(cells) > 1 else "Row")
    for cell in cells:
        _scope_headings(cell)


def _attribute(cell, scope):
    """Add the scope to what the cell already says of itself (as that it spans two columns)."""
    said = cell.get("/A")
    if isinstance(said, pikepdf.Dictionary) and said.get("/O") == "/Table":
        said.Scope = pikepdf.Name(f"/{scope}")
        return
    there = [] if said is None else list(said) if isinstance(said, pikepdf.Array) else [said]
    ours = pikepdf.Dictionary(O=pikepdf.Name.Table, Scope=pikepdf.Name(f"/{scope}"))
    cell.A = pikepdf.Array([*there, ours])


def _children(element):
    children = element.get("/K", [])
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            yield child
