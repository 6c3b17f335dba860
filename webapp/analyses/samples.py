"""An analysis that a person says is right becomes a sample to learn from."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from segmentation.errors import DataError
from webapp.accounts.models import User
from webapp.accounts.roles import CURATE, may
from webapp.analyses.models import Analysis
from webapp.datasets.imports import dataset_open
from webapp.datasets.models import Dataset, Sample


@transaction.atomic
def analysis_confirm(*, analysis: Analysis, dataset: Dataset, user: User) -> Sample:
    """Put a picture and the nuclei found in it into a data set, in the files that are there already.

    The patient is its group. A curator's word is its review; another person's sample waits for one. Asked
    twice it is the same sample; a mask not yet approved gives way to the confirmed one. Raises DataError
    where the analysis has not ended well, or the picture is in the set with another approved mask.
    """
    if analysis.clinic_id != dataset.clinic_id:
        raise ValueError("an analysis goes into a data set of its own clinic only")
    dataset = Dataset.objects.select_for_update().get(pk=dataset.pk)
    dataset_open(dataset)
    if analysis.labels_id is None:
        raise DataError("analysis_unfinished")
    image = analysis.image
    sample = Sample.objects.filter(dataset=dataset, picture_id=image.original_id).first()
    if sample is not None and sample.analysis_id == analysis.pk:
        return sample
    if sample is None:
        sample = Sample(clinic_id=dataset.clinic_id, dataset=dataset, picture_id=image.original_id)
    elif sample.review == Sample.Review.APPROVED:
        raise DataError("sample_has_other_mask", name=sample.name)
    _describe(sample, analysis)
    reviewed = may(user, CURATE)
    sample.review = Sample.Review.APPROVED if reviewed else Sample.Review.WAITING
    sample.reviewed_by = user if reviewed else None
    sample.reviewed_at = timezone.now() if reviewed else None
    sample.save()
    return sample


def _describe(sample: Sample, analysis: Analysis) -> None:
    image = analysis.image
    biopsy = image.biopsy
    assert image.width is not None and image.height is not None  # it was prepared before it was analysed
    sample.name = image.original_name
    sample.width, sample.height = image.width, image.height
    sample.thumbnail_id = image.thumbnail_id
    sample.labels_id, sample.outlines_id = analysis.labels_id, analysis.outlines_id
    sample.nuclei_count = analysis.nuclei_count
    sample.modality = analysis.modality
    # The pseudonym's id, not its code: an exported set does not name the laboratory's patients.
    sample.group = f"patient:{biopsy.case.patient_id}"
    sample.specimen, sample.stain = biopsy.specimen, biopsy.stain
    sample.source, sample.licence = sample.dataset.source, sample.dataset.licence
    sample.origin = Sample.Origin.ANALYSIS
    sample.analysis_id = analysis.pk
    sample.mask_job = None
