"""Label pictures on disk: one integer a pixel, 0 the background, one number a nucleus.

uint16 PNG, which everything opens; above 65,535 nuclei a 32-bit TIFF (deflate).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

from segmentation.errors import DataError

_LABEL_SUFFIXES = (".png", ".tif", ".tiff")
_MAX_PNG_LABEL = 65_535


def write_labels(path: Path | str, labels: np.ndarray) -> Path:
    """Write labels HxW (integers >= 0) and return the path written.

    `path` with or without ending: the number of nuclei decides between `.png` and `.tif`. The same
    labels give the same bytes.
    """
    path = Path(path)
    if labels.ndim != 2 or labels.dtype.kind not in "ui":
        raise ValueError(f"labels must be HxW integers, not {labels.dtype} {labels.shape}")
    if path.suffix.lower() in _LABEL_SUFFIXES:
        path = path.with_suffix("")
    highest = int(labels.max(initial=0))
    if int(labels.min(initial=0)) < 0:
        raise ValueError("labels must not be negative")
    if highest <= _MAX_PNG_LABEL:
        target = path.with_name(path.name + ".png")
        Image.fromarray(labels.astype(np.uint16)).save(target, format="PNG", compress_level=4)
        return target
    target = path.with_name(path.name + ".tif")
    tifffile.imwrite(
        target,
        labels.astype(np.uint32),
        compression="zlib",
        rowsperstrip=max(1, 4_000_000 // max(1, labels.shape[1])),
        photometric="minisblack",
        metadata=None,
        software=None,
        datetime=None,
    )
    return target


def read_labels(path: Path | str) -> np.ndarray:
    """Read a label picture as HxW int32.

    PNG or TIFF of one channel (1, 8, 16 or 32 bits, palette numbers taken as they are), or three equal
    channels. Raises DataError "data_missing" or "labels_unreadable".
    """
    path = Path(path)
    if not path.is_file():
        raise DataError("data_missing", path=str(path))
    try:
        values = _read_values(path)
    except MemoryError:
        raise
    except Exception as error:
        raise DataError("labels_unreadable", name=path.name, detail=str(error)) from error
    if values.ndim == 3 and (values[..., :1] == values[..., :3]).all():
        values = values[..., 0]
    if values.ndim != 2 or values.dtype.kind not in "uib":
        raise DataError("labels_unreadable", name=path.name, detail=f"{values.dtype} {values.shape}")
    if values.size and (int(values.max()) > np.iinfo(np.int32).max or int(values.min()) < 0):
        raise DataError("labels_unreadable", name=path.name, detail=f"{values.min()} … {values.max()}")
    return values.astype(np.int32)


def _read_values(path: Path) -> np.ndarray:
    if path.suffix.lower() in (".tif", ".tiff"):
        try:
            return tifffile.imread(path, key=0)
        except ValueError:  # a compression that only Pillow's libtiff knows (LZW)
            pass
    with Image.open(path) as image:
        return np.asarray(image.getchannel("P") if image.mode == "PA" else image)
