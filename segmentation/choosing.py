"""Which family of networks reads a picture, when nobody says: a small stain check on its thumbnail."""

from __future__ import annotations

import numpy as np

from segmentation.preprocessing import modality
from segmentation.spec import NUCLEI, SMEAR


def family_for(rgb: np.ndarray) -> str:
    """SMEAR for purple nuclei on a white ground (Giemsa, Wright), NUCLEI for every other kind of picture.

    rgb: HxWx3 uint8. A guess from colour and background, as good as `preprocessing.modality`; the
    user can overrule it.
    """
    return SMEAR if modality(rgb) == "purple-on-white" else NUCLEI
