"""Every sentence in both languages: nothing untranslated, nothing left over, the compiled file up to date."""

from __future__ import annotations

import gettext
import io
from pathlib import Path

from babel.messages.catalog import Catalog, Message
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


Key = tuple[str, str]
"""context ("" for none), sentence"""


def key_of(function: str | None, message: object) -> Key:
    """babel hands over every argument: the first of pgettext and npgettext is the context."""
    parts = (message,) if isinstance(message, str) else tuple(message)  # type: ignore[arg-type]
    if function in ("pgettext", "npgettext"):
        return str(parts[0]), str(parts[1])
    return "", str(parts[0])


def messages_of(source: str) -> set[Key]:
    # Django turns a template into something like Python, with indents that mean nothing.
    flat = "\n".join(line.strip() for line in source.splitlines())
    found = extract_python(io.BytesIO(flat.encode()), KEYWORDS, [], {"encoding": "utf-8"})
    return {key_of(function, message) for _, function, message, _ in found if message}


def messages_in_code() -> set[Key]:
    found: set[Key] = set()
    for path in (ROOT / "webapp").rglob("*.py"):
        with path.open("rb") as file:
            for _, function, message, _ in extract_python(file, KEYWORDS, [], {"encoding": "utf-8"}):
                found.add(key_of(function, message))
    for path in [*(ROOT / "templates").rglob("*.html"), *(ROOT / "templates").rglob("*.txt")]:
        found |= messages_of(templatize(path.read_text(), origin=str(path)))
    return found - {("", "")}


def key(message: Message) -> Key:
    return message.context or "", message.id if isinstance(message.id, str) else message.id[0]


def test_the_reader_of_templates_finds_every_way_of_marking_a_sentence() -> None:
    template = (
        '{% load i18n %}\n  <p>{% translate "One" %}</p>\n'
        "      {% blocktranslate %}Two {{ n }}{% endblocktranslate %}"
        "\n{% blocktranslate count n=n %}three{% plural %}many{% endblocktranslate %}"
        '\n{% blocktranslate count n=n context "cells" %}five{% plural %}fives{% endblocktranslate %}'
        '{% include "x.html" with label=_("Four") %}'
    )
    assert messages_of(templatize(template)) == {
        ("", "One"),
        ("", "Two %(n)s"),
        ("", "three"),
        ("", "Four"),
        ("cells", "five"),
    }


def test_every_sentence_is_translated() -> None:
    known = {key(message): message for message in catalog() if message.id}
    missing = sorted(messages_in_code() - set(known))
    assert missing == []
    for message in known.values():
        texts = [message.string] if isinstance(message.string, str) else message.string
        assert all(texts), message.id
        assert not message.fuzzy, message.id


def test_no_translation_is_left_over() -> None:
    assert sorted({key(message) for message in catalog() if message.id} - messages_in_code()) == []


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
        context = message.context
        if isinstance(message.id, str):
            found = compiled.pgettext(context, message.id) if context else compiled.gettext(message.id)
            assert found == message.string
        else:
            one, many = message.id
            forms = [
                compiled.npgettext(context, one, many, n) if context else compiled.ngettext(one, many, n)
                for n in (1, 2)
            ]
            assert forms == list(message.string)
    size = len([message for message in catalog() if message.id])
    assert len({one if isinstance(one, str) else one[0] for one in compiled._catalog} - {""}) == size  # type: ignore[attr-defined]
