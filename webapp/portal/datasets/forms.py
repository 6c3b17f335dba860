"""Forms of data sets, imports and samples."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from webapp.cases.models import Biopsy
from webapp.datasets.imports import GroupFrom
from webapp.datasets.models import Dataset, DatasetImport

UNSAID = ("", _("Not said"))


class DatasetForm(forms.Form):
    """A data set's name and where its pictures come from."""

    name = forms.CharField(
        label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    description = forms.CharField(
        label=_("Description"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=300,
        required=False,
        help_text=_("Who made the pictures and where they were published, for example BBBC038v1."),
    )
    licence = forms.CharField(
        label=_("Licence"),
        max_length=120,
        required=False,
        help_text=_("For example CC0 or CC BY 4.0; “own” for your laboratory's pictures."),
    )


class ImportForm(forms.Form):
    """What every picture of one hand-in has in common."""

    layout = forms.ChoiceField(
        label=_("How the files are arranged"),
        choices=DatasetImport.Layout.choices,
        initial=DatasetImport.Layout.AUTO,
    )
    group_from = forms.ChoiceField(
        label=_("What tells the group"),
        choices=GroupFrom.choices,
        initial=GroupFrom.AUTO,
        help_text=_(
            "Pictures of one patient, slide or parent picture are a group: they never end up on both "
            "sides of the split."
        ),
    )
    source = forms.CharField(label=_("Source"), max_length=300, required=False)
    licence = forms.CharField(label=_("Licence"), max_length=120, required=False)
    specimen = forms.ChoiceField(
        label=_("Specimen"), choices=[UNSAID, *Biopsy.Specimen.choices], required=False
    )
    stain = forms.ChoiceField(label=_("Stain"), choices=[UNSAID, *Biopsy.Stain.choices], required=False)
    draw_masks = forms.BooleanField(
        label=_("Draw the masks that are missing, by pixel filtering"), required=False, initial=True
    )

    def settings(self) -> dict[str, Any]:
        """All of it but the layout, as the import keeps it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "layout"}


class SampleForm(forms.Form):
    """What a curator may correct of one sample."""

    group = forms.CharField(
        label=_("Group"),
        max_length=120,
        help_text=_("Patient, slide or parent picture: all of a group go to one part of the split."),
    )
    category = forms.CharField(label=_("Class"), max_length=80, required=False)
    specimen = forms.ChoiceField(
        label=_("Specimen"), choices=[UNSAID, *Biopsy.Specimen.choices], required=False
    )
    stain = forms.ChoiceField(label=_("Stain"), choices=[UNSAID, *Biopsy.Stain.choices], required=False)


def initial_of(dataset: Dataset) -> dict[str, str]:
    return {name: getattr(dataset, name) for name in DatasetForm.base_fields}
