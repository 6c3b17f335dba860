"""Pictures, models and trainings at the bench."""

from __future__ import annotations

SENTENCES: dict[str, dict[str, str]] = {
    "empty_file": {
        "es": "El archivo está vacío (0 bytes). Vuelva a exportarlo del microscopio.",
        "en": "The file is empty (0 bytes). Export it again from the microscope.",
    },
    "unknown_format": {
        "es": "Esto no es una imagen que podamos leer. Use PNG, JPEG, TIFF, BMP o WebP.",
        "en": "This is not a picture we can read. Use PNG, JPEG, TIFF, BMP or WebP.",
    },
    "svg": {
        "es": "SVG es un dibujo, no una foto del microscopio. Use PNG, JPEG, TIFF, BMP o WebP.",
        "en": "SVG is a drawing, not a microscope picture. Use PNG, JPEG, TIFF, BMP or WebP.",
    },
    "animated": {
        "es": "El archivo es una animación. Guarde un solo cuadro como PNG, JPEG o TIFF.",
        "en": "The file is an animation. Save a single frame as PNG, JPEG or TIFF.",
    },
    "damaged": {
        "es": "El archivo está incompleto o dañado. Vuelva a exportarlo del microscopio.",
        "en": "The file is incomplete or damaged. Export it again from the microscope.",
    },
    "too_many_pixels": {
        "es": "La imagen mide {width} × {height} píxeles; el máximo es {max_megapixels} megapíxeles. "
        "Recórtela o expórtela a menor tamaño.",
        "en": "The picture is {width} × {height} pixels; the most we take is {max_megapixels} megapixels. "
        "Crop it or export it smaller.",
    },
    "too_many_bytes": {
        "es": "El archivo pesa más de {max_megabytes} MB, que es el máximo.",
        "en": "The file is larger than {max_megabytes} MB, which is the most we take.",
    },
    "too_small": {
        "es": "La imagen mide {width} × {height} píxeles: es demasiado pequeña para buscar núcleos "
        "(mínimo {minimum} por lado).",
        "en": "The picture is {width} × {height} pixels: too small to look for nuclei "
        "(at least {minimum} a side).",
    },
    "unsupported_pixels": {
        "es": "La imagen guarda sus píxeles de un modo que no leemos ({detail}). Expórtela como PNG o TIFF "
        "de 8 o 16 bits.",
        "en": "The picture stores its pixels in a way we do not read ({detail}). Export it as an 8 or 16-bit "
        "PNG or TIFF.",
    },
    "out_of_memory": {
        "es": "Esta computadora no tiene memoria suficiente para la imagen. Cierre otros programas o use una "
        "imagen menor.",
        "en": "This computer has not enough memory for the picture. Close other programs or use a smaller "
        "one.",
    },
    "attempts_exhausted": {
        "es": "El trabajo se interrumpió en cada intento y no se repetirá solo. Vuelva a intentarlo; si "
        "sigue fallando, avise a quien administra el sistema.",
        "en": "The work was interrupted at every attempt and will not be repeated by itself. Try again; if "
        "it keeps failing, tell whoever runs the system.",
    },
    "storage_fault": {
        "es": "No se pudo leer o guardar en el disco o en la base de datos. Avise a quien administra el "
        "sistema y vuelva a intentarlo.",
        "en": "The disk or the database could not be read or written. Tell whoever runs the system and try "
        "again.",
    },
    "work_gone": {
        "es": "Lo que este trabajo debía hacer ya no existe (número {error_id}). Pídalo de nuevo.",
        "en": "What this work was for is no longer there (number {error_id}). Ask for it anew.",
    },
    "unexpected": {
        "es": "Ocurrió un error inesperado (número {error_id}). Vuelva a intentarlo; si se repite, dé ese "
        "número a quien administra el sistema.",
        "en": "An unexpected error occurred (number {error_id}). Try again; if it happens again, give that "
        "number to whoever runs the system.",
    },
    "bundle_missing": {
        "es": "No existe el modelo «{name}». Disponibles: {available}.",
        "en": "There is no model “{name}”. Available: {available}.",
    },
    "bundle_digest": {
        "es": "Los pesos del modelo «{name}» no coinciden con su huella sha256: no se cargan.",
        "en": "The weights of model “{name}” do not match their sha256 digest: they are not loaded.",
    },
    "bundle_int8_missing": {
        "es": "El modelo «{name}» no tiene la versión rápida en enteros de 8 bits.",
        "en": "Model “{name}” has no fast version in 8-bit whole numbers.",
    },
    "bundle_spec": {
        "es": "La ficha del modelo «{name}» no se puede leer: {detail}.",
        "en": "The spec of model “{name}” cannot be read: {detail}.",
    },
    "data_missing": {
        "es": "No se encontró {path}.",
        "en": "{path} was not found.",
    },
    "data_unpaired": {
        "es": "No hay pares de imagen y máscara con el mismo nombre en {images} y {labels}.",
        "en": "No picture and mask share a name in {images} and {labels}.",
    },
    "training_differs": {
        "es": "En {path} hay un entrenamiento con otra configuración. Elija otra carpeta.",
        "en": "{path} holds a training with another configuration. Choose another folder.",
    },
    "labels_unreadable": {
        "es": "{name}: no es una imagen de máscaras que podamos leer ({detail}).",
        "en": "{name}: not a label picture we can read ({detail}).",
    },
    "start_differs": {
        "es": "El modelo «{name}» tiene otra arquitectura que la configuración: no se puede partir de él.",
        "en": "Model “{name}” has another architecture than the configuration: it cannot be started from.",
    },
    "config_invalid": {
        "es": "La configuración {path} no es válida: {detail}.",
        "en": "The configuration {path} is not valid: {detail}.",
    },
    "split_unusable": {
        "es": "{name}: el reparto de imágenes no se puede usar ({detail}). Cada imagen una vez, cada grupo "
        "en una sola parte: train, validation o test.",
        "en": "{name}: the split cannot be used ({detail}). Each picture once, each group in one part only: "
        "train, validation or test.",
    },
    "no_pictures": {
        "es": "No hay imágenes en {paths}.",
        "en": "There are no pictures in {paths}.",
    },
    "record_needs_test": {
        "es": "--record anota cifras de prueba: use un modelo y --part test.",
        "en": "--record keeps test figures: use a bundle and --part test.",
    },
    "part_needs_split": {
        "es": "--part necesita la tabla del reparto: indique --split.",
        "en": "--part needs the table of the split: name it with --split.",
    },
    "data_shape": {
        "es": "{name}: la máscara mide {labels} y la imagen {image}; deben medir lo mismo.",
        "en": "{name}: the mask is {labels} and the picture {image}; they must be the same size.",
    },
}
