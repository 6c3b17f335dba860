"""The pages of trainings: asked for in plain words, followed while they run, read when they have ended."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

from tests.webapp.rows import end_job, make_version
from tests.worker.frozen import TINY, freeze
from webapp.accounts.models import User
from webapp.common.storage import store_bytes
from webapp.datasets.models import DatasetVersion
from webapp.jobs.models import Job, State
from webapp.registry.evaluating import Panel, evaluation_record, evaluation_request
from webapp.registry.models import EpochMetric, Evaluation, TrainingRun, Trial, TuningStudy
from webapp.registry.training import run_request
from webapp.registry.tuning import study_request

pytestmark = pytest.mark.django_db
FIGURES = ("pixel_accuracy", "dice", "iou", "ap50", "ap75", "ap90", "map", "pq", "aji", "count_error")


@pytest.fixture
def curator(alice: User, alice_client: Client) -> Client:
    User.objects.filter(pk=alice.pk).update(role=User.Role.CURATOR)
    return alice_client


@pytest.fixture
def version(clinic: Any) -> DatasetVersion:
    return freeze(clinic)


@pytest.fixture
def run(version: DatasetVersion) -> TrainingRun:
    return run_request(version=version, user=None, config=TINY)


def asked(version: DatasetVersion, **changes: Any) -> dict[str, Any]:
    return {
        "version": version.pk, "start": "", "length": "quick", "epochs": "", "steps_per_epoch": "",
        "batch_size": 4, "learning_rate": 0.002, "size": "small", "drawn_smears": 0, "seed": 7, **changes,
    }  # fmt: skip


def epoch(run: TrainingRun, number: int, val_map: float = 0.25) -> None:
    EpochMetric.objects.create(
        run=run, epoch=number, loss=1.5, val_loss=1.25, accuracy=0.75, val_accuracy=0.875, val_ap50=0.5,
        val_map=val_map, seconds=12.0,
    )  # fmt: skip


def test_a_training_is_asked_for_on_a_page_and_twice_is_once(
    curator: Client, version: DatasetVersion
) -> None:
    assert "New training" in curator.get(reverse("trainings")).content.decode()
    page = curator.get(reverse("training_new") + f"?version={version.pk}").content.decode()
    assert f'value="{version.pk}" selected' in page
    first = curator.post(reverse("training_new"), asked(version))
    second = curator.post(reverse("training_new"), asked(version))
    run = TrainingRun.objects.get()
    assert first["Location"] == second["Location"] == reverse("training_run", args=[run.pk])
    assert run.config["architecture"]["filters"] == [16, 32, 64, 128] and run.config["epochs"] == 6
    assert run.requested_by is not None and run.requested_by.username == "alice"


def test_a_length_of_ones_own_needs_its_numbers(curator: Client, version: DatasetVersion) -> None:
    page = curator.post(reverse("training_new"), asked(version, length="own")).content.decode()
    assert "Say how many" in page and not TrainingRun.objects.exists()
    curator.post(reverse("training_new"), asked(version, length="own", epochs=3, steps_per_epoch=5))
    assert TrainingRun.objects.get().config["epochs"] == 3


def test_a_version_with_one_sample_is_refused_in_words_on_the_page(curator: Client, clinic: Any) -> None:
    small = freeze(clinic, train=1, validation=0, test=0)
    answer = curator.post(reverse("training_new"), asked(small))
    assert answer.status_code == 200 and "Approve more" in answer.content.decode()
    assert not Job.objects.filter(kind="train").exists()


def test_the_estimate_follows_what_stands_in_the_form(curator: Client, version: DatasetVersion) -> None:
    def estimate(**changes: Any) -> str:
        return curator.get(reverse("training_estimate"), asked(version, **changes)).content.decode()

    assert "about" in estimate() and estimate() != estimate(length="long")
    assert "complete" in estimate(seed="none")


def test_a_running_training_shows_its_epochs_and_the_time_left(curator: Client, run: TrainingRun) -> None:
    epoch(run, 1)
    Job.objects.filter(pk=run.job_id).update(
        state=State.RUNNING, step="training", done=3, total=6, lease_until=run.created_at,
        started_at=run.created_at,
    )  # fmt: skip
    page = curator.get(reverse("training_status", args=[run.pk])).content.decode()
    assert "1 epoch left" in page and "About 12 s left" in page and "every 2s" in page
    data = json.loads(curator.get(reverse("training_curves", args=[run.pk])).content)
    assert data["epoch"] == [1] and data["val_accuracy"] == [0.875] and data["live"]
    assert "uplot" in curator.get(reverse("training_run", args=[run.pk])).content.decode()
    assert "every 4s" in curator.get(reverse("trainings_list")).content.decode()


def test_a_cancelled_training_offers_to_go_on(curator: Client, run: TrainingRun) -> None:
    epoch(run, 1)
    curator.post(reverse("training_act", args=[run.pk, "cancel"]))
    run.job.refresh_from_db()
    assert run.job.state == State.CANCELLED
    page = curator.get(reverse("training_run", args=[run.pk])).content.decode()
    assert "Go on" in page and "1 epoch is kept" in page and "every 2s" not in page
    answer = curator.post(reverse("training_act", args=[run.pk, "retry"]), headers={"HX-Request": "true"})
    assert "In the queue" in answer.content.decode()


def test_a_failed_training_says_why(curator: Client, run: TrainingRun) -> None:
    end_job(run.job, State.FAILED, error_code="sample_changed", error_params={"name": "campo 3.png"})
    assert "campo 3.png" in curator.get(reverse("training_run", args=[run.pk])).content.decode()


def test_a_tuning_shows_the_best_trial_first_and_trains_with_it(
    curator: Client, version: DatasetVersion
) -> None:
    form = {"version": version.pk, "trials": 3, "epochs": 1, "steps_per_epoch": 2, "lowest_rate": 0.001,
            "highest_rate": 0.01, "batch_sizes": [2, 4], "widths": "on", "seed": 5}  # fmt: skip
    curator.post(reverse("tuning_new"), form)
    study = TuningStudy.objects.get()
    for number, value in enumerate((0.1, 0.4, 0.2)):
        params = {"learning_rate": 0.001 * (number + 1), "batch_size": 2, "first_filters": 16}
        Trial.objects.create(
            study=study, number=number, params=params, value=value, epochs=1, outcome="complete"
        )
    end_job(study.job)
    page = curator.get(reverse("tuning_study", args=[study.pk])).content.decode()
    assert page.index("0.400") < page.index("0.200") < page.index("0.100") and "2 (best)" in page
    answer = curator.post(reverse("tuning_train", args=[study.pk, 1]))
    run = TrainingRun.objects.get()
    assert answer["Location"] == reverse("training_run", args=[run.pk])
    assert run.config["learning_rate"] == 0.002
    assert run.config["architecture"]["filters"] == [16, 32, 64, 128]
    assert curator.post(reverse("tuning_train", args=[study.pk, 9])).status_code == 404
    wrong = curator.post(reverse("tuning_new"), {**form, "lowest_rate": 0.05}).content.decode()
    assert "above the lowest" in wrong


def test_an_evaluation_shows_figures_beside_the_baselines_and_pictures(
    curator: Client, version: DatasetVersion, alice: User
) -> None:
    network = make_version()
    asked_for = {"model_version": network.pk, "version": version.pk}
    curator.post(reverse("evaluation_new"), asked_for)
    curator.post(reverse("evaluation_new"), asked_for)
    evaluation = Evaluation.objects.get()
    assert "every 2s" in curator.get(reverse("evaluation", args=[evaluation.pk])).content.decode()
    end_job(evaluation.job)
    rows = [
        {
            "name": name,
            "modality": kind,
            "images": 2,
            "nuclei": 12,
            "predicted": 11,
            **dict.fromkeys(FIGURES, 0.5),
        }
        for kind in ("all", "fluorescence-dark")
        for name in ("U-Net", "Otsu + watershed", "All background")
    ]
    strip = store_bytes(
        clinic_id=version.clinic_id, content=b"\xff\xd8\xff strip", media_type="image/jpeg", ext=".jpg"
    )
    figures = {"dice": 0.5, "ap50": 0.5, "nuclei": 6, "predicted": 5}
    panel = Panel(name="campo 5.png", modality="fluorescence-dark", picture=strip, figures=figures)
    own = evaluation_record(evaluation_id=evaluation.pk, report={"images": 2, "rows": rows}, panels=[panel])
    network.refresh_from_db()
    assert not own and network.test_report == {}, "a shipped network keeps the figures it came with"
    page = curator.get(reverse("evaluation", args=[evaluation.pk])).content.decode()
    assert "Fluorescence" in page and "Otsu" in page and "Nothing found" in page and "5 found of 6" in page
    picture = reverse("panel_picture", args=[evaluation.pk, strip.sha256])
    assert picture in page
    assert b"".join(curator.get(picture)).startswith(b"\xff\xd8\xff")  # type: ignore[arg-type]
    assert curator.get(reverse("panel_picture", args=[evaluation.pk, "0" * 64])).status_code == 404


def test_an_evaluation_shows_intervals_bias_and_how_far_confidence_held(
    curator: Client, version: DatasetVersion
) -> None:
    evaluation = evaluation_request(model_version=make_version(), version=version)
    end_job(evaluation.job)
    figures = dict.fromkeys(FIGURES, 0.5)
    counted = {"images": 2, "count_error": 0.1, "bias": -0.07, "intervals": {"bias": [-0.16, 0.03]}}
    row = {"name": "U-Net", "modality": "all", "images": 2, "nuclei": 12, "predicted": 11, **figures}
    row |= {"intervals": {name: [0.41, 0.62] for name in FIGURES}, "counted": counted}
    bins = [{"low": 0.9, "high": 1.0, "nuclei": 1311, "said": 0.96, "seen": 0.93}]
    known = {"nuclei": 1311, "matched": 1219, "ece": 0.03, "brier": 0.05, "bins": bins}
    counts = {"level": 0.95, "images": 2, "held": 1, "bias": 0.02, "median_half_width": 0.31}
    said = {"calibration": known, "kinds": {"fluorescence-dark": known}, "counts": counts}
    report = {"images": 2, "rows": [row], "confidence": said}
    evaluation_record(evaluation_id=evaluation.pk, report=report, panels=[])
    page = curator.get(reverse("evaluation", args=[evaluation.pk])).content.decode()
    assert "0.41 – 0.62" in page and "-0.07" in page and "-0.16 – 0.03" in page
    assert "1,311 nuclei found, 1,219 match" in page and "differ by 0.03" in page
    assert "held the true number in 1 of 2 pictures; to either side it is 31 %" in page
    assert '<meter min="0" max="1" value="0.93">' in page


def test_pages_of_trainings_are_for_those_who_train_and_for_their_clinic(
    alice_client: Client, bob: User, bob_client: Client, run: TrainingRun, version: DatasetVersion
) -> None:
    study = study_request(version=version, user=None, config=TINY, search={})
    evaluation = evaluation_request(model_version=make_version(), version=version)
    pages = [
        reverse("trainings"),
        reverse("training_new"),
        reverse("training_run", args=[run.pk]),
        reverse("training_curves", args=[run.pk]),
        reverse("training_status", args=[run.pk]),
        reverse("tuning_study", args=[study.pk]),
        reverse("tuning_status", args=[study.pk]),
        reverse("evaluation", args=[evaluation.pk]),
        reverse("evaluation_status", args=[evaluation.pk]),
        reverse("panel_picture", args=[evaluation.pk, "0" * 64]),
    ]
    # The panels' files are for whoever may read; this one has none yet.
    seen = [alice_client.get(page).status_code for page in pages]
    assert seen == [403] * 9 + [404], "a laboratory does not train"
    User.objects.filter(pk=bob.pk).update(role=User.Role.CURATOR)
    assert [bob_client.get(page).status_code for page in pages] == [200, 200] + [404] * 8
    acts = [
        reverse("training_act", args=[run.pk, "cancel"]),
        reverse("tuning_act", args=[study.pk, "cancel"]),
        reverse("tuning_train", args=[study.pk, 0]),
        reverse("evaluation_act", args=[evaluation.pk, "cancel"]),
    ]
    assert [bob_client.post(act).status_code for act in acts] == [404] * 4
    refused = bob_client.post(reverse("training_new"), asked(version)).content.decode()
    assert "Select a valid choice" in refused and TrainingRun.objects.count() == 1


def test_a_training_can_be_asked_for_from_a_shell(
    version: DatasetVersion, capsys: pytest.CaptureFixture[str]
) -> None:
    sets = ["crop=64", "epochs=2", 'architecture={"filters":[4,8]}', 'tile={"size":64,"overlap":16}']
    options = [f"--set={one}" for one in sets]
    call_command("train_run", f"--dataset-version={version.pk}", "--length=quick", *options)
    run = TrainingRun.objects.get()
    assert str(run.pk) in capsys.readouterr().out and run.config["epochs"] == 2
    for wrong in ("--set=epochs=0", "--set=epoch=3", "--set=epochs", f"--start={run.pk}"):
        with pytest.raises(CommandError):
            call_command("train_run", f"--dataset-version={version.pk}", wrong)
    assert TrainingRun.objects.count() == 1
