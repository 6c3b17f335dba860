"""The nights on which nobody is there: a rule, a clock that is moved, and what the gate said in the morning.

The network in use outlines blue and red nuclei alike; on `tests.two_dyes` only the blue ones count. So a
training on true masks makes a better version, and one on masks that lie on other pictures a worse one.
"""

from __future__ import annotations

from tests.flows.place import Place
from tests.services import wait_until

CLINIC = "Laboratorio de noche"
NIGHT_S = 900
SET_UP = """
import io, sys, tempfile
from pathlib import Path
import numpy as np
from PIL import Image
from segmentation.label_files import write_labels
from tests.two_dyes import draw_two_dyes
from webapp.accounts.services import clinic_create
from webapp.common.storage import file_row, store_bytes
from webapp.datasets.models import Dataset, Sample
from webapp.datasets.services import version_freeze
from webapp.registry.services import bundles_register
bundles_register()
clinic = clinic_create(name=sys.argv[1])
dataset = Dataset.objects.create(clinic=clinic, name="Dos tinciones dibujadas")

def kept(content):
    stored = store_bytes(clinic_id=clinic.pk, content=content, media_type="image/png", ext=".png")
    return file_row(clinic_id=clinic.pk, stored=stored)

for seed in range(30):
    rgb, labels = draw_two_dyes(seed)
    picture = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(rgb)).save(picture, format="PNG")
    with tempfile.TemporaryDirectory() as folder:
        mask = write_labels(Path(folder) / "labels", labels).read_bytes()
    Sample.objects.create(
        clinic=clinic, dataset=dataset, name=f"campo {seed}.png", picture=kept(picture.getvalue()),
        labels=kept(mask), width=rgb.shape[1], height=rgb.shape[0], nuclei_count=int(labels.max()),
        group=f"paciente {seed // 3}", modality="fluorescence-dark", origin="imported", review="approved",
    )
version_freeze(dataset=dataset, user=None)
"""
# Each mask of the training and validation parts lies on another picture; the test part stays true.
SHUFFLE = """
import sys
from webapp.datasets.models import Sample, VersionSample
every = VersionSample.objects.filter(version__clinic__name=sys.argv[1])
samples = [line.sample for line in every.exclude(part="test").order_by("name")]
masks = [sample.labels_id for sample in samples]
for sample, mask in zip(samples, masks[1:] + masks[:1]):
    Sample.objects.filter(pk=sample.pk).update(labels=mask)
print(every.filter(part="test").count())
"""
RULE = """
import sys
from django.utils import timezone
from webapp.datasets.models import Dataset
from webapp.registry.rules import rule_create
dataset = Dataset.objects.get(clinic__name=sys.argv[1])
# Its own hour is half a day away: only the test moves the clock there.
far = (timezone.localtime().hour + 12) % 24
rule_create(
    clinic=dataset.clinic, user=None, dataset=dataset, name="Cada noche", every_days=1, hour=far,
    promotes=True, config={
        "epochs": 3, "steps_per_epoch": 12, "batch_size": 4, "crop": 96, "learning_rate": 1e-3,
        "precision": "float32", "seed": 7,
    },
)
"""
CORRECT = """
import sys
from webapp.datasets.models import Sample, VersionSample
for line in VersionSample.objects.filter(version__number=1, version__clinic__name=sys.argv[1]):
    Sample.objects.filter(pk=line.sample_id).update(labels=line.labels)
one = Sample.objects.filter(clinic__name=sys.argv[1]).order_by("name").first()
Sample.objects.filter(pk=one.pk).update(source="Hospital del Norte")
"""
TWO_O_CLOCK = """
import sys
from datetime import timedelta
from django.utils import timezone
from webapp.registry.models import RetrainingRule
now = timezone.now()
RetrainingRule.objects.filter(clinic__name=sys.argv[1]).update(
    next_run_at=now - timedelta(seconds=1), last_run_at=now - timedelta(days=2)
)
"""
VERDICT = """
import sys
from segmentation.errors import sentence
from webapp.registry.models import StageChange
said = StageChange.objects.filter(kind__in=("passed", "refused"), clinic__name=sys.argv[1])
for change in said.order_by("created_at"):
    reasons = [sentence(why["code"], why["params"], "es") for why in change.reasons]
    print(change.kind, "|", change.model_version, "|", *reasons)
"""
OURS = f"clinic_id = (SELECT id FROM accounts_clinic WHERE name = '{CLINIC}')"
NIGHTS = f"SELECT count(*) FROM registry_rulerun WHERE closed_at IS NOT NULL AND {OURS}"
STAGES = f"SELECT version, stage FROM registry_modelversion WHERE {OURS} ORDER BY version"
JOBS = f"SELECT kind, state, count(*) FROM jobs_job WHERE {OURS} GROUP BY kind, state ORDER BY kind"
NOTICES = f"SELECT code FROM registry_notice WHERE {OURS} ORDER BY created_at"
FROZEN = f"SELECT state FROM jobs_job WHERE kind = 'freeze' AND {OURS}"


def set_up(place: Place) -> None:
    """A frozen data set; its freezing is the workers'."""
    place.python(SET_UP, CLINIC)
    wait_until(lambda: place.query(FROZEN) == [("succeeded",)], "the first version is frozen", NIGHT_S)


def shuffle(place: Place) -> None:
    assert int(place.python(SHUFFLE, CLINIC)) >= 3


def correct(place: Place) -> None:
    """True masks again, and something new, so that there is a version to freeze."""
    place.python(CORRECT, CLINIC)


def make_rule(place: Place) -> None:
    place.python(RULE, CLINIC)


def night(place: Place, number: int) -> list[str]:
    """Two o'clock strikes; what the gate has said when the night is over."""
    place.python(TWO_O_CLOCK, CLINIC)
    try:
        wait_until(lambda: place.query(NIGHTS) == [(number,)], f"night {number} is over", NIGHT_S)
    except AssertionError as late:
        raise AssertionError(f"{late}; {place.query(JOBS)}") from None
    return place.python(VERDICT, CLINIC).splitlines()


def stages(place: Place) -> dict[int, str]:
    return {int(version): stage for version, stage in place.query(STAGES)}


def told(place: Place) -> list[str]:
    return [code for (code,) in place.query(NOTICES)]


def succeeded(place: Place) -> dict[str, int]:
    """How many jobs of each kind ended well; none may have ended otherwise."""
    rows = place.query(JOBS)
    assert {state for _, state, _ in rows} == {"succeeded"}, rows
    return {kind: int(number) for kind, _, number in rows}
