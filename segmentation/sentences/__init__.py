"""Every coded sentence in Spanish and English, a file an area. Standard library only."""

from __future__ import annotations

from segmentation.sentences import api, datasets, gathering, matching, pictures, quality, registry, training

SENTENCES: dict[str, dict[str, str]] = {}
for _area in (pictures, datasets, training, registry, matching, quality, gathering, api):
    _twice = SENTENCES.keys() & _area.SENTENCES.keys()
    if _twice:
        raise KeyError(f"two sentences for {sorted(_twice)}")
    SENTENCES |= _area.SENTENCES
