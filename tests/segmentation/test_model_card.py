"""The card is made of the bundle's own files; it says what the network was made of and how well it does."""

import json
from pathlib import Path

from segmentation.bundle import find_bundle, load_spec, write_json
from segmentation.model_card import write_card

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
