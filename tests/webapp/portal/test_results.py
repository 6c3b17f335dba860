"""The page of one analysis."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.rows import DIGEST, analyse, end_job, make_case, make_image, make_version, png, prepare
from webapp.accounts.models import Clinic
from webapp.analyses.models import Analysis
from webapp.analyses.services import analysis_request
from webapp.jobs.models import State


def figures(name: str, modality: str, ap50: float | None) -> dict[str, Any]:
    return {"name": name, "modality": modality, "images": 41, "nuclei": 1234, "ap50": ap50, "dice": 0.9}


@pytest.fixture
def analysis(clinic: Clinic) -> Analysis:
    report = {
        "rows": [
            figures("U-Net", "all", 0.79),
            figures("U-Net", "fluorescence-dark", 0.8712),
            figures("Otsu + watershed", "fluorescence-dark", 0.61),
            figures("All background", "fluorescence-dark", None),
        ]
    }
    return analyse(prepare(make_image(make_case(clinic))), make_version(test_report=report))


def page_of(client: Client, analysis: Analysis, language: str = "en") -> str:
    answer = client.get(reverse("analysis", args=[analysis.pk]), headers={"accept-language": language})
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_it_shows_count_sizes_and_which_model_found_them(alice_client: Client, analysis: Analysis) -> None:
    page = page_of(alice_client, analysis)
    assert '<span class="number" id="count">2</span> nuclei' in page
    assert "75 px²" in page
    assert "unknown: sizes in pixels" in page
    assert "nuclei 1 · " in page
    assert f"sha256 {DIGEST}" in page and DIGEST[:8] in page


def test_sizes_follow_a_calibration_written_later(alice_client: Client, analysis: Analysis) -> None:
    analysis.image.biopsy.um_per_px = 0.5
    analysis.image.biopsy.save()
    page = page_of(alice_client, analysis)
    assert "18.8 µm²" in page  # 75 px² at 0.5 µm a pixel
    assert "75 px²" not in page


def test_beside_it_stand_the_figures_of_this_kind_of_picture_and_of_simple_methods(
    alice_client: Client, analysis: Analysis
) -> None:
    page = page_of(alice_client, analysis)
    assert "On test pictures it never learnt from, fluorescence." in page
    table = page[page.index("accuracy-title") :]
    rows = re.findall(r'<th scope="row">([^<]+)</th><td class="n">([^<]+)</td>', table)
    assert rows == [("U-Net", "0.87"), ("Otsu + watershed", "0.61"), ("All background", "—")]
    assert "41 pictures, 1,234 nuclei." in page


def test_a_kind_without_figures_of_its_own_is_shown_those_of_all_and_told_so(
    alice_client: Client, analysis: Analysis
) -> None:
    Analysis.objects.update(modality="purple-on-white")
    page = page_of(alice_client, analysis)
    assert "all kinds of picture" in page
    assert (
        "There were too few of this picture&#x27;s own kind" in page
        or "too few of this picture's own" in page
    )


def test_a_version_without_a_report_says_so(alice_client: Client, clinic: Clinic) -> None:
    analysis = analyse(prepare(make_image(make_case(clinic))), make_version())
    assert "This version came without a test report." in page_of(alice_client, analysis)


def test_a_network_that_says_how_sure_it_is_gives_an_interval_and_a_column(
    alice_client: Client, clinic: Clinic, analysis: Analysis
) -> None:
    image = prepare(make_image(make_case(clinic, patient_code="P-7"), content=png(9, 9)))
    sure = analyse(image, analysis.model_version, sure=True)
    page = page_of(alice_client, sure)
    assert 'nuclei <span class="quiet" id="count-interval">(1–4)</span>' in page
    assert 'data-column="confidence"' in page
    older = page_of(alice_client, analysis)
    assert "count-interval" not in older and 'data-column="confidence"' not in older


def test_what_the_viewers_need_can_be_fetched(alice_client: Client, analysis: Analysis) -> None:
    page = page_of(alice_client, analysis)
    facts = json.loads(
        re.search(r'<script id="viewer-facts" type="application/json">(.+?)</script>', page)[1]
    )  # type: ignore[index]
    assert alice_client.get(facts["picture"]["base"] + "0/0_0.jpeg").content == b"tile of the picture"
    assert alice_client.get(facts["mask"]["base"] + "0/0_0.jpeg").content == b"tile of the mask"
    nuclei = json.loads(b"".join(alice_client.get(facts["nuclei"]).streaming_content))
    outlines = json.loads(b"".join(alice_client.get(facts["outlines"]).streaming_content))
    assert len(nuclei["columns"]["id"]) == len(outlines["outlines"]) == 2
    assert facts["um_per_px"] is None


def test_pictures_of_a_biopsy_lead_to_one_another(alice_client: Client, clinic: Clinic) -> None:
    version, case = make_version(), make_case(clinic)
    first, second = (
        analyse(prepare(make_image(case, name=f"campo {n}.png", content=png(grey=n))), version)
        for n in (1, 2)
    )
    assert reverse("analysis", args=[second.pk]) in page_of(alice_client, first)
    assert reverse("analysis", args=[first.pk]) in page_of(alice_client, second)


def test_a_waiting_analysis_shows_its_place_and_then_opens_by_itself(
    alice_client: Client, clinic: Clinic
) -> None:
    make_version()
    image = prepare(make_image(make_case(clinic)))
    analysis = analysis_request(image=image)
    assert "In the queue, number 1" in page_of(alice_client, analysis)
    status = reverse("analysis_status", args=[analysis.pk])
    waiting = alice_client.get(status)
    assert "every 2s" in waiting.content.decode()
    assert "HX-Refresh" not in waiting.headers
    done = analyse(image, analysis.model_version)
    assert alice_client.get(reverse("analysis_status", args=[done.pk]))["HX-Refresh"] == "true"


@pytest.mark.parametrize(
    ("state", "words"), [("failed", "It could not be analysed"), ("cancelled", "Cancelled")]
)
def test_an_analysis_that_ended_otherwise_offers_another_try(
    alice_client: Client, clinic: Clinic, state: str, words: str
) -> None:
    make_version()
    analysis = analysis_request(image=prepare(make_image(make_case(clinic))))
    end_job(analysis.job, state, error_code="out_of_memory" if state == "failed" else "")
    page = page_of(alice_client, analysis)
    assert words in page
    answer = alice_client.post(
        reverse("picture_act", args=[analysis.image.pk, "retry"]), {"back": "analysis"}
    )
    assert answer["Location"] == reverse("analysis", args=[analysis.pk])
    analysis.job.refresh_from_db()
    assert analysis.job.state == State.QUEUED


def test_a_picture_without_nuclei_says_so(alice_client: Client, analysis: Analysis) -> None:
    Analysis.objects.update(nuclei_count=0, summary={"count": 0})
    assert "The network found no nucleus in this picture." in page_of(alice_client, analysis)
