"""What a file is, from its first bytes: no pixel is decoded here. Standard library only.

The web desk uses this to refuse a file at the door; the bench uses it to choose the one reader
that may touch the file, whatever its name says.
"""

from __future__ import annotations

from segmentation.errors import PictureRefused

HEAD_BYTES = 1024
"""How much of a file's start `sniff` and `refusal` like to see (64 bytes are enough but for SVG and GIF)."""

ACCEPTED: frozenset[str] = frozenset({"png", "jpeg", "tiff", "bmp", "webp"})

MEDIA_TYPES: dict[str, str] = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "tiff": "image/tiff",
    "bmp": "image/bmp",
    "webp": "image/webp",
}

EXTENSIONS: dict[str, str] = {
    "png": ".png",
    "jpeg": ".jpg",
    "tiff": ".tif",
    "bmp": ".bmp",
    "webp": ".webp",
}

SUFFIXES: frozenset[str] = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"})
"""File name endings worth opening when a folder is searched for pictures (lower case)."""

NOTES: dict[str, dict[str, str]] = {
    "first_page": {
        "es": "El archivo tiene varias páginas o planos; se analiza el primero.",
        "en": "The file holds several pages or planes; the first one is analysed.",
    },
    "scaled": {
        "es": "Los valores de más de 8 bits se ajustaron entre los percentiles 0,1 y 99,9.",
        "en": "Values of more than 8 bits were stretched between the percentiles 0.1 and 99.9.",
    },
    "oriented": {
        "es": "La imagen se giró según la orientación que guarda el archivo.",
        "en": "The picture was turned as the file's orientation asks.",
    },
    "cmyk": {
        "es": "Los colores de imprenta (CMYK) se convirtieron a RGB.",
        "en": "Printing colours (CMYK) were converted to RGB.",
    },
    "alpha_on_white": {
        "es": "Las partes transparentes se pusieron sobre fondo blanco.",
        "en": "Transparent parts were laid on white.",
    },
    "alpha_ignored": {
        "es": "El archivo dice que toda la imagen es transparente; esa transparencia se ignoró.",
        "en": "The file says that the whole picture is transparent; that transparency was ignored.",
    },
    "first_channels": {
        "es": "El archivo tiene más canales de los que caben en una imagen en color; se usan los primeros.",
        "en": "The file has more channels than a colour picture holds; the first ones are used.",
    },
}

_TIFF_HEADS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_BMP_HEADER_SIZES = frozenset({12, 40, 52, 56, 64, 108, 124})
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_GIF_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def sniff(head: bytes) -> str | None:
    """The format that a file's first bytes show, or None.

    One of ACCEPTED, or "gif", "svg", "text" for what we can name but do not read.
    """
    if head[:4] == b"\x89PNG":
        return "png"
    if head[:3] == b"\xff\xd8\xff":
        return "jpeg"
    if head[:4] in _TIFF_HEADS:
        return "tiff"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADER_SIZES:
        return "bmp"
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return "gif"
    return _sniff_text(head)


def refusal(head: bytes, size: int, max_bytes: int | None = None) -> PictureRefused | None:
    """Why a file of `size` bytes that starts with `head` is refused at the door, or None.

    Only what the first bytes can show: a damaged or too large picture is found when it is decoded.
    """
    if size == 0:
        return PictureRefused("empty_file")
    if max_bytes is not None and size > max_bytes:
        return PictureRefused("too_many_bytes", max_megabytes=max_bytes // 1_000_000)
    kind = sniff(head)
    if kind in ACCEPTED:
        return None
    if kind == "svg":
        return PictureRefused("svg")
    if kind == "gif" and any(loop in head for loop in _GIF_LOOPS):
        return PictureRefused("animated")
    return PictureRefused("unknown_format")


def note_sentence(code: str, language: str) -> str:
    """The sentence of one of `Picture.notes`, in "es" or "en" (any other language reads English)."""
    texts = NOTES[code]
    return texts.get(language[:2], texts["en"])


def _sniff_text(head: bytes) -> str | None:
    if not head:
        return None
    for mark, encoding in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            start = head[len(mark) :].decode(encoding, "ignore").lstrip().lower()
            break
    else:
        if b"\x00" in head:
            return None
        try:
            start = head.decode("utf-8").lstrip().lower()
        except UnicodeDecodeError as error:
            if error.start < len(head) - 3:  # a character cut by the end of the head is still text
                return None
            start = head[: error.start].decode("utf-8").lstrip().lower()
    if start.startswith("<svg") or (start.startswith(("<?xml", "<!")) and "<svg" in start):
        return "svg"
    return "text"
