"""Does a picture stay the same picture when it is made anew, and does nothing else pass for one?"""

from __future__ import annotations

import base64
import io
import random
import time

import numpy as np
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook
from PIL import Image, ImageOps

from grader.feedback.page import _cell_prose
from grader.pictures import NoPicture, checked_picture, rebuilt
from grader.steps.own_pictures import NOT_SHOWN, attach_pictures
from grader.steps.sanitize_outputs import make_inert

PIXELS = np.random.default_rng(0).integers(0, 256, (12, 20, 3), dtype=np.uint8)
SECRET = b"<script>alert(1)</script>"


def saved(kind: str, mode: str = "RGB", **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(PIXELS).convert(mode).save(file, kind, **options)
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def text_chunk() -> bytes:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", SECRET.decode())
    return saved("PNG", pnginfo=info)


def turned_photo() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = SECRET.decode()  # a description
    exif[0x8825] = {1: "N", 2: (52.0, 31.0, 0.0)}  # where it was taken
    return saved("JPEG", exif=exif)


def moving() -> bytes:
    file = io.BytesIO()
    frames = [Image.fromarray(PIXELS), Image.fromarray(255 - PIXELS)]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=80, loop=0, comment=SECRET)
    return file.getvalue()


PICTURES = {
    "png": saved("PNG"),
    "png with a palette": saved("PNG", "P"),
    "png in grey and alpha": saved("PNG", "LA"),
    "png with text": text_chunk(),
    "jpeg": saved("JPEG"),
    "progressive jpeg": saved("JPEG", progressive=True),
    "grey jpeg": saved("JPEG", "L"),
    "jpeg for print": saved("JPEG", "CMYK"),
    "jpeg with restarts": saved("JPEG", restart_marker_blocks=1),
    "jpeg with a comment": saved("JPEG", comment=SECRET),
    "turned photo": turned_photo(),
    "gif": saved("GIF", "P"),
    "moving gif": moving(),
}


@pytest.mark.parametrize("data", PICTURES.values(), ids=PICTURES.keys())
def test_a_picture_stays_what_it_shows(data: bytes) -> None:
    kind, made = rebuilt(data + SECRET)
    before, after = opened(data), opened(made)
    assert kind == f"image/{before.format.lower()}"
    assert SECRET not in made
    assert getattr(before, "n_frames", 1) == getattr(after, "n_frames", 1)
    assert after.info.get("duration") == before.info.get("duration")
    before, after = ImageOps.exif_transpose(before), ImageOps.exif_transpose(after)
    assert np.array_equal(np.asarray(before.convert("RGBA")), np.asarray(after.convert("RGBA")))
    assert rebuilt(made) == (kind, made)


def test_where_a_photo_was_taken_is_not_kept() -> None:
    exif = opened(rebuilt(turned_photo())[1]).getexif()
    assert dict(exif) == {0x0112: 6}


@pytest.mark.parametrize("data", PICTURES.values(), ids=PICTURES.keys())
def test_what_breaks_off_is_none(data: bytes) -> None:
    whole = rebuilt(data)[1]
    for length in range(len(whole)):
        with pytest.raises(NoPicture):
            rebuilt(whole[:length])


@pytest.mark.parametrize("data", PICTURES.values(), ids=PICTURES.keys())
def test_damage_raises_nothing_else(data: bytes) -> None:
    rng = random.Random(0)
    for _ in range(300):
        damaged = bytearray(data)
        for _ in range(rng.randrange(1, 4)):
            damaged[rng.randrange(2, len(damaged))] = rng.randrange(256)
        try:
            kind, made = rebuilt(bytes(damaged))
        except NoPicture:
            continue
        assert len(made) <= len(data) + 50


@pytest.mark.parametrize(
    "data",
    [
        b"",
        SECRET,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a" + SECRET,
        b"\xff\xd8\xff\xd9",
        b"BM" + bytes(60),
        b"RIFF\0\0\0\0WEBP",
    ],
)
def test_what_is_none(data: bytes) -> None:
    with pytest.raises(NoPicture):
        rebuilt(data)
    assert checked_picture(base64.b64encode(data).decode()) is None


def test_a_bomb_is_refused_and_nothing_takes_long() -> None:
    bomb = bytearray(PICTURES["png"])
    bomb[16:24] = (100_000).to_bytes(4) * 2
    import zlib

    bomb[29:33] = zlib.crc32(bytes(bomb[12:29])).to_bytes(4)
    with pytest.raises(NoPicture, match="100000 × 100000 pixels"):
        rebuilt(bytes(bomb))
    start = time.perf_counter()
    for tail in (b"\xff\xda\x00\x02" * 1_000_000, b"\xff" * 4_000_000, b"\xff\xfe\x00\x02" * 1_000_000):
        with pytest.raises(NoPicture):
            rebuilt(PICTURES["jpeg"][:-2] + tail)
    assert time.perf_counter() - start < 10


PNG = base64.b64encode(PICTURES["png"]).decode()
JPEG = base64.b64encode(PICTURES["jpeg"]).decode()
DATA = f"data:image/png;base64,{PNG}"
FORMS = {
    "colab": f"Look:\n\n![image.png]({DATA})\n",
    "with a title": f'![image.png]({DATA} "A title")',
    "in brackets": f"![image.png](<{DATA}>)",
    "by name": f"![image.png][image1]\n\n[image1]: <{DATA}>",
    "by its own name": f"![image.png]\n\n[image.png]: {DATA}",
    "tag": f'<img src="{DATA}" width="300" alt="image.png">',
    "tag in single quotes": f"<IMG alt='image.png'\n  SRC='{DATA}' />",
    "kind that is another": f"![image.png](data:image/jpg;base64,{PNG})",
    "as an address": f"![image.png]({DATA.replace('+', '%2B').replace('=', '%3D')})",
    "with parameters": f"![image.png](data:image/png;charset=utf-8;base64,{PNG})",
    "without the signs at its end": f"![image.png](data:image/png;base64,{PNG.rstrip('=')})",
    "attachment": "![image.png](attachment:image.png)",
    "attachment in a tag": '<img src="attachment:image.png" style="width:50%" alt="image.png"/>',
    "attachment by name": "![image.png][1]\n\n[1]: attachment:image.png",
}


@pytest.mark.parametrize("source", FORMS.values(), ids=FORMS.keys())
def test_every_form_of_an_own_picture_is_shown(source: str) -> None:
    cell = new_markdown_cell(source, attachments={"image.png": {"image/png": PNG}})
    make_inert(new_notebook(cells=[cell]))
    html = str(_cell_prose(cell))
    assert html.count("<img") == 1 and 'alt="image.png"' in html
    shown = base64.b64decode(html.partition(";base64,")[2].partition('"')[0])
    assert np.array_equal(np.asarray(opened(shown)), PIXELS)
    again = cell.source, dict(cell.attachments)
    make_inert(new_notebook(cells=[cell]))
    assert (cell.source, dict(cell.attachments)) == again


def test_a_name_in_another_form_and_words_in_brackets() -> None:
    text, made = attach_pictures(
        "![my [1] b](attachment:Bild\u00e4.png)", {"Bilda\u0308.png": {"image/png": PNG}}
    )
    assert text == "![my 1 b](attachment:picture-1.png)" and len(made) == 1


@pytest.mark.parametrize("reference", ["attachment:my%20photo (1).jpg", "attachment:my photo (1).jpg"])
def test_a_name_with_blanks(reference: str) -> None:
    attachments = {"my photo (1).jpg": {"image/jpeg": JPEG}}
    text, made = attach_pictures(f"![a](<{reference}>) and <img src='{reference}'>", attachments)
    assert text.split(" and ") == ["![a](attachment:picture-1.jpg)", "![](attachment:picture-1.jpg)"]
    assert made.keys() == {"picture-1.jpg"}


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("![x](data:image/svg+xml;base64,PHN2Zy8+)", "it is SVG"),
        ("![x](data:image/svg+xml;utf8,%3Csvg%3E%3C/svg%3E)", "it is SVG"),
        ("![x](attachment:a.svg)", "it is SVG"),
        (f"![x](data:image/webp;base64,{encoded(b'RIFF----WEBPVP8 ')})", "it is WebP"),
        (f"<img src='data:image/heic;base64,{encoded(b'----ftypheic----')}'>", "it is HEIC"),
        ("![x](attachment:a.webp)", "it is WebP"),
        ("<img src='data:image/png;base64,PHNjcmlwdD4='>", "it is no whole PNG"),
        ("![x](attachment:missing.png)", "the attachment is not in the notebook"),
        ("![x](data:image/png;base64,AAAA)", "it is no whole PNG"),
        (f"![x](data:image/png;base64,{PNG[:60]})", "it is no whole PNG"),
    ],
)
def test_what_is_no_picture_says_why(source: str, why: str) -> None:
    handed_in = {
        "a.svg": {"image/svg+xml": "<svg></svg>"},
        "a.webp": {"image/webp": encoded(b"RIFF----WEBPVP8 ")},
    }
    text, made = attach_pictures(f"My answer: {source} Done.", handed_in)
    before, _, after = NOT_SHOWN.partition("{}")
    assert text.startswith(f"My answer: {before}{why}") and text.endswith(f"{after} Done.")
    assert made == {}


def test_too_many_pictures_are_not_called_damaged() -> None:
    text, made = attach_pictures(f"![a]({DATA})" * 51, None)
    assert len(made) == 50 and text.endswith("[a picture that is not shown: a cell shows 50 at most]")


@pytest.mark.parametrize(
    "source",
    [
        "<img src=x onerror=alert(1)>",
        f'<img src="{DATA}" onerror="alert(1)">',
        '<img src="attachment:a.png" alt="](javascript:alert(1))<script>">',
        "<img src='https://example.org/spy.png'>",
        f'![<script>alert(1)</script>"onload=]({DATA})',
    ],
)
def test_no_picture_brings_anything_else(source: str) -> None:
    cell = new_markdown_cell(source, attachments={"a.png": {"image/png": PNG, "text/html": "<script>"}})
    make_inert(new_notebook(cells=[cell]))
    for text in (cell.source, str(_cell_prose(cell))):
        assert not any(mark in text.replace("\u2060", "|") for mark in ("<script", "<img src=x", 'onerror="'))
        assert 'src="http' not in text and "](javascript" not in text
    assert all(
        kinds.keys() <= {"image/png", "image/jpeg", "image/gif"} for kinds in cell.attachments.values()
    )


def test_growth_of_a_hostile_text() -> None:
    for piece in (
        "<img ",
        "![",
        "![a](data:image/png;base64,",
        "![[a]",
        "![a](data:image/png;a=b",
        "[a]: <data:image/",
        "![a][",
        "<img src='",
    ):
        start = time.perf_counter()
        attach_pictures(piece * 20_000, None)
        assert time.perf_counter() - start < 5, piece
