"""tune: short trainings look for settings, judged on the validation part; a trial a row as it ends."""

from __future__ import annotations

from dataclasses import asdict

from django.db import transaction

from segmentation.spec import TrainConfig, TuneSearch
from segmentation.tuning import Tried, tune
from webapp.datasets.learning import learning_rows
from webapp.registry.bundles import folder_drop, study_folder
from webapp.registry.models import TuningStudy
from webapp.registry.tuning import trials_record
from worker import decoder
from worker.device import prepare_device, step_back
from worker.handlers.frozen import load_parts
from worker.work import Finish, LeaseLost, Work


def handle(work: Work) -> Finish:
    work.progress("reading")
    step_back()
    study = TuningStudy.objects.select_related("dataset_version").get(pk=work.payload["study_id"])
    config, search = TrainConfig.from_dict(study.config), TuneSearch.from_dict(study.search)
    decoder.shared().start()
    training, validation = load_parts(work, learning_rows(study.dataset_version), config)
    prepare_device()
    folder = study_folder(study.pk)

    def record(tried: list[Tried]) -> None:
        rows = [asdict(one) for one in tried]
        if not trials_record(study_id=study.pk, job_id=work.id, attempt=work.attempt, trials=rows):
            raise LeaseLost

    work.progress("tuning")
    tune(
        config,
        search,
        training,
        validation,
        folder,
        on_trial=record,
        on_step=lambda done, total: work.progress("tuning", done, total),
    )

    def finish() -> None:
        # The trials are rows already; nothing else comes of a search.
        transaction.on_commit(lambda: folder_drop(folder))

    return finish
