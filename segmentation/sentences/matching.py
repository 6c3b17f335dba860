"""Matching the mask library, and masks drawn by pixel filtering."""

from __future__ import annotations

SENTENCES: dict[str, dict[str, str]] = {
    "matching_library_empty": {
        "es": "La biblioteca de máscaras de su clínica aún no tiene otra imagen aprobada con la que "
        "comparar. Importe imágenes con máscaras en un conjunto de datos, o confirme análisis, y apruébelas.",
        "en": "Your clinic's mask library has no other approved picture yet to compare with. Import pictures "
        "with masks into a data set, or confirm analyses, and approve them.",
    },
    "matching_not_analysed": {
        "es": "El análisis aún no ha terminado: espere a que tenga núcleos que comparar.",
        "en": "The analysis has not finished yet: wait until it has nuclei to compare.",
    },
    "matching_settings": {
        "es": "La comparación usa 1 o 3 canales y de 1 a {most} máscaras por núcleo.",
        "en": "The comparison uses 1 or 3 channels and 1 to {most} masks a nucleus.",
    },
    "matching_library_unreadable": {
        "es": "Ninguna de las {count} imágenes aprobadas de la biblioteca pudo leerse. Avise a quien "
        "administra el sistema.",
        "en": "None of the library's {count} approved pictures could be read. Tell whoever runs the system.",
    },
}
