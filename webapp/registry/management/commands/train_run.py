"""`manage.py train_run`: ask for a training from a shell. It goes through the queue like any other."""

from __future__ import annotations

import json
import time
import uuid
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import get_language

from segmentation.errors import MedulaError
from webapp.datasets.models import DatasetVersion
from webapp.registry.models import ModelVersion, TrainingRun
from webapp.registry.training import run_request
from webapp.registry.training_settings import PRESETS

POLL_S = 2.0


class Command(BaseCommand):
    help = "Ask for a training of a frozen data set version; the worker of trainings does it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dataset-version", type=uuid.UUID, required=True, help="id of a frozen version")
        parser.add_argument("--start", type=uuid.UUID, help="id of a model version to start from (transfer)")
        parser.add_argument("--length", choices=sorted(PRESETS), default="standard", help="how long")
        parser.add_argument(
            "--set", action="append", default=[], metavar="NAME=VALUE",
            help='one setting, its value as JSON: epochs=3, architecture={"filters":[8,16]}',
        )  # fmt: skip
        parser.add_argument("--wait", action="store_true", help="wait until it has ended, and say how")

    def handle(self, *args: Any, **options: Any) -> None:
        version = DatasetVersion.objects.filter(pk=options["dataset_version"]).first()
        if version is None:
            raise CommandError(f"there is no data set version {options['dataset_version']}")
        start = None
        if options["start"] is not None:
            start = ModelVersion.objects.filter(pk=options["start"]).first()
            if start is None:
                raise CommandError(f"there is no model version {options['start']}")
        config = {**PRESETS[options["length"]], **dict(map(setting, options["set"]))}
        try:
            run = run_request(version=version, user=None, config=config, start_version=start)
        except MedulaError as refused:
            raise CommandError(refused.sentence(get_language() or "en")) from refused
        self.stdout.write(f"{run.pk} {run.job.state}, about {run.estimate_s} s")
        if options["wait"]:
            self.follow(run)

    def follow(self, run: TrainingRun) -> None:
        """A line an epoch, until the job has ended; an end other than success is the command's failure."""
        told = 0
        while True:
            run = TrainingRun.objects.select_related("job", "model_version").get(pk=run.pk)
            for epoch in run.epochs.filter(epoch__gt=told):
                told = epoch.epoch
                self.stdout.write(
                    f"epoch {told}: accuracy {epoch.accuracy:.3f} {epoch.val_accuracy:.3f} "
                    f"loss {epoch.loss:.3f} {epoch.val_loss:.3f} AP {epoch.val_map:.3f}"
                )
            if run.job.is_ended:
                break
            time.sleep(POLL_S)
        if run.model_version is None:
            raise CommandError(f"{run.job.state} {run.job.error_code}".strip())
        self.stdout.write(f"{run.model_version} {run.model_version.digest}")


def setting(text: str) -> tuple[str, Any]:
    """name=value; what is no JSON is taken as text."""
    name, equals, value = text.partition("=")
    if not equals:
        raise CommandError(f"{text!r} is not NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
