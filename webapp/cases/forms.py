"""Forms of cases and biopsies."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from webapp.cases.models import Biopsy, Case

# Below it one pixel would be finer than light resolves many times over; above it no nucleus is seen.
UM_PER_PX_LEAST, UM_PER_PX_MOST = 0.01, 20.0


class BiopsyForm(forms.Form):
    """What the pictures of one sample have in common."""

    specimen = forms.ChoiceField(label=_("Specimen"), choices=Biopsy.Specimen.choices)
    stain = forms.ChoiceField(label=_("Stain"), choices=Biopsy.Stain.choices, initial=Biopsy.Stain.GIEMSA)
    taken_on = forms.DateField(
        label=_("Date of the sample"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    um_per_px = forms.FloatField(
        label=_("Calibration (µm per pixel)"),
        required=False,
        min_value=UM_PER_PX_LEAST,
        max_value=UM_PER_PX_MOST,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
        help_text=_("Without it, sizes are given in pixels. The microscope's camera software shows it."),
    )

    def clean_taken_on(self) -> Any:
        day = self.cleaned_data["taken_on"]
        if day is not None and day > timezone.localdate():
            raise forms.ValidationError(_("This day has not come yet."))
        return day


class CaseForm(BiopsyForm):
    """A new case with its first biopsy."""

    field_order = ["patient_code", "title", "diagnosis", "specimen", "stain", "taken_on", "um_per_px"]

    patient_code = forms.CharField(
        label=_("Patient code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "P-0042"}),
        help_text=_("A code of your laboratory. Never the name or the identity number."),
    )
    title = forms.CharField(
        label=_("Title"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    diagnosis = forms.ChoiceField(
        label=_("Diagnosis"), choices=Case.Diagnosis.choices, initial=Case.Diagnosis.UNKNOWN
    )
