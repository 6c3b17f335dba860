"""Every sentence in both languages: nothing untranslated, nothing left over, the compiled file up to date."""

from __future__ import annotations

import gettext
import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "locale" / "es" / "LC_MESSAGES"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "npgettext": ((1, "c"), 2, 3),
    "pgettext": ((1, "c"), 2),
}


def catalog() -> Catalog:
    with (FOLDER / "django.po").open("rb") as file:
        return read_po(file, locale="es")


def messages_of(source: str) -> set[str]:
    # Django turns a template into something like Python, with indents that mean nothing.
    flat = "\n".join(line.strip() for line in source.splitlines())
    found = extract_python(io.BytesIO(flat.encode()), KEYWORDS, [], {"encoding": "utf-8"})
    return {message if isinstance(message, str) else message[0] for _, _, message, _ in found if message}


def messages_in_code() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "webapp").rglob("*.py"):
        with path.open("rb") as file:
            for _, _, message, _ in extract_python(file, KEYWORDS, [], {"encoding": "utf-8"}):
                found.add(message if isinstance(message, str) else message[0])
    for path in [*(ROOT / "templates").rglob("*.html"), *(ROOT / "templates").rglob("*.txt")]:
        found |= messages_of(templatize(path.read_text(), origin=str(path)))
    return found - {""}


def msgid(message: object) -> str:
    return message if isinstance(message, str) else message[0]  # type: ignore[index]


def test_the_reader_of_templates_finds_every_way_of_marking_a_sentence() -> None:
    template = (
        '{% load i18n %}\n  <p>{% translate "One" %}</p>\n'
        "      {% blocktranslate %}Two {{ n }}{% endblocktranslate %}"
        "\n{% blocktranslate count n=n %}three{% plural %}many{% endblocktranslate %}"
        '{% include "x.html" with label=_("Four") %}'
    )
    assert messages_of(templatize(template)) == {"One", "Two %(n)s", "three", "Four"}


def test_every_sentence_is_translated() -> None:
    known = {msgid(message.id): message for message in catalog() if message.id}
    missing = sorted(messages_in_code() - set(known))
    assert missing == []
    for message in known.values():
        texts = [message.string] if isinstance(message.string, str) else message.string
        assert all(texts), message.id
        assert not message.fuzzy, message.id


def test_no_translation_is_left_over() -> None:
    assert sorted({msgid(message.id) for message in catalog() if message.id} - messages_in_code()) == []


def test_translations_keep_the_places_of_their_parameters() -> None:
    for message in catalog():
        problems = [str(problem) for problem in message.check()]
        assert problems == [], message.id


def test_the_compiled_file_is_that_of_the_written_one() -> None:
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for message in catalog():
        if not message.id:
            continue
        if isinstance(message.id, str):
            assert compiled.gettext(message.id) == message.string
        else:
            one, many = message.id
            assert (compiled.ngettext(one, many, 1), compiled.ngettext(one, many, 2)) == tuple(message.string)
    size = len([message for message in catalog() if message.id])
    assert len({key if isinstance(key, str) else key[0] for key in compiled._catalog} - {""}) == size  # type: ignore[attr-defined]
