"""The words of the evaluation's report, Spanish and English."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "title": ("Informe de evaluación: {model}", "Evaluation report: {model}"),
    "lead": (
        "{images} imágenes de la parte «{part}», leídas el {date}. Medias por imagen; entre paréntesis, el "
        "intervalo del 95 % (remuestreo de las imágenes).",
        "{images} pictures of the part “{part}”, read on {date}. Means over pictures; in brackets the 95 % "
        "interval (bootstrap over pictures).",
    ),
    "notice": ("Uso en investigación. No es un diagnóstico.", "Research use. Not a diagnosis."),
    "test": ("prueba", "test"),
    "validation": ("validación", "validation"),
    "train": ("entrenamiento", "training"),
    "all_parts": ("todas", "all"),
    "figures": ("Cifras por tipo de imagen", "Figures by kind of picture"),
    "figure": ("Medida", "Figure"),
    "pictures_n": ("{n} imágenes", "{n} pictures"),
    "picture_1": ("1 imagen", "1 picture"),
    "nuclei": ("Núcleos anotados", "True nuclei"),
    "predicted": ("Núcleos encontrados", "Nuclei found"),
    "pixel_accuracy": ("Exactitud por píxel", "Pixel accuracy"),
    "dice": ("Dice", "Dice"),
    "iou": ("IoU de la máscara", "IoU of the mask"),
    "map": ("AP media 0.5–0.95", "mean AP 0.5–0.95"),
    "f1_50": ("F1 a 0.5", "F1 at 0.5"),
    "pq": ("Calidad panóptica", "Panoptic quality"),
    "aji": ("Jaccard agregado", "Aggregated Jaccard"),
    "count_error": ("Error de conteo, todas las imágenes", "Count error, all pictures"),
    "count_error_many": (
        "Error de conteo, {n} imágenes con 10 núcleos o más",
        "Count error, {n} pictures of 10 nuclei or more",
    ),
    "bias_many": ("Sesgo del conteo en esas imágenes, con signo", "Signed bias of the count in those"),
    "ap_note": (
        "AP es TP / (TP + FP + FN) en cada imagen, con emparejamiento uno a uno a esa IoU, y luego la media "
        "de las imágenes. La exactitud por píxel es fácil: hasta una máscara vacía alcanza la de su columna. "
        "Con pocas imágenes el intervalo también es incierto.",
        "AP is TP / (TP + FP + FN) in each picture, matched one to one at that IoU, then the mean over "
        "pictures. Pixel accuracy is easy: even an empty mask reaches what its column shows. Where pictures "
        "are few the interval is uncertain too.",
    ),
    "otsu": ("Otsu + watershed", "Otsu + watershed"),
    "background": ("Todo fondo", "All background"),
    "confidence": ("Confianza de cada núcleo", "Confidence of each nucleus"),
    "confidence_lead": (
        "De {n} núcleos encontrados, {m} coinciden con uno anotado (IoU ≥ 0.5). Error de calibración "
        "esperado (ECE): {ece}. Brier: {brier}.",
        "Of {n} nuclei found, {m} match a true one (IoU ≥ 0.5). Expected calibration error (ECE): {ece}. "
        "Brier: {brier}.",
    ),
    "confidence_none": (
        "Este modelo no declara confianza por núcleo.",
        "This model claims no confidence for its nuclei.",
    ),
    "fitted_here": (
        "La confianza se ajustó con la parte de validación: sobre ella estas cifras son optimistas.",
        "The confidence was fitted on the validation part: there these figures are optimistic.",
    ),
    "counts": (
        "El intervalo del 95 % del conteo contuvo el número anotado en {held} de {images} imágenes; su mitad "
        "es, en la mediana, el {width} % del conteo. Sesgo del número esperado: {bias}.",
        "The 95 % interval of the count held the true number in {held} of {images} pictures; half of it is, "
        "in the median, {width} % of the count. Bias of the expected number: {bias}.",
    ),
    "said": ("Confianza declarada", "Confidence said"),
    "seen": ("Coinciden", "Matching"),
    "nuclei_n": ("Núcleos", "Nuclei"),
    "perfect": ("Línea: calibración perfecta", "Line: perfect calibration"),
    "ece_kind": ("ECE por tipo de imagen", "ECE by kind of picture"),
    "drawn": ("{n} imágenes elegidas al azar", "{n} pictures drawn by lot"),
    "worst": ("Las {n} peores, por AP a 0.5", "The {n} worst, by AP at 0.5"),
    "order": (
        "De izquierda a derecha: original, anotación, predicción, superposición.",
        "From left to right: original, truth, prediction, overlay.",
    ),
    "found_of": ("{found} encontrados de {true}", "{found} found of {true}"),
    "machine": ("Máquina", "Machine"),
    "processor": ("Procesador", "Processor"),
    "cores": ("Núcleos de cómputo", "Cores"),
    "system": ("Sistema", "System"),
    "python": ("Python", "Python"),
    "libraries": ("Bibliotecas", "Libraries"),
    "digest": ("sha256 de los pesos", "sha256 of the weights"),
    "all": ("Todas las imágenes", "All pictures"),
    "fluorescence-dark": ("Fluorescencia", "Fluorescence"),
    "grayscale-brightfield": (
        "Sin tinción o gris, luz transmitida",
        "Unstained or grey, transmitted light",
    ),
    "pink-purple-HE": ("Tinción rosa y morada (H&E)", "Pink and purple stain (H&E)"),
    "purple-on-white": ("Tinción morada sobre blanco", "Purple stain on white"),
}


def word(key: str, language: str, **params: object) -> str:
    """The word in "es" or "en"; a key without words, as the name of a kind from elsewhere, stays itself."""
    spanish, english = WORDS.get(key, (key, key))
    text = spanish if language == "es" else english
    return text.format(**params) if params else text
