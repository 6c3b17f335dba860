"""Imports, masks and frozen versions."""

from __future__ import annotations

SENTENCES: dict[str, dict[str, str]] = {
    "dataset_name_taken": {
        "es": "Ya existe un conjunto de datos llamado «{name}». Elija otro nombre.",
        "en": "There is a data set called “{name}” already. Choose another name.",
    },
    "dataset_archived": {
        "es": "El conjunto de datos «{name}» está archivado: ya no admite cambios.",
        "en": "The data set “{name}” is archived: it takes no more changes.",
    },
    "review_unknown": {
        "es": "«{review}» no es un resultado de revisión que conozcamos.",
        "en": "“{review}” is not a review we know.",
    },
    "review_needs_mask": {
        "es": "No se aprobó nada: {count} de las muestras elegidas no tienen máscara ({names}). Pida primero "
        "que se dibujen.",
        "en": "Nothing was approved: {count} of the chosen samples have no mask ({names}). Have their masks "
        "drawn first.",
    },
    "no_group": {
        "es": "{name}: falta el grupo. Indique el paciente, la lámina o la imagen de origen.",
        "en": "{name}: the group is missing. Name the patient, the slide or the parent picture.",
    },
    "mask_of_approved": {
        "es": "{name} ya está aprobada y su máscara no se cambia. Devuélvala primero a revisión.",
        "en": "{name} is approved and its mask is not changed. Put it back to review first.",
    },
    "nothing_approved": {
        "es": "En «{name}» no hay ninguna muestra aprobada: no hay nada que congelar.",
        "en": "No sample of “{name}” is approved: there is nothing to freeze.",
    },
    "too_few_groups": {
        "es": "Las muestras aprobadas ({pictures}) son de {groups} grupo(s). Para repartirlas en "
        "entrenamiento, validación y prueba hacen falta al menos {least} grupos distintos.",
        "en": "The approved samples ({pictures}) come from {groups} group(s). Dividing them into training, "
        "validation and test takes at least {least} different groups.",
    },
    "archive_unreadable": {
        "es": "El archivo no es un ZIP que podamos leer, o está dañado. Vuelva a comprimirlo y envíelo de "
        "nuevo.",
        "en": "The file is not a ZIP we can read, or it is damaged. Compress it again and send it once more.",
    },
    "archive_too_large": {
        "es": "El archivo pesa más de {max_gigabytes} GB, que es el máximo. Divídalo en varios.",
        "en": "The archive is larger than {max_gigabytes} GB, which is the most we take. Divide it.",
    },
    "import_setting": {
        "es": "La importación no admite «{value}» en {setting}.",
        "en": "The import does not take “{value}” for {setting}.",
    },
}
