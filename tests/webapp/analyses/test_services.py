from __future__ import annotations

from typing import Any

import pytest
from pytest_django.fixtures import Settings

from segmentation.errors import BundleError
from tests.webapp.rows import analyse, make_case, make_image, make_version, png
from webapp.accounts.models import Clinic
from webapp.analyses.models import Analysis
from webapp.analyses.services import analysis_request, parameters_digest
from webapp.common.storage import absolute
from webapp.jobs.models import Job
from webapp.registry.paths import pace_record


def test_equal_parameters_have_equal_digests_whatever_their_order() -> None:
    assert parameters_digest({"a": 1, "b": [2]}) == parameters_digest({"b": [2], "a": 1})
    assert parameters_digest({"a": 1}) != parameters_digest({"a": 2})


def test_asked_twice_it_is_one_analysis_and_one_job(clinic: Clinic, alice: Any) -> None:
    make_version()
    image = make_image(make_case(clinic))
    first = analysis_request(image=image, user=alice)
    assert analysis_request(image=image) == first
    assert Job.objects.filter(kind="segment").get() == first.job
    assert first.job.payload == {"analysis_id": str(first.pk)}
    assert first.requested_by == alice
    assert first.clinic_id == clinic.pk


def test_other_parameters_or_another_version_are_another_analysis(clinic: Clinic) -> None:
    make_version()
    image = make_image(make_case(clinic))
    newer = make_version(version=2, digest="c" * 64, stage="candidate")
    analysis_request(image=image)
    analysis_request(image=image, parameters={"threshold": 0.4})
    analysis_request(image=image, model_version=newer)
    assert Analysis.objects.count() == 3


def test_a_choice_of_path_made_later_asks_for_no_picture_again(clinic: Clinic, settings: Settings) -> None:
    settings.MEDULA_PATH = "auto"
    version = make_version(spec={"int8": {"file": "int8.tflite", "digest": "5" * 64}})
    case = make_case(clinic)
    image = make_image(case)
    first = analysis_request(image=image)
    assert first.parameters == {}
    pace_record(version=version, machine="here", figures={"fp32": 1.0, "int8": 3.0})
    assert analysis_request(image=image) == first
    later = analysis_request(image=make_image(case, name="2.png", content=png(3, 3)))
    assert later.parameters == {"path": "int8", "digest": "5" * 64}
    assert later.parameters_digest != first.parameters_digest
    # the reference can still be asked for by name
    assert analysis_request(image=later.image, parameters={}) != later


def test_without_a_network_nothing_is_queued(clinic: Clinic) -> None:
    image = make_image(make_case(clinic))
    with pytest.raises(BundleError):
        analysis_request(image=image)
    assert not Job.objects.filter(kind="segment").exists()


def test_a_result_is_written_with_its_files(clinic: Clinic) -> None:
    analysis = analyse(make_image(make_case(clinic)), make_version(), um_per_px=0.25)
    assert (analysis.nuclei_count, analysis.modality, analysis.um_per_px) == (2, "fluorescence-dark", 0.25)
    for name in ("labels", "overlay", "mask_tiles", "nuclei", "outlines"):
        row = getattr(analysis, name)
        assert row.clinic_id == clinic.pk
        assert absolute(row.path).is_file()


def test_another_clinics_analysis_is_not_found(alice: Any, bob: Any) -> None:
    analyse(make_image(make_case(alice.clinic)), make_version())
    assert Analysis.objects.of(alice).count() == 1
    assert Analysis.objects.of(bob).count() == 0
