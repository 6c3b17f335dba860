"""The table that may come with pictures: which patient, slide or parent picture each is of.

A CSV with a column that names the picture and any of group, modality and category. Standard library only.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from segmentation.errors import DataError

NAME_COLUMNS = ("id", "name", "image", "image_id", "file", "filename", "picture")
COLUMNS = {
    "group": ("group", "patient", "slide", "subject"),
    "modality": ("modality",),
    "category": ("category", "class"),
}


@dataclass(frozen=True)
class Facts:
    """What a table says of one picture; "" where it says nothing."""

    group: str = ""
    modality: str = ""
    category: str = ""


def read_table(content: bytes, name: str) -> dict[str, Facts]:
    """Read a table: picture (as the table names it: path, file name or stem) -> Facts.

    UTF-8 or Windows' Latin; comma, semicolon or tab. Raises DataError "table_unreadable" where no column
    names the pictures, "table_conflict" where one picture is given two groups.

    >>> read_table(b"id;group\\na;P1\\n", "groups.csv")["a"].group
    'P1'
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        headings = {heading.strip().lower(): heading for heading in reader.fieldnames or () if heading}
        keys = [headings[column] for column in NAME_COLUMNS if column in headings]
        if not keys:
            raise DataError("table_unreadable", name=name)
        return _rows(reader, headings, keys, name)
    except csv.Error as error:
        raise DataError("table_unreadable", name=name) from error


def _rows(
    reader: csv.DictReader[str], headings: dict[str, str], keys: list[str], name: str
) -> dict[str, Facts]:
    found: dict[str, Facts] = {}
    columns = {
        field: next((headings[column] for column in names if column in headings), "")
        for field, names in COLUMNS.items()
    }
    for row in reader:
        facts = Facts(**{field: (row.get(column) or "").strip() for field, column in columns.items()})
        for key in keys:
            picture = (row.get(key) or "").strip()
            if picture and found.setdefault(picture, facts).group != facts.group:
                raise DataError("table_conflict", name=name, picture=picture)
    return found


def facts_of(table: dict[str, Facts], picture: str) -> Facts:
    """What the table says of the picture at this path: by its path, its end, its name or its stem."""
    parts = picture.split("/")
    ends = ["/".join(parts[start:]) for start in range(len(parts))]
    for end in (*ends, *(end.rpartition(".")[0] for end in ends)):
        if end in table:
            return table[end]
    return Facts()
