"""What a person is asked before a training or a tuning, in plain words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from segmentation.spec import TrainConfig, TuneSearch
from webapp.accounts.models import User
from webapp.datasets.models import DatasetVersion
from webapp.datasets.selectors import versions_of
from webapp.registry.models import ModelVersion
from webapp.registry.training_settings import LIMITS, PRESETS, SEARCH_LIMITS, SIZES

OWN = "own"
LENGTHS = [
    ("quick", _("Quick look: does it learn at all? Not for use.")),
    ("standard", _("Standard: enough for most data sets.")),
    ("long", _("Long: the last bit of accuracy, overnight.")),
    (OWN, _("My own, below.")),
]
NETWORKS = [
    ("small", _("Small: fastest")),
    ("medium", _("Medium: the one Medula ships")),
    ("large", _("Large: slowest, for large data sets")),
]
BATCHES = (2, 4, 8, 16, 32)
_default, _search = TrainConfig(), TuneSearch()


def frozen_of(user: User) -> QuerySet[DatasetVersion]:
    """What can be trained on: the clinic's versions whose freezing has ended."""
    return versions_of(user).exclude(digest="")


def starts_of(user: User) -> QuerySet[ModelVersion]:
    return ModelVersion.objects.for_clinic(user.clinic_id).order_by("family", "-version")


def whole(name: str, limits: dict[str, tuple[float, float]] = LIMITS, **options: Any) -> forms.IntegerField:
    low, high = limits[name]
    return forms.IntegerField(min_value=int(low), max_value=int(high), **options)


class VersionField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.dataset.name} · {_('version')} {obj.number}"


class Asked(forms.Form):
    """What trainings and tunings have in common."""

    version = VersionField(
        queryset=DatasetVersion.objects.none(),
        label=_("data set version"),
        help_text=_("Frozen versions only. The network sees the training part; the test part stays closed."),
    )

    def __init__(self, *arguments: Any, user: User, **options: Any) -> None:
        super().__init__(*arguments, **options)
        field = self.fields["version"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = frozen_of(user).select_related("dataset")


class TrainingForm(Asked):
    start = forms.ModelChoiceField(
        queryset=ModelVersion.objects.none(),
        required=False,
        label=_("start from"),
        empty_label=_("From scratch"),
        help_text=_("A version that already finds nuclei needs fewer pictures and less time."),
    )
    length = forms.ChoiceField(
        choices=LENGTHS, initial="standard", label=_("length"), widget=forms.RadioSelect
    )
    epochs = whole(
        "epochs",
        required=False,
        label=_("epochs"),
        initial=PRESETS["standard"]["epochs"],
        help_text=_("After each epoch the network is judged on the validation part; the best one is kept."),
    )
    steps_per_epoch = whole(
        "steps_per_epoch",
        required=False,
        label=_("steps an epoch"),
        initial=PRESETS["standard"]["steps_per_epoch"],
        help_text=_("In each step the network is corrected once."),
    )
    batch_size = forms.TypedChoiceField(
        choices=[(size, str(size)) for size in BATCHES],
        coerce=int,
        initial=_default.batch_size,
        label=_("pictures a step"),
        help_text=_("More is steadier and needs more memory."),
    )
    learning_rate = forms.FloatField(
        min_value=LIMITS["learning_rate"][0],
        max_value=LIMITS["learning_rate"][1],
        initial=_default.learning_rate,
        label=_("learning rate"),
        help_text=_("How far each step moves the network. Too large and it never settles; from a version "
                    "that already works, a tenth is usual."),
    )  # fmt: skip
    size = forms.ChoiceField(
        choices=NETWORKS,
        initial="medium",
        label=_("size of the network"),
        help_text=_("Only from scratch: a network that is started from keeps its own."),
    )
    drawn_smears = whole(
        "drawn_smears",
        initial=0,
        label=_("drawn smears"),
        help_text=_("Smears that Medula draws itself join the training part. They teach that red cells and "
                    "platelets are no nuclei; they are no substitute for your own smears."),
    )  # fmt: skip
    seed = whole(
        "seed",
        initial=_default.seed,
        label=_("seed"),
        help_text=_("The same seed, settings and pictures give the same course. Change it to try again."),
    )

    def __init__(self, *arguments: Any, user: User, **options: Any) -> None:
        super().__init__(*arguments, user=user, **options)
        field = self.fields["start"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = starts_of(user)

    def clean(self) -> dict[str, Any]:
        found = dict(super().clean() or {})
        if found.get("length") == OWN:
            for name in ("epochs", "steps_per_epoch"):
                if found.get(name) is None and name not in self.errors:
                    self.add_error(name, _("Say how many, or choose another length."))
        return found

    def config(self) -> dict[str, Any]:
        """The settings as `run_request` takes them. Of a valid form only."""
        found = self.cleaned_data
        names = ("batch_size", "learning_rate", "drawn_smears", "seed")
        config: dict[str, Any] = {name: found[name] for name in names}
        if found["length"] == OWN:
            config |= {name: found[name] for name in ("epochs", "steps_per_epoch")}
            config["early_stop_epochs"] = max(8, found["epochs"] // 3)
        else:
            config |= PRESETS[found["length"]]
        if found["start"] is None:
            config["architecture"] = {"filters": list(SIZES[found["size"]])}
        return config


class TuningForm(Asked):
    trials = whole(
        "trials",
        SEARCH_LIMITS,
        initial=_search.trials,
        label=_("trials"),
        help_text=_("How many settings are tried. Those that fall behind are stopped early."),
    )
    epochs = whole("epochs", SEARCH_LIMITS, initial=_search.epochs, label=_("epochs a trial"))
    steps_per_epoch = whole(
        "steps_per_epoch", SEARCH_LIMITS, initial=_search.steps_per_epoch, label=_("steps an epoch")
    )
    lowest_rate = forms.FloatField(
        min_value=1e-6, max_value=0.1, initial=_search.learning_rate[0], label=_("lowest learning rate")
    )
    highest_rate = forms.FloatField(
        min_value=1e-6, max_value=0.1, initial=_search.learning_rate[1], label=_("highest learning rate")
    )
    batch_sizes = forms.TypedMultipleChoiceField(
        choices=[(size, str(size)) for size in BATCHES],
        coerce=int,
        initial=list(_search.batch_size),
        label=_("pictures a step"),
        widget=forms.CheckboxSelectMultiple,
    )
    weights = forms.BooleanField(
        required=False, label=_("Also try how much outlines and cores weigh in the loss")
    )
    widths = forms.BooleanField(required=False, label=_("Also try the size of the network"))
    seed = whole("seed", initial=_default.seed, label=_("seed"))

    def config(self) -> dict[str, Any]:
        """What is not searched; a training with the best settings afterwards is a standard one."""
        return {"seed": self.cleaned_data["seed"], **PRESETS["standard"]}

    def search(self) -> dict[str, Any]:
        found = self.cleaned_data
        search = {name: found[name] for name in ("trials", "epochs", "steps_per_epoch")}
        search["learning_rate"] = [found["lowest_rate"], found["highest_rate"]]
        search["batch_size"] = sorted(found["batch_sizes"])
        if found["weights"]:
            search |= {"dice_weight": [0.25, 2.0], "distance_weight": [0.5, 2.0]}
        if found["widths"]:
            search["first_filters"] = [filters[0] for filters in SIZES.values()]
        return search

    def clean(self) -> dict[str, Any]:
        found = dict(super().clean() or {})
        low, high = found.get("lowest_rate"), found.get("highest_rate")
        if low is not None and high is not None and low >= high:
            self.add_error("highest_rate", _("It must be above the lowest."))
        return found


class EvaluationForm(Asked):
    model_version = forms.ModelChoiceField(queryset=ModelVersion.objects.none(), label=_("model version"))

    def __init__(self, *arguments: Any, user: User, **options: Any) -> None:
        super().__init__(*arguments, user=user, **options)
        self.fields["version"].help_text = _("Its test part is read, once for each model version.")
        field = self.fields["model_version"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = starts_of(user)
