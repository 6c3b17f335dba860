"""The card is made of the bundle's own files; it says what the network was made of and how well it does."""

import json
from pathlib import Path

from segmentation.bundle import find_bundle, load_spec, write_json
from segmentation.model_card import card, write_card

FILES = ("spec.json", "training.json", "split.csv", "curves.csv")


def test_a_card_tells_figures_data_and_origin(tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).write_bytes((find_bundle("nuclei-1") / name).read_bytes())
    config = json.loads((tmp_path / "training.json").read_text()) | {"drawn_smears": 7, "start": "ab" * 32}
    write_json(tmp_path / "training.json", config)
    figures = {
        "images": 3,
        "nuclei": 9,
        **dict.fromkeys(("pixel_accuracy", "dice", "iou", "ap50", "ap75"), 0.5),
    }
    figures |= dict.fromkeys(("ap90", "map", "pq", "aji", "count_error"), 0.25)
    row = {"name": "U-Net", "modality": "all", **figures}
    write_json(tmp_path / "test_report.json", {"images": 3, "read_on": "2026-11-23", "rows": [row]})
    write_card(tmp_path)
    text = (tmp_path / "model_card.md").read_text(encoding="utf-8")
    assert load_spec(tmp_path).digest in text and "| all | U-Net | 3 | 9 | 0.500 |" in text
    assert "529 train" in text and "7 smears drawn" in text and "abababababab…" in text
    assert "not a diagnosis" in text


def test_a_card_of_a_laboratorys_own_network_names_its_data_and_no_other(tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).write_bytes((find_bundle("nuclei-1") / name).read_bytes())
    data = {"name": "Frotis 2026", "version": 3, "digest": "cd" * 32, "test": 61}
    write_json(tmp_path / "data.json", data | {"sources": ["Hospital del Norte"], "licences": ["interna"]})
    write_card(tmp_path)
    text = (tmp_path / "model_card.md").read_text(encoding="utf-8")
    assert "Frotis 2026, version 3" in text and "Hospital del Norte" in text and "interna" in text
    assert "529 train" in text and "61 test pictures" in text and "Data Science Bowl" not in text
    assert "has not been read yet" in text and "own choice" in text


def test_the_cards_that_are_shipped_are_what_their_bundles_say() -> None:
    for name in ("nuclei-1", "nuclei-2"):
        folder = find_bundle(name)
        assert card(folder) == (folder / "model_card.md").read_text(encoding="utf-8")
