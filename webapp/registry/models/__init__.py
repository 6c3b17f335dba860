"""Networks, how they were trained and judged, who put which into use, and the rules that retrain them."""

from webapp.registry.models.evaluations import Evaluation, EvaluationPanel
from webapp.registry.models.rules import Notice, RetrainingRule, RuleRun
from webapp.registry.models.training import EpochMetric, TrainingRun, Trial, TuningStudy
from webapp.registry.models.versions import ModelVersion, StageChange

__all__ = [
    "EpochMetric",
    "Evaluation",
    "EvaluationPanel",
    "ModelVersion",
    "Notice",
    "RetrainingRule",
    "RuleRun",
    "StageChange",
    "TrainingRun",
    "Trial",
    "TuningStudy",
]
