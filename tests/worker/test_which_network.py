"""A picture is read by the smears' network only where the sample may be a smear."""

from __future__ import annotations

import pytest

from webapp.cases.models import Biopsy
from worker.handlers.prepare import may_be_a_smear


@pytest.mark.parametrize(
    ("specimen", "stain", "may"),
    [
        ("aspirate_smear", "giemsa", True),
        ("blood_smear", "unknown", True),
        ("other", "other", True),
        ("trephine", "giemsa", False),
        ("culture", "unknown", False),
        ("other", "ihc", False),
        ("aspirate_smear", "fluorescence", False),
    ],
)
def test_what_a_person_wrote_of_the_sample_goes_before_the_picture(
    specimen: str, stain: str, may: bool
) -> None:
    assert may_be_a_smear(Biopsy(specimen=specimen, stain=stain)) is may
