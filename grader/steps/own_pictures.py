"""How do a text's pictures come to be attachments, the one form in which every viewer shows them safely?

Colab and other editors write pictures into the text (``data:``), or refer to an attachment with an HTML tag;
neither is let through as it is. Here each becomes an attachment of known bytes and a plain reference to it.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

from grader.pictures import checked_picture, why_no_picture

Attachments = dict[str, dict[str, str]]

MOST = 50  # pictures of one cell
NOT_SHOWN = "[a picture that is not shown: {}]"
# With parameters, such as charset=utf-8; SVG is mostly written without base64.
_DATA = (
    r"data:image/[\w.+-]{1,20}(?:;[\w.-]{1,20}=[\w.-]{1,100}){0,3}"
    r"(?:;base64,[\w+/=%-]*|(?:;utf-?8)?,[^\s()\"<>]*)"
)
_SOURCE = rf"(?:{_DATA}|attachment:[^\s()<>\"']*)"
_INLINE = re.compile(
    rf"!\[((?:[^\[\]]++|\[[^\[\]]*+\])*+)\]\(\s*(?:<((?:data:image/|attachment:)[^<>\n]*)>|({_SOURCE}))(?:\s+[\"'(][^\n\"']*[\"')])?\s*\)",
    re.I,
)
_TAG = re.compile(r"<img\b([^<>]*)>", re.I)
_ATTRIBUTE = re.compile(r"\b(src|alt)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.I)
_DEFINITION = re.compile(
    rf"^ {{0,3}}\[([^\[\]\n]+)\]:[ \t]*(?:<((?:data:image/|attachment:)[^<>\n]*)>|({_SOURCE}))[ \t]*$",
    re.I | re.M,
)
_REFERENCE = re.compile(r"!\[([^\[\]\n]*)\](?:\[([^\[\]\n]*)\])?(?![\[(])")
_PLAIN_NAME = re.compile(r"[\w.-]{1,100}", re.ASCII)
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif"}


def attach_pictures(text: str, attachments: object) -> tuple[str, Attachments]:
    """A text in which each picture of its own is a reference to an attachment, and these attachments.

    Parameters
    ----------
    text : str
        Markdown.
    attachments : object
        As it was handed in: name to kind to base64, or anything else.
    """
    pictures = _Pictures(attachments)
    defined: dict[str, str] = {}

    def define(found: re.Match) -> str:
        defined[_label(found[1])] = found[2] or found[3]
        return ""

    def refer(found: re.Match) -> str:
        source = defined.get(_label(found[2] or found[1]))
        return pictures.reference(source, found[1]) if source else found[0]

    def untag(found: re.Match) -> str:
        values = {name.lower(): a or b or c for name, a, b, c in _ATTRIBUTE.findall(found[1])}
        source = values.get("src", "").strip()
        is_own = source.lower().startswith(("data:image/", "attachment:"))
        return pictures.reference(source, values.get("alt", "")) if is_own else found[0]

    text = _DEFINITION.sub(define, text)
    text = _INLINE.sub(lambda found: pictures.reference(found[2] or found[3], found[1]), text)
    if defined:
        text = _REFERENCE.sub(refer, text)
    return _TAG.sub(untag, text), pictures.attached


def _label(text: str) -> str:
    return " ".join(text.casefold().split())


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


class _Pictures:
    """The attachments of one cell, as far as they are pictures."""

    def __init__(self, attachments: object) -> None:
        self.attached: Attachments = {}
        self._names: dict[str, str] = {}
        self._refused: dict[str, str] = {}
        for name, bundle in attachments.items() if isinstance(attachments, dict) else ():
            for encoded in bundle.values() if isinstance(bundle, dict) else ():
                if not isinstance(encoded, str):
                    continue
                # Systems write the letters of a name in one form or the other.
                self._names[_composed(name)] = new = self._attach(encoded, name)
                if new:
                    break
                self._refused[_composed(name)] = encoded

    def reference(self, source: str, words: str) -> str:
        """A picture in Markdown, by the source that it has."""
        scheme, _, rest = source.partition(":")
        if scheme.lower() == "data":
            head, _, encoded = rest.partition(",")
            name = self._attach(encoded, "") if head.lower().endswith(";base64") else ""
        else:
            called = next(
                (each for each in map(_composed, (rest, unquote(rest))) if each in self._names), None
            )
            if called is None:
                return NOT_SHOWN.format("the attachment is not in the notebook")
            name, encoded = self._names[called], self._refused.get(called, "")
        if not name:
            is_full = len(self.attached) >= MOST
            why = f"a cell shows {MOST} at most" if is_full else why_no_picture(encoded)
            return NOT_SHOWN.format(why)
        words = " ".join(re.sub(r"[\[\]()<>&\\`!]", " ", words).split())[:200]
        return f"![{words}](attachment:{name})"

    def _attach(self, encoded: str, name: str) -> str:
        picture = checked_picture(encoded) if len(self.attached) < MOST else None
        if picture is None:
            return ""
        kind, made = picture
        if not _PLAIN_NAME.fullmatch(name) or name in self.attached:
            name = f"picture-{len(self.attached) + 1}.{_ENDINGS[kind]}"
        self.attached[name] = {kind: made}
        return name
