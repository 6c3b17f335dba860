"""What the terminal is told, in Spanish and English."""

from __future__ import annotations

import os
from collections.abc import Mapping

WORDS: dict[str, tuple[str, str]] = {
    "about": (
        "Entrega imágenes a Medula, sigue su análisis y descarga los resultados.",
        "Hands pictures to Medula, follows their analysis and fetches the results.",
    ),
    "help_upload": (
        "entregar una carpeta; repetido tras una interrupción, sigue donde quedó",
        "hand in a folder; repeated after an interruption, it goes on where it was",
    ),
    "help_watch": ("esperar a que un lote termine", "wait until a batch has ended"),
    "help_download": ("descargar los resultados de un lote", "fetch the results of a batch"),
    "help_server": (
        "dirección del servidor (o la variable MEDULA_SERVER)",
        "the server's address (or the variable MEDULA_SERVER)",
    ),
    "help_token": (
        "token (mejor en la variable MEDULA_TOKEN)",
        "token (better in the variable MEDULA_TOKEN)",
    ),
    "help_patience": (
        "segundos que se espera a un servidor que no responde",
        "seconds to wait for a server that does not answer",
    ),
    "help_folder": ("carpeta con imágenes o archivos ZIP", "folder of pictures or ZIP files"),
    "help_patient": ("código del paciente, nunca su nombre", "the patient's code, never the name"),
    "help_case": (
        "título del caso (si falta, el de la carpeta)",
        "title of the case (else the folder's name)",
    ),
    "help_name": (
        "nombre del lote (si falta, el de la carpeta)",
        "name of the batch (else the folder's name)",
    ),
    "help_new": (
        "empezar un lote nuevo aunque haya uno igual",
        "begin a new batch although there is one like it",
    ),
    "help_model": ("identificador de la versión del modelo", "id of the model version"),
    "help_stain": ("tinción de un caso nuevo", "stain of a new case"),
    "help_specimen": ("muestra de un caso nuevo", "specimen of a new case"),
    "help_scale": ("micrómetros por píxel de un caso nuevo", "micrometres a pixel of a new case"),
    "help_at_once": ("archivos por solicitud", "files in one request"),
    "help_wait": ("esperar a los análisis", "wait for the analyses"),
    "help_batch": ("identificador del lote", "id of the batch"),
    "help_output": ("carpeta para los resultados", "folder for the results"),
    "no_server": (
        "Falta la dirección del servidor: use --server o la variable MEDULA_SERVER.",
        "The server's address is missing: use --server or the variable MEDULA_SERVER.",
    ),
    "no_token": (
        "Falta el token: hágalo en su cuenta y póngalo en la variable MEDULA_TOKEN.",
        "The token is missing: make one in your account and put it into the variable MEDULA_TOKEN.",
    ),
    "no_folder": ("No existe la carpeta {folder}.", "There is no folder {folder}."),
    "no_pictures": (
        "No hay imágenes ni ZIP en {folder}.",
        "There are no pictures nor ZIP files in {folder}.",
    ),
    "left_out": (
        "{count} archivos que no son imágenes se dejaron fuera.",
        "{count} files that are no pictures were left out.",
    ),
    "waiting": (
        "El servidor no responde ({reason}); se intenta de nuevo.",
        "The server does not answer ({reason}); trying again.",
    ),
    "gave_up": (
        "El servidor no respondió en {seconds} segundos ({reason}). Repita la orden: seguirá donde quedó.",
        "The server did not answer within {seconds} seconds ({reason}). Repeat the command: it will go on "
        "where it was.",
    ),
    "answer": ("El servidor respondió {status}: {detail}", "The server answered {status}: {detail}"),
    "no_medula": (
        "{server} no responde como Medula. Revise la dirección.",
        "{server} does not answer as Medula does. Check the address.",
    ),
    "resuming": (
        "El lote {batch} ya tiene {count} de {total} archivos; siguen los demás.",
        "Batch {batch} has {count} of {total} files already; the others follow.",
    ),
    "uploading": ("Entregando", "Handing in"),
    "uploaded": (
        "Lote {batch}: {count} archivos en el servidor, {refused} rechazados.",
        "Batch {batch}: {count} files are on the server, {refused} refused.",
    ),
    "refused": ("Rechazado: {name}: {detail}", "Refused: {name}: {detail}"),
    "changed": (
        "{name} cambió mientras se enviaba. Repita la orden.",
        "{name} changed while it was sent. Repeat the command.",
    ),
    "missing": (
        "{count} archivos no llegaron al servidor. Repita la orden.",
        "{count} files did not reach the server. Repeat the command.",
    ),
    "analysing": ("Analizando", "Analysing"),
    "finished": (
        "Terminado: {succeeded} analizadas, {failed} fallidas, {refused} rechazadas.",
        "Finished: {succeeded} analysed, {failed} failed, {refused} refused.",
    ),
    "downloading": ("Descargando", "Fetching"),
    "damaged": (
        "{name} llegó dañado dos veces: su sha256 no coincide.",
        "{name} arrived damaged twice: its sha256 does not match.",
    ),
    "downloaded": (
        "{count} archivos en {folder}; comprobados con checksums.txt.",
        "{count} files in {folder}; checked, see checksums.txt.",
    ),
    "interrupted": (
        "Interrumpido. Repita la orden: seguirá donde quedó.",
        "Interrupted. Repeat the command: it will go on where it was.",
    ),
    "disk": ("No se puede leer o escribir {path}: {detail}.", "{path} cannot be read or written: {detail}."),
}


def language(environ: Mapping[str, str] = os.environ) -> str:
    """ "en" where the terminal asks for English, else "es"."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environ.get(name):
            return "en" if environ[name].lower().startswith("en") else "es"
    return "es"


def words(key: str, **params: object) -> str:
    """The sentence of `key` in the terminal's language."""
    spanish, english = WORDS[key]
    return (english if language() == "en" else spanish).format(**params)


class Failure(Exception):
    """Something that ends the command; the message is the one sentence to print."""

    def __init__(self, key: str, **params: object) -> None:
        super().__init__(words(key, **params))
        self.key = key
