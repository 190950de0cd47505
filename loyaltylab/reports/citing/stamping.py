"""The DOI of a run in the files of its exhibits: put in when an archive has given one, and taken out again to the byte.

The manifest knows a file as the run wrote it, so that a run stays the same whether or not it was deposited. Each kind of file has
room for a DOI where programs look for one: an svg `dc:relation`, a png a text, a pdf its properties and XMP, a card an entry.
"""

from __future__ import annotations

import html
import json
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

#: Where what is added to a pdf begins; all of it stands after the file as it was, as PDF has it for changes.
_ADDED = b"\n% DOI of the report\n"


def stamp(folder: Path, doi: str) -> None:
    """Put a DOI into every exhibit of a run's folder, in the place of the one that was there; an empty one takes it out."""
    for path in sorted((folder / "exhibits").glob("[!.]*")):
        if path.suffix in _KINDS and (done := stamped(before := path.read_bytes(), path.suffix, doi)) != before:
            scratch = path.with_name(f".{path.name}")
            scratch.write_bytes(done)
            scratch.replace(path)


def stamped(content: bytes, suffix: str, doi: str) -> bytes:
    """A file of an exhibit with this DOI inside, and no other.

    >>> card = b'{\\n "id": "fig-a"\\n}\\n'
    >>> stamped(stamped(card, ".json", "10.5281/zenodo.1"), ".json", "10.5281/zenodo.2")
    b'{\\n "doi": "10.5281/zenodo.2",\\n "id": "fig-a"\\n}\\n'
    >>> stamped(_, ".json", "") == card
    True
    """
    put_in, inside = _KINDS[suffix]
    bare = inside.sub(b"", content)
    return put_in(bare, doi) if doi else bare


def as_written(name: str, content: bytes, doi: str) -> bytes:
    """A file of an exhibit as its run wrote it: without the run's own DOI. Any other stays inside, and shows as a change."""
    suffix = Path(name).suffix
    if not doi or suffix not in _KINDS or stamped(content, suffix, doi) != content:
        return content
    return stamped(content, suffix, "")


def _address(doi: str) -> str:
    return html.escape(f"https://doi.org/{doi}", quote=False)


def _in_svg(content: bytes, doi: str) -> bytes:
    return content.replace(b"</cc:Work>", f"<dc:relation>{_address(doi)}</dc:relation>\n</cc:Work>".encode(), 1)


def _in_png(content: bytes, doi: str) -> bytes:
    body = b"iTXtDOI" + bytes(5) + doi.encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return content[:-12] + chunk + content[-12:]  # before its end


def _in_card(content: bytes, doi: str) -> bytes:
    return content.replace(b"{\n", f'{{\n "doi": {json.dumps(doi, ensure_ascii=False)},\n'.encode(), 1)


def _in_pdf(content: bytes, doi: str) -> bytes:
    """Its properties and its XMP anew at the end, which is how a PDF is changed: what was there stays as it is."""
    trailer = re.search(
        rb"trailer\n<<(/Size \d+/Root \d+ 0 R/Info (\d+) 0 R.*?)>>\nstartxref\n(\d+)\n%%EOF\s*$", content, re.S
    )
    found = [re.search(rb"\n%s 0 obj\n(<<.*?>>)\nendobj" % trailer[2], content, re.S)] if trailer else []
    found += [re.search(rb"\n(\d+) 0 obj\n<</Length \d+/Type/Metadata/Subtype/XML>>\nstream\n(.*?)\nendstream", content, re.S)]  # fmt: skip
    if not (trailer and all(found)):
        return content
    properties, known = found
    about = properties[1][:-2] + b"/DOI<feff" + doi.encode("utf-16-be").hex().encode() + b">>>"
    said = f'<dc:relation><rdf:Bag><rdf:li>{_address(doi)}</rdf:li></rdf:Bag></dc:relation><prism:doi xmlns:prism="http://prismstandard.org/namespaces/basic/3.0/">{html.escape(doi, quote=False)}</prism:doi>'
    packet = known[2].replace(b"</rdf:Description>", said.encode() + b"</rdf:Description>", 1)
    stream = b"<</Length %d/Type/Metadata/Subtype/XML>>\nstream\n%s\nendstream" % (len(packet), packet)
    done, places = content + _ADDED, b"0 1\n0000000000 65535 f \n"
    for number, written in sorted([(int(trailer[2]), about), (int(known[1]), stream)]):
        places += b"%d 1\n%010d 00000 n \n" % (number, len(done))
        done += b"%d 0 obj\n%s\nendobj\n" % (number, written)
    return done + b"xref\n%strailer\n<<%s/Prev %s>>\nstartxref\n%d\n%%%%EOF" % (
        places,
        trailer[1],
        trailer[3],
        len(done),
    )


#: Suffix → what puts a DOI in, and what it looks like there.
_KINDS: dict[str, tuple[Callable[[bytes, str], bytes], re.Pattern[bytes]]] = {
    ".svg": (_in_svg, re.compile(rb"<dc:relation>https://doi\.org/[^<\n]*</dc:relation>\n")),
    ".png": (_in_png, re.compile(rb".{4}iTXtDOI\0{5}[^\0]*.{4}(?=\0{4}IEND.{4}\Z)", re.S)),
    ".pdf": (_in_pdf, re.compile(re.escape(_ADDED) + rb".*\Z", re.S)),
    ".json": (_in_card, re.compile(rb'(?<=\A\{\n) "doi": "[^"\n]*",\n')),
}
