"""The pages, as the people who use them meet them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.webapp.rows import analyse, end_job, make_case, make_image, make_version, png, prepare
from webapp.accounts.models import Clinic
from webapp.cases.models import Biopsy, Case
from webapp.jobs.models import Job, State
from webapp.jobs.services import job_claim, job_fail

FORM = {"patient_code": "P-7", "diagnosis": "all", "specimen": "aspirate_smear", "stain": "giemsa"}


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_a_visitor_is_led_to_the_door_and_back(client: Client, alice: Any) -> None:
    case = make_case(alice.clinic)
    page = reverse("case", args=[case.pk])
    answer = client.get(page)
    assert answer.status_code == 302
    assert answer["Location"] == f"/accounts/login/?next={page}"
    signed = client.post(answer["Location"], {"login": "alice", "password": "correct-horse-7"})
    assert signed["Location"] == page


def test_an_empty_list_says_what_a_case_is(alice_client: Client) -> None:
    page = text(alice_client.get("/"))
    assert "There are no cases yet" in page
    assert reverse("case_new") in page


def test_a_new_case_opens_its_page(alice_client: Client, alice: Any) -> None:
    answer = alice_client.post(reverse("case_new"), {**FORM, "um_per_px": "0.25", "taken_on": "2026-11-12"})
    case = Case.objects.get()
    assert answer["Location"] == reverse("case", args=[case.pk])
    assert case.created_by == alice
    page = text(alice_client.get(answer["Location"]))
    assert "Patient P-7" in page
    assert "Biopsy 12 Nov 2026" in page
    assert "0.25 µm per pixel" in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"patient_code": ""},
        {"patient_code": "x" * 41},
        {"stain": "ink"},
        {"um_per_px": "-1"},
        {"um_per_px": "nan"},
        {"um_per_px": "many"},
        {"taken_on": "2999-01-01"},
        {"taken_on": "soon"},
        {"patient_code": "a\x00b"},
    ],
)
def test_a_wrong_value_is_told_and_nothing_is_made(alice_client: Client, wrong: dict[str, str]) -> None:
    answer = alice_client.post(reverse("case_new"), {**FORM, **wrong})
    assert answer.status_code == 200
    assert 'class="error"' in answer.content.decode()
    assert not Case.objects.exists()


def test_the_list_counts_pictures_and_nuclei_and_finds_a_patient(
    alice_client: Client, clinic: Clinic
) -> None:
    version = make_version()
    case = make_case(clinic, patient_code="P-1")
    for grey in (1, 2):
        analyse(prepare(make_image(case, content=png(grey=grey))), version)
    make_case(clinic, patient_code="Q-2", title="control")
    page = text(alice_client.get("/"))
    assert "2 cases" in page
    assert '<span class="number">2</span> pictures' in page
    assert '<span class="number">4</span> nuclei' in page
    found = text(alice_client.get("/?q=contr"))
    assert "1 case" in found and "Q-2" in found and "P-1" not in found
    assert "No case has “zz”" in text(alice_client.get("/?q=zz"))


def test_the_list_is_cut_into_pages_and_keeps_the_question(alice_client: Client, clinic: Clinic) -> None:
    for number in range(27):
        make_case(clinic, patient_code=f"P-{number:02}")
    page = alice_client.get("/?sort=patient&q=P-").content.decode()
    assert "sort=patient&amp;q=P-&amp;page=2" in page
    last = text(alice_client.get("/?sort=patient&page=2"))
    assert "P-26" in last and "P-00" not in last


@pytest.mark.parametrize("address", ["/?page=zero", "/?page=-4", "/?sort=xx", "/?q=%00", "/?q=" + "x" * 3000])
def test_a_strange_address_is_still_a_page(alice_client: Client, address: str) -> None:
    assert alice_client.get(address).status_code == 200


def test_a_queued_picture_shows_its_place_and_asks_again(alice_client: Client, clinic: Clinic) -> None:
    case = make_case(clinic)
    for grey in (1, 2):
        make_image(case, content=png(grey=grey))
    page = text(alice_client.get(reverse("case_pictures", args=[case.pk])))
    assert "In the queue, number 1" in page
    assert "In the queue, number 2" in page
    assert 'hx-trigger="every 2s' in page
    assert "It goes on when you close this page." in page


def test_a_running_picture_shows_its_step_in_words(alice_client: Client, clinic: Clinic) -> None:
    make_version()
    case = make_case(clinic)
    make_image(case)
    job = job_claim(lane="pictures", owner="here", pid=1)
    assert job is not None
    Job.objects.filter(pk=job.pk).update(kind="segment", step="segmenting", done=12, total=40)
    page = text(alice_client.get(reverse("case_pictures", args=[case.pk])))
    assert "Looking for nuclei, 12 of 40" in page
    assert '<progress max="100" value="31"' in page


def test_the_asking_ends_when_every_job_has_ended(alice_client: Client, clinic: Clinic) -> None:
    case = make_case(clinic)
    analyse(prepare(make_image(case)), make_version())
    page = text(alice_client.get(reverse("case_pictures", args=[case.pk])))
    assert "every 2s" not in page
    assert 'data-live="no"' in page


@pytest.mark.parametrize(
    ("language", "words"), [("es", "está incompleto o dañado"), ("en", "incomplete or damaged")]
)
def test_a_failure_is_told_in_the_readers_language(
    alice_client: Client, clinic: Clinic, language: str, words: str
) -> None:
    case = make_case(clinic)
    make_image(case)
    job = job_claim(lane="pictures", owner="here", pid=1)
    assert job is not None
    job_fail(job_id=job.pk, attempt=job.attempt, code="damaged", params={})
    page = alice_client.get(reverse("case", args=[case.pk]), headers={"accept-language": language})
    assert words in text(page)


@pytest.mark.parametrize(
    ("code", "params"), [("no such code", {}), ("too_small", {"wrong": 1}), ("unexpected", {})]
)
def test_a_failure_nobody_foresaw_still_has_a_sentence(
    alice_client: Client, clinic: Clinic, code: str, params: dict[str, Any]
) -> None:
    case = make_case(clinic)
    image = make_image(case)
    end_job(image.prepare_job, State.FAILED, error_code=code, error_params=params, error_id="ab12cd34")
    page = alice_client.get(reverse("case", args=[case.pk]))
    assert page.status_code == 200
    assert "ab12cd34" in text(page)


def act(client: Client, image: Any, what: str, **headers: str) -> Any:
    return client.post(reverse("picture_act", args=[image.pk, what]), headers=headers)


def test_cancel_and_try_again(alice_client: Client, clinic: Clinic) -> None:
    case = make_case(clinic)
    image = make_image(case)
    fragment = text(act(alice_client, image, "cancel", **{"hx-request": "true"}))
    assert "Cancelled" in fragment
    assert Job.objects.get().state == State.CANCELLED
    assert act(alice_client, image, "retry")["Location"] == reverse("case", args=[case.pk])
    assert Job.objects.get().state == State.QUEUED


def test_cancelling_what_has_ended_changes_nothing(alice_client: Client, clinic: Clinic) -> None:
    image = make_image(make_case(clinic))
    analysis = analyse(prepare(image), make_version())
    act(alice_client, image, "cancel")
    analysis.job.refresh_from_db()
    assert analysis.job.state == State.SUCCEEDED


def test_a_picture_prepared_before_there_was_a_model_can_be_analysed(
    alice_client: Client, clinic: Clinic
) -> None:
    case = make_case(clinic)
    image = prepare(make_image(case))
    assert "No model is installed" in text(alice_client.get(reverse("case", args=[case.pk])))
    act(alice_client, image, "analyse")
    assert not image.analyses.exists()
    make_version()
    act(alice_client, image, "analyse")
    assert image.analyses.get().job.state == State.QUEUED


def test_a_biopsy_is_added_and_corrected(alice_client: Client, clinic: Clinic) -> None:
    case = make_case(clinic)
    sample = {"specimen": "trephine", "stain": "he", "um_per_px": "", "taken_on": ""}
    alice_client.post(reverse("biopsy_new", args=[case.pk]), sample)
    biopsy = Biopsy.objects.get(stain="he")
    page = alice_client.get(reverse("biopsy_edit", args=[biopsy.pk])).content.decode()
    assert '<option value="trephine" selected>' in page
    alice_client.post(reverse("biopsy_edit", args=[biopsy.pk]), {**sample, "um_per_px": "0.5"})
    biopsy.refresh_from_db()
    assert biopsy.um_per_px == 0.5


def test_the_demo_says_that_it_is_one_while_it_is_drawn(alice_client: Client, clinic: Clinic) -> None:
    from webapp.cases.services import demo_case_create

    case = demo_case_create(clinic=clinic, user=None)
    page = text(alice_client.get(reverse("case", args=[case.pk])))
    assert "Drawing the demo pictures" in page
    assert "every 2s" in page
    assert "None is of a patient" in page


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_page_says_what_it_is_not(alice_client: Client, clinic: Clinic, language: str) -> None:
    version = make_version()
    case = make_case(clinic)
    analysis = analyse(prepare(make_image(case)), version)
    words = {"es": "Uso en investigación. No es un diagnóstico.", "en": "Research use. Not a diagnosis."}[
        language
    ]
    for address in (
        "/",
        reverse("case_new"),
        reverse("case", args=[case.pk]),
        reverse("analysis", args=[analysis.pk]),
        reverse("account_change_password"),
        "/nowhere/",
    ):
        assert words in alice_client.get(address, headers={"accept-language": language}).content.decode()


def test_biopsies_stand_by_date_and_then_as_they_were_written(alice_client: Client, clinic: Clinic) -> None:
    case = make_case(clinic, specimen="culture")
    sample = {"stain": "he", "um_per_px": "", "taken_on": ""}
    for specimen, day in (("trephine", ""), ("blood_smear", "2026-03-01"), ("other", "2026-02-01")):
        alice_client.post(
            reverse("biopsy_new", args=[case.pk]), {**sample, "specimen": specimen, "taken_on": day}
        )
    page = text(alice_client.get(reverse("case", args=[case.pk])))
    titles = [part.split(">", 1)[1].split("</h2>")[0] for part in page.split("<h2")[1:]]
    assert titles == [
        "Biopsy 1 Feb 2026",
        "Biopsy 1 Mar 2026",
        "Cell culture",
        "Bone marrow biopsy (trephine)",
    ]
