"""A strip shows original, truth, prediction and overlay side by side, none larger than a panel."""

from __future__ import annotations

import numpy as np

from segmentation.panels import GAP_PX, PANEL_PX, draw_panel, panel_jpeg
from segmentation.synthetic import draw_fluorescence


def test_four_panels_stand_beside_one_another_in_order() -> None:
    rgb, truth = draw_fluorescence(seed=1, height=60, width=80, nuclei=6)
    strip = draw_panel(rgb, truth, np.zeros_like(truth))
    assert strip.shape == (60, 4 * 80 + 3 * GAP_PX, 3) and strip.dtype == np.uint8
    np.testing.assert_array_equal(strip[:, :80], rgb)
    assert strip[:, 80 : 80 + GAP_PX].min() == 255
    shown = strip[:, 80 + GAP_PX : 160 + GAP_PX]
    np.testing.assert_array_equal(shown.any(axis=2), truth > 0)
    empty = strip[:, 160 + 2 * GAP_PX : 240 + 2 * GAP_PX]
    assert not empty.any(), "nothing was predicted"
    np.testing.assert_array_equal(strip[:, -80:], rgb)


def test_a_large_picture_is_shrunk_to_a_panel_and_keeps_its_shape() -> None:
    rgb, truth = np.zeros((2000, 1000, 3), np.uint8), np.zeros((2000, 1000), np.int32)
    strip = draw_panel(rgb, truth, truth)
    assert strip.shape == (PANEL_PX, 4 * PANEL_PX // 2 + 3 * GAP_PX, 3)
    assert panel_jpeg(rgb, truth, truth).startswith(b"\xff\xd8\xff")
