"""The gate, promotions and the schedule."""

from __future__ import annotations

SENTENCES: dict[str, dict[str, str]] = {
    # The gate's reasons. Figures are between 0 and 1.
    "gate_not_evaluated": {
        "es": "No se pudo leer la parte de prueba con este modelo, así que no se puede juzgar.",
        "en": "This model could not be read on the test part, so it cannot be judged.",
    },
    "gate_not_compared": {
        "es": "No se pudo comparar: la evaluación del modelo en uso ({version}) sobre la misma parte de "
        "prueba "
        "no terminó.",
        "en": "It could not be compared: the evaluation of the model in use ({version}) on the same test "
        "part "
        "did not finish.",
    },
    "gate_too_few": {
        "es": "La parte de prueba tiene {images} imágenes; con menos de {minimum} no se puede juzgar.",
        "en": "The test part has {images} pictures; fewer than {minimum} are too few to judge.",
    },
    "gate_no_figures": {
        "es": "El informe de la evaluación no trae las cifras que hacen falta para juzgar.",
        "en": "The evaluation's report lacks the figures that judging needs.",
    },
    "gate_ap50_lower": {
        "es": "Encuentra menos núcleos: AP@0.5 {ours:.3f} frente a {theirs:.3f} del modelo en uso "
        "({version}).",
        "en": "It finds fewer nuclei: AP@0.5 {ours:.3f} against {theirs:.3f} of the model in use "
        "({version}).",
    },
    "gate_map_lower": {
        "es": "Los contornos coinciden peor: AP media {ours:.3f} frente a {theirs:.3f} del modelo en uso "
        "({version}).",
        "en": "The outlines agree less: mean AP {ours:.3f} against {theirs:.3f} of the model in use "
        "({version}).",
    },
    "gate_dice_lower": {
        "es": "Las áreas coinciden peor: Dice {ours:.3f} frente a {theirs:.3f} del modelo en uso "
        "({version}).",
        "en": "The areas agree less: Dice {ours:.3f} against {theirs:.3f} of the model in use ({version}).",
    },
    "gate_kind_ap50_lower": {
        "es": "En {kind} encuentra menos núcleos: AP@0.5 {ours:.3f} frente a {theirs:.3f} del modelo en uso "
        "({images} imágenes).",
        "en": "On {kind} it finds fewer nuclei: AP@0.5 {ours:.3f} against {theirs:.3f} of the model in use "
        "({images} pictures).",
    },
    "gate_kind_map_lower": {
        "es": "En {kind} los contornos coinciden peor: AP media {ours:.3f} frente a {theirs:.3f} del modelo "
        "en "
        "uso ({images} imágenes).",
        "en": "On {kind} the outlines agree less: mean AP {ours:.3f} against {theirs:.3f} of the model in "
        "use "
        "({images} pictures).",
    },
    "gate_not_above_otsu": {
        "es": "No supera al método simple Otsu + watershed: AP@0.5 {ours:.3f} frente a {theirs:.3f}.",
        "en": "It is no better than the simple method Otsu + watershed: AP@0.5 {ours:.3f} against "
        "{theirs:.3f}.",
    },
    "gate_not_above_background": {
        "es": "No supera a marcar todo como fondo: AP@0.5 {ours:.3f} frente a {theirs:.3f}.",
        "en": "It is no better than marking everything as background: AP@0.5 {ours:.3f} against "
        "{theirs:.3f}.",
    },
    "gate_holds_up": {
        "es": "AP@0.5 {ours:.3f} frente a {theirs:.3f} del modelo en uso ({version}), en {images} imágenes "
        "de "
        "prueba.",
        "en": "AP@0.5 {ours:.3f} against {theirs:.3f} of the model in use ({version}), on {images} test "
        "pictures.",
    },
    "gate_above_simple": {
        "es": "Supera a los métodos simples: AP@0.5 {ours:.3f} frente a {theirs:.3f} de Otsu + watershed.",
        "en": "It is better than the simple methods: AP@0.5 {ours:.3f} against {theirs:.3f} of Otsu + "
        "watershed.",
    },
    "gate_nothing_in_use": {
        "es": "No hay ningún modelo en uso con el cual compararlo.",
        "en": "There is no model in use to compare it with.",
    },
    # Why a stage changed.
    "promoted_against_gate": {
        "es": "En contra del control: {reason}",
        "en": "Against the gate's advice: {reason}",
    },
    "retired_replaced": {
        "es": "Lo reemplazó {version}.",
        "en": "It was replaced by {version}.",
    },
    "retired_by_hand": {
        "es": "Se retiró a mano. {reason}",
        "en": "It was retired by hand. {reason}",
    },
    "retired_rolled_back": {
        "es": "Se volvió al modelo anterior, {version}.",
        "en": "The model before it, {version}, was put back into use.",
    },
    # What is refused.
    "promote_shipped": {
        "es": "Los modelos que vienen con la instalación no se cambian. Para volver a usar el de la "
        "instalación, "
        "retire el de su laboratorio.",
        "en": "Models that come with the installation are not changed. To use the installation's again, "
        "retire "
        "your laboratory's own.",
    },
    "gate_not_passed": {
        "es": "{version} no ha superado el control. Solo un administrador puede ponerlo en uso, y "
        "debe escribir por qué.",
        "en": "{version} has not passed the gate. Only an administrator can put it into use, and must write "
        "why.",
    },
    "retire_again": {
        "es": "{version} ya está retirado.",
        "en": "{version} is retired already.",
    },
    "rollback_nothing": {
        "es": "No hay un modelo anterior al cual volver.",
        "en": "There is no earlier model to go back to.",
    },
    # Retraining by itself: why a night passed without, or ended without a model.
    "rule_nothing_new": {
        "es": "«{rule}»: no hay imágenes recién aprobadas desde la última vez, así que no se reentrenó.",
        "en": "“{rule}”: no newly approved samples since the last time, so nothing was trained.",
    },
    "rule_still_running": {
        "es": "«{rule}»: el reentrenamiento anterior no ha terminado, así que no se empezó otro.",
        "en": "“{rule}”: the earlier retraining has not ended, so no other was begun.",
    },
    "rule_archived": {
        "es": "«{rule}»: el conjunto de datos está archivado, así que no se reentrenó.",
        "en": "“{rule}”: the data set is archived, so nothing was trained.",
    },
    "rule_freeze_failed": {
        "es": "«{rule}»: no se pudo congelar una versión del conjunto de datos.",
        "en": "“{rule}”: no version of the data set could be frozen.",
    },
    "rule_not_begun": {
        "es": "«{rule}»: no se pudo empezar el entrenamiento.",
        "en": "“{rule}”: the training could not begin.",
    },
    "rule_training_failed": {
        "es": "«{rule}»: el entrenamiento no terminó.",
        "en": "“{rule}”: the training did not finish.",
    },
    "rule_cancelled": {
        "es": "«{rule}»: alguien canceló el trabajo.",
        "en": "“{rule}”: someone cancelled the work.",
    },
    # What the curators hear.
    "notice_passed": {
        "es": "{version} superó el control.",
        "en": "{version} passed the gate.",
    },
    "notice_refused": {
        "es": "{version} no superó el control.",
        "en": "{version} was refused by the gate.",
    },
    "notice_promoted": {
        "es": "{version} está en uso: la regla «{rule}» lo puso por sí sola porque superó el control.",
        "en": "{version} is in use: the rule “{rule}” put it there by itself because it passed the gate.",
    },
}
