"""Which epoch is kept."""

from __future__ import annotations

from segmentation.curves import best_epoch


def row(epoch: int, val_map: float, val_loss: float) -> dict[str, float]:
    return {"epoch": epoch, "val_map": val_map, "val_loss": val_loss}


def test_the_epoch_that_finds_most_nuclei_is_kept_whatever_its_loss() -> None:
    assert best_epoch([row(1, 0.2, 0.5), row(2, 0.4, 0.9), row(3, 0.3, 0.1)])["epoch"] == 2


def test_while_none_finds_any_the_lowest_loss_is_kept() -> None:
    assert best_epoch([row(1, 0.0, 1.6), row(2, 0.0, 0.9), row(3, 0.0, 1.1)])["epoch"] == 2
