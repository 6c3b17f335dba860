"""The stain check: drawn smears go to the smears' network, everything else to the other."""

from __future__ import annotations

import numpy as np
import pytest

from segmentation.choosing import family_for
from segmentation.synthetic import draw_fluorescence, draw_stained


@pytest.mark.parametrize("seed", range(4))
def test_a_smear_is_told_from_fluorescence(seed: int) -> None:
    assert family_for(draw_stained(seed, 200, 260)[0]) == "smear"
    assert family_for(draw_fluorescence(seed, 200, 260)[0]) == "nuclei"


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_a_picture_with_nothing_on_it_goes_to_the_network_for_all_kinds(grey: int) -> None:
    assert family_for(np.full((40, 50, 3), grey, np.uint8)) == "nuclei"
