"""Data sets read from folders and fetched from the network by the command line."""

from __future__ import annotations

SENTENCES: dict[str, dict[str, str]] = {
    "coco_invalid": {
        "es": "{name}: no es un archivo COCO que podamos leer ({detail}).",
        "en": "{name}: not a COCO file we can read ({detail}).",
    },
    "coco_missing": {
        "es": "En {path} no hay ningún archivo JSON de COCO.",
        "en": "There is no COCO JSON file in {path}.",
    },
    "coco_crowds": {
        "es": "{name}: {count} grupo(s) sin separar («iscrowd») no se tomaron.",
        "en": "{name}: {count} unseparated group(s) (“iscrowd”) were left out.",
    },
    "coco_overlap": {
        "es": "{name}: {pixels} píxel(es) pertenecían a más de un núcleo y quedaron en el menor; {hidden} "
        "núcleo(s) tapados por completo no se tomaron.",
        "en": "{name}: {pixels} pixel(s) belonged to more than one nucleus and went to the smallest; "
        "{hidden} wholly covered nucleus or nuclei were left out.",
    },
    "pictures_without_labels": {
        "es": "{count} imagen(es) sin máscara no se tomaron.",
        "en": "{count} picture(s) without labels were left out.",
    },
    "data_without_labels": {
        "es": "En {path} no hay ninguna imagen con máscara que se pueda usar.",
        "en": "There is no picture with usable labels in {path}.",
    },
    "data_unnamed": {
        "es": "Indique los datos con --data, o con --images y --labels.",
        "en": "Name the data by --data, or by --images and --labels.",
    },
    "data_incomplete": {
        "es": "Faltan la imagen o la máscara de {count} de los nombres pedidos ({names}).",
        "en": "The picture or the labels of {count} of the names asked for are missing ({names}).",
    },
    "gather_occupied": {
        "es": "La carpeta {path} ya contiene otras cosas. Elija una vacía.",
        "en": "The folder {path} holds other things already. Choose an empty one.",
    },
    "fetch_unknown": {
        "es": "No conocemos el conjunto «{name}». Los que hay: {known}. También vale una dirección https.",
        "en": "We know no data set “{name}”. There are: {known}. An https address will do as well.",
    },
    "fetch_failed": {
        "es": "No se pudo descargar {url}: {detail}. Lo recibido se guardó; repita la orden para continuar.",
        "en": "{url} could not be fetched: {detail}. What came is kept; repeat the command to go on.",
    },
    "fetch_changed": {
        "es": "{path} no es el archivo de la primera descarga: su sha256 es {found} y se anotó {noted}. Si "
        "el cambio es correcto, borre {path} y {path}.sha256 y repita la orden.",
        "en": "{path} is not the file of the first download: its sha256 is {found}, and {noted} was noted. "
        "If the change is right, delete {path} and {path}.sha256 and repeat the command.",
    },
    "fetch_no_space": {
        "es": "No hay espacio para {path}: hacen falta {megabytes} MB.",
        "en": "There is no room for {path}: it takes {megabytes} MB.",
    },
}
