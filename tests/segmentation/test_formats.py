"""The first bytes of a file decide what it is; its name does not."""

from __future__ import annotations

import pytest
from PIL import Image

from segmentation import formats
from tests.segmentation import pictures


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP", "WEBP"])
def test_an_accepted_picture_is_recognised_by_its_first_bytes(kind):
    data = pictures.saved(Image.new("RGB", (20, 20)), kind)
    assert formats.sniff(data[:64]) == kind.lower()
    assert formats.refusal(data[: formats.HEAD_BYTES], len(data)) is None


def test_every_accepted_format_has_a_media_type_and_an_ending():
    assert set(formats.MEDIA_TYPES) == set(formats.EXTENSIONS) == formats.ACCEPTED
    assert set(formats.EXTENSIONS.values()) <= formats.SUFFIXES


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (pictures.TEXT, "unknown_format"),
        (pictures.SVG, "svg"),
        (b"\xef\xbb\xbf  <svg viewBox='0 0 1 1'>", "svg"),
        (b"<!-- drawn by hand -->\n<svg>", "svg"),
        ("<svg></svg>".encode("utf-16"), "svg"),
        (b"<?xml version='1.0'?><html></html>", "unknown_format"),
        (b"BM is how this sentence starts, and it is no bitmap", "unknown_format"),
        (b"%PDF-1.7 ...", "unknown_format"),
        (b"PK\x03\x04\x00\x00", "unknown_format"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "unknown_format"),
        (pictures.gif(1), "unknown_format"),
        (pictures.gif(3), "animated"),
        (b"\x00" * 64, "unknown_format"),
    ],
)
def test_what_is_no_picture_for_us_is_refused_with_its_reason(head, code):
    refused = formats.refusal(head[: formats.HEAD_BYTES], len(head))
    assert refused is not None
    assert refused.code == code


def test_an_empty_file_is_refused_before_anything_else():
    assert formats.refusal(b"", 0).code == "empty_file"


def test_a_file_over_the_limit_is_refused_and_the_limit_is_named():
    refused = formats.refusal(pictures.PNG_SIGNATURE, 3_000_001, max_bytes=3_000_000)
    assert refused.code == "too_many_bytes"
    assert "3 MB" in refused.sentence("es")


def test_text_cut_inside_a_letter_is_still_text():
    head = ("a" * 62 + "ñ").encode()[:63]
    assert formats.sniff(head) == "text"


@pytest.mark.parametrize("code", sorted(formats.NOTES))
def test_every_note_speaks_both_languages(code):
    spanish, english = formats.note_sentence(code, "es-pa"), formats.note_sentence(code, "en")
    assert spanish != english
    assert formats.note_sentence(code, "fr") == english
