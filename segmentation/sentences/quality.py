"""What makes the result of a picture doubtful. None of these stops an analysis."""

from __future__ import annotations

SENTENCES: dict[str, dict[str, str]] = {
    "quality_empty": {
        "es": "No se ve nada en la imagen: el campo está vacío o sin señal.",
        "en": "There is nothing to see in the picture: the field is empty or has no signal.",
    },
    "quality_nothing_found": {
        "es": "No se encontró ningún núcleo, aunque la imagen no está vacía. Revísela a simple vista.",
        "en": "No nucleus was found, although the picture is not empty. Look at it yourself.",
    },
    "quality_blur": {
        "es": "La imagen está desenfocada: los bordes se extienden sobre el {percent} % del diámetro de un "
        "núcleo. El conteo y las áreas pueden ser inexactos.",
        "en": "The picture is out of focus: edges spread over {percent}% of a nucleus' diameter. The count "
        "and the areas may be wrong.",
    },
    "quality_contrast": {
        "es": "Hay muy poca luz: los núcleos se distinguen del fondo por solo {levels} de 255 niveles de "
        "gris. Pueden faltar núcleos débiles.",
        "en": "There is too little light: nuclei stand out from the ground by only {levels} of 255 grey "
        "levels. Faint nuclei may be missing.",
    },
    "quality_dark": {
        "es": "La imagen está subexpuesta: su fondo claro llega solo al nivel {level} de 255.",
        "en": "The picture is underexposed: its bright ground reaches only level {level} of 255.",
    },
    "quality_bright": {
        "es": "La imagen está sobreexpuesta: el {percent} % es blanco puro y pudo perderse detalle.",
        "en": "The picture is overexposed: {percent}% of it is pure white and detail may be lost.",
    },
    "quality_saturated": {
        "es": "Los núcleos están saturados: el {percent} % de sus píxeles está en el extremo de la escala. "
        "Los que se tocan pueden contarse como uno y las intensidades no son fiables.",
        "en": "The nuclei are saturated: {percent}% of their pixels lie at the end of the scale. Touching "
        "ones may count as one, and intensities are not reliable.",
    },
    "quality_stain": {
        "es": "Los colores no se parecen a ninguna tinción con la que se entrenó el modelo. Revise el "
        "resultado con más cuidado.",
        "en": "The colours are unlike any stain the model was trained on. Check the result with more care.",
    },
    "quality_too_small": {
        "es": "Los núcleos miden unos {diameter} píxeles; el modelo se entrenó con núcleos de {low} a "
        "{high}. Use una imagen de mayor resolución.",
        "en": "Nuclei measure about {diameter} pixels; the model was trained on nuclei of {low} to {high}. "
        "Use a picture of higher resolution.",
    },
    "quality_too_large": {
        "es": "Los núcleos miden unos {diameter} píxeles; el modelo se entrenó con núcleos de {low} a "
        "{high}. Use una imagen de menor aumento o redúzcala.",
        "en": "Nuclei measure about {diameter} pixels; the model was trained on nuclei of {low} to {high}. "
        "Use a picture of lower magnification, or shrink it.",
    },
}
