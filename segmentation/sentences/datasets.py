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
        "es": "No se aprobó nada: faltan máscaras en {count} de las imágenes elegidas ({names}). Pida "
        "primero que se tracen.",
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
        "es": "En «{name}» no hay ninguna imagen aprobada: no hay nada que congelar.",
        "en": "No sample of “{name}” is approved: there is nothing to freeze.",
    },
    "too_few_groups": {
        "es": "Imágenes aprobadas: {pictures}, de grupos distintos: {groups}. Para repartirlas en "
        "entrenamiento, validación y prueba hacen falta al menos {least} grupos.",
        "en": "Approved samples: {pictures}, of different groups: {groups}. Dividing them into training, "
        "validation and test takes at least {least} groups.",
    },
    "archive_unreadable": {
        "es": "El archivo no es un ZIP que podamos leer, o está dañado. Vuelva a comprimirlo y envíelo de "
        "nuevo.",
        "en": "The file is not a ZIP we can read, or it is damaged. Compress it again and send it once more.",
    },
    "import_too_large": {
        "es": "El archivo pesa más de {max_gigabytes} GB, que es el máximo. Divídalo en varios.",
        "en": "The archive is larger than {max_gigabytes} GB, which is the most we take. Divide it.",
    },
    "import_setting": {
        "es": "La importación no admite «{value}» en {setting}.",
        "en": "The import does not take “{value}” for {setting}.",
    },
    "import_names": {
        "es": "El ZIP contiene demasiados archivos; el máximo es {most}. Divídalo en varios.",
        "en": "The ZIP holds too many files; the most we take is {most}. Divide it.",
    },
    "archive_path": {
        "es": "El ZIP se rechazó entero: «{name}» apunta fuera de su propia carpeta.",
        "en": "The whole ZIP was refused: “{name}” points outside its own folder.",
    },
    "import_link": {
        "es": "El ZIP se rechazó entero: «{name}» es un enlace, no un archivo.",
        "en": "The whole ZIP was refused: “{name}” is a link, not a file.",
    },
    "import_encrypted": {
        "es": "El ZIP está protegido con contraseña («{name}»). Envíelo sin contraseña.",
        "en": "The ZIP is protected by a password (“{name}”). Send it without one.",
    },
    "archive_twice": {
        "es": "El ZIP contiene dos veces «{name}»: no se sabe cuál vale. Vuelva a comprimirlo.",
        "en": "The ZIP holds “{name}” twice: which one counts is unknown. Compress it again.",
    },
    "import_bomb": {
        "es": "El ZIP se rechazó entero: al abrirlo («{name}») crece mucho más de lo que ocupa.",
        "en": "The whole ZIP was refused: opened (“{name}”), it grows far beyond its size.",
    },
    "import_no_pictures": {
        "es": "En el archivo no hay ninguna imagen en la disposición elegida. Use PNG, JPEG, TIFF, BMP o "
        "WebP.",
        "en": "The archive holds no picture in the chosen layout. Use PNG, JPEG, TIFF, BMP or WebP.",
    },
    "labels_without_picture": {
        "es": "{name}: hay máscara, pero no la imagen a la que pertenece.",
        "en": "{name}: there is a mask, but not the picture it belongs to.",
    },
    "two_pictures": {
        "es": "{name}: hay {count} imágenes para el mismo nombre; no se sabe de cuál es la máscara.",
        "en": "{name}: {count} pictures share this name; whose the mask is, is unknown.",
    },
    "two_masks": {
        "es": "{name}: hay {count} máscaras para una sola imagen ({masks}). Deje solo una.",
        "en": "{name}: there are {count} masks for one picture ({masks}). Leave only one.",
    },
    "mask_size": {
        "es": "{name}: la máscara mide {mask} y la imagen {picture}; deben medir lo mismo.",
        "en": "{name}: the mask is {mask} and the picture {picture}; they must be the same size.",
    },
    "mask_empty": {
        "es": "{name}: la máscara de este núcleo no tiene ningún píxel.",
        "en": "{name}: the mask of this nucleus has no pixel.",
    },
    "masks_overlap": {
        "es": "Las máscaras se superponen: {pixels} px pertenecen a más de un núcleo.",
        "en": "The masks overlap: {pixels} px belong to more than one nucleus.",
    },
    "mask_unreadable": {
        "es": "{name}: no es una máscara que podamos leer.",
        "en": "{name}: not a mask we can read.",
    },
    "labels_lossy": {
        "es": "{name}: JPEG y WebP alteran los números de las máscaras. Guárdela como PNG o TIFF.",
        "en": "{name}: JPEG and WebP alter the numbers of a mask. Save it as PNG or TIFF.",
    },
    "table_unreadable": {
        "es": "{name}: no es una tabla CSV que podamos leer. Debe tener una columna «id» o «name» y, por "
        "ejemplo, «group».",
        "en": "{name}: not a CSV table we can read. It needs a column “id” or “name” and, for one, “group”.",
    },
    "table_conflict": {
        "es": "{name}: la imagen «{picture}» tiene dos grupos distintos.",
        "en": "{name}: the picture “{picture}” is given two different groups.",
    },
    "version_same": {
        "es": "No ha cambiado nada: la versión {number} contiene exactamente estas imágenes.",
        "en": "Nothing has changed: version {number} holds exactly these samples.",
    },
    "group_moved": {
        "es": "{name}: en el grupo «{group}» hay imágenes que en una versión anterior fueron de prueba y "
        "otras que no. Corrija el grupo o rechace la imagen.",
        "en": "{name}: group “{group}” holds pictures that an earlier version tested on and others that it "
        "did not. Correct the group or reject the sample.",
    },
    "version_without_train": {
        "es": "No queda ningún grupo para el entrenamiento. Apruebe imágenes de más grupos.",
        "en": "No group is left for training. Approve samples of more groups.",
    },
    "version_without_validation": {
        "es": "No queda ningún grupo para la validación. Apruebe imágenes de más grupos.",
        "en": "No group is left for validation. Approve samples of more groups.",
    },
    "version_without_test": {
        "es": "No queda ningún grupo para la prueba. Apruebe imágenes de más grupos.",
        "en": "No group is left for the test. Approve samples of more groups.",
    },
    "file_damaged": {
        "es": "{name}: su archivo falta o está dañado en el almacenamiento. Avise a quien administra el "
        "sistema.",
        "en": "{name}: its file is missing or damaged in the storage. Tell whoever runs the system.",
    },
    "version_unfrozen": {
        "es": "La versión {number} todavía no está congelada.",
        "en": "Version {number} is not frozen yet.",
    },
    "analysis_unfinished": {
        "es": "El análisis todavía no ha terminado: no hay nada que confirmar.",
        "en": "The analysis has not finished: there is nothing to confirm.",
    },
    "sample_has_other_mask": {
        "es": "{name} ya está en el conjunto con otra máscara aprobada. Devuélvala primero a revisión.",
        "en": "{name} is in the data set with another, approved mask. Put it back to review first.",
    },
    "labels_format": {
        "es": "La máscara debe ser una imagen PNG o TIFF: 0 el fondo y un número por núcleo.",
        "en": "The mask must be a PNG or TIFF picture: 0 the background and a number a nucleus.",
    },
}
