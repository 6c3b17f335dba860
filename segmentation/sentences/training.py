"""Trainings, tunings and evaluations through the queue."""

from __future__ import annotations

SENTENCES: dict[str, dict[str, str]] = {
    "setting_unknown": {
        "es": "No existe el ajuste «{name}». Los que hay: {known}.",
        "en": "There is no setting “{name}”. There are: {known}.",
    },
    "setting_invalid": {
        "es": "El ajuste «{name}» no puede ser «{value}». Corríjalo y vuelva a intentarlo.",
        "en": "The setting “{name}” cannot be “{value}”. Correct it and try again.",
    },
    "setting_out_of_range": {
        "es": "El ajuste «{name}» debe estar entre {low} y {high}.",
        "en": "The setting “{name}” must be between {low} and {high}.",
    },
    "setting_not_multiple": {
        "es": "El ajuste «{name}» es {value} y debe ser múltiplo de {stride}, por la forma de la red.",
        "en": "The setting “{name}” is {value} and must be a multiple of {stride}, by the network's shape.",
    },
    "version_not_frozen": {
        "es": "La versión «{name}» aún no está congelada. Espere a que termine y vuelva a intentarlo.",
        "en": "The version “{name}” is not frozen yet. Wait until it is and try again.",
    },
    "version_too_small": {
        "es": "La versión «{name}» tiene {train} imágenes para entrenar, {validation} para validar y {test} "
        "para la prueba; hacen falta al menos {least_train}, {least_validation} y {least_test}. Apruebe más "
        "imágenes, de más grupos, y congele otra versión.",
        "en": "The version “{name}” has {train} pictures to train on, {validation} to validate and {test} to "
        "test; at least {least_train}, {least_validation} and {least_test} are needed. Approve more "
        "pictures, of more groups, and freeze another version.",
    },
    "start_unknown": {
        "es": "No existe la versión de modelo indicada.",
        "en": "There is no such model version.",
    },
    "training_learnt_nothing": {
        "es": "El entrenamiento terminó con los mismos pesos que «{name}»: no se registró ninguna versión "
        "nueva. Entrene con otros ajustes o más imágenes.",
        "en": "The training ended with the weights of “{name}”: no new version was registered. Train with "
        "other settings or more pictures.",
    },
    "sample_changed": {
        "es": "El archivo de «{name}» no es el que se congeló (su huella sha256 es otra). Recupérelo de una "
        "copia de respaldo.",
        "en": "The file of “{name}” is not the one that was frozen (its sha256 differs). Restore it from a "
        "backup.",
    },
    "trials_all_failed": {
        "es": "Ninguno de los ensayos de ajustes pudo terminar. Reduzca las imágenes por paso o el recorte.",
        "en": "None of the trials could end. Lower the pictures a step or the crop.",
    },
}
