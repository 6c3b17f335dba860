from __future__ import annotations

import pytest

from segmentation.errors import DataError
from segmentation.group_tables import Facts, facts_of, read_table


def test_a_table_names_groups_kinds_and_classes() -> None:
    table = read_table(b"name,Patient,modality,class\na.png, P1 ,purple-on-white,all\n", "t.csv")
    assert table["a.png"] == Facts("P1", "purple-on-white", "all")


def test_a_table_from_a_spanish_spreadsheet_is_read() -> None:
    assert read_table("id;group\r\nmuñoz;Año 1\r\n".encode("cp1252"), "t.csv")["muñoz"].group == "Año 1"
    assert read_table("\ufeffid\tgroup\na\tP1\n".encode(), "t.csv")["a"].group == "P1"


def test_a_picture_is_found_by_its_path_its_name_or_its_stem() -> None:
    table = read_table(b"file,group\nx/a.png,P1\nb.png,P2\nc,P3\n", "t.csv")
    assert [facts_of(table, f"set/x/{name}.png").group for name in "abcd"] == ["P1", "P2", "P3", ""]


def test_every_column_that_names_the_picture_counts() -> None:
    table = read_table(b"id,image_id,group\na,a-long,P1\n", "t.csv")
    assert table["a"] == table["a-long"] == Facts("P1")


@pytest.mark.parametrize("content", [b"", b"group,patient\nP1,x\n", b"\x00\x01\x02", b"\xff\xfe"])
def test_a_table_that_names_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(DataError) as caught:
        read_table(content, "t.csv")
    assert caught.value.code == "table_unreadable"


def test_two_groups_for_one_picture_are_refused() -> None:
    with pytest.raises(DataError) as caught:
        read_table(b"id,group\na,P1\na,P2\n", "t.csv")
    assert caught.value.code == "table_conflict"
    assert "«a»" in caught.value.sentence("es")
