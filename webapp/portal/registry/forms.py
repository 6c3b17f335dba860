"""The form of a retraining rule."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from segmentation.errors import MedulaError
from webapp.accounts.models import User
from webapp.datasets.models import Dataset
from webapp.datasets.selectors import datasets_of
from webapp.registry.models import RetrainingRule
from webapp.registry.training_settings import LIMITS, PRESETS, settings_read

WHOLE = ("epochs", "steps_per_epoch", "batch_size")
USUAL: dict[str, Any] = {**PRESETS["standard"], "batch_size": 8, "learning_rate": 0.001}


class RuleForm(forms.Form):
    """When, on which data set, from where, with which settings, and whether it may promote by itself."""

    name = forms.CharField(
        label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    dataset: forms.ModelChoiceField[Dataset] = forms.ModelChoiceField(
        label=_("Data set"), queryset=Dataset.objects.none(), empty_label=None
    )
    every_days = forms.IntegerField(
        label=_("Every so many days"), required=False, min_value=1, max_value=366,
        help_text=_("Leave it empty if only the number of new samples counts."),
    )  # fmt: skip
    new_samples = forms.IntegerField(
        label=_("Or when so many newly approved samples wait"),
        required=False, min_value=1, max_value=100_000,
        help_text=_("Looked at once a night, at the hour below."),
    )  # fmt: skip
    hour = forms.IntegerField(label=_("Hour of the night (0 to 23)"), min_value=0, max_value=23, initial=2)
    start = forms.ChoiceField(
        label=_("Start from"), choices=RetrainingRule.Start.choices, initial=RetrainingRule.Start.PRODUCTION
    )
    epochs = forms.IntegerField(label=_("Epochs"), min_value=1, max_value=int(LIMITS["epochs"][1]))
    steps_per_epoch = forms.IntegerField(
        label=_("Steps per epoch"), min_value=1, max_value=int(LIMITS["steps_per_epoch"][1])
    )
    batch_size = forms.IntegerField(
        label=_("Pictures per step"), min_value=1, max_value=int(LIMITS["batch_size"][1])
    )
    learning_rate = forms.FloatField(
        label=_("Learning rate"), min_value=LIMITS["learning_rate"][0], max_value=LIMITS["learning_rate"][1],
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
        help_text=_("How large each step is. From a version in use, smaller than from scratch."),
    )  # fmt: skip
    promotes = forms.BooleanField(
        label=_("Put into use by itself what passes the gate"), required=False,
        help_text=_("Otherwise a person decides; the gate is asked in any case."),
    )  # fmt: skip
    is_enabled = forms.BooleanField(label=_("Enabled"), required=False, initial=True)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["dataset"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = datasets_of(user).filter(archived_at=None)
        for name, value in USUAL.items():
            if name in self.fields and self.fields[name].initial is None:
                self.fields[name].initial = value

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if not self.errors and not found.get("every_days") and not found.get("new_samples"):
            raise forms.ValidationError(_("Say how many days, how many new samples, or both."))
        if not self.errors:
            try:
                settings_read(self.config())
            except MedulaError as problem:
                raise forms.ValidationError(problem.sentence(get_language() or "es")) from problem
        return found

    def config(self) -> dict[str, Any]:
        """The settings of the training, as a run takes them."""
        return {name: self.cleaned_data[name] for name in (*WHOLE, "learning_rate")}

    def facts(self) -> dict[str, Any]:
        """What a rule keeps, apart from its data set."""
        plain = ("name", "every_days", "new_samples", "hour", "start", "promotes", "is_enabled")
        return {**{name: self.cleaned_data[name] for name in plain}, "config": self.config()}


def initial_of(rule: RetrainingRule) -> dict[str, Any]:
    plain = ("name", "dataset", "every_days", "new_samples", "hour", "start", "promotes", "is_enabled")
    settings = {name: rule.config[name] for name in (*WHOLE, "learning_rate") if name in rule.config}
    return {**{name: getattr(rule, name) for name in plain}, **settings}
