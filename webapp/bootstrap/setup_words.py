"""The sentences of the time before the environment exists: key -> (Spanish, English)."""

from __future__ import annotations

SETUP: dict[str, tuple[str, str]] = {
    "usage": (
        "Uso: python3 manage.py start [--host H] [--port P] [--no-demo]\n"
        "     python3 manage.py test [argumentos de pytest]\n"
        "     python3 manage.py ORDEN   (las órdenes de Django)",
        "Usage: python3 manage.py start [--host H] [--port P] [--no-demo]\n"
        "       python3 manage.py test [pytest arguments]\n"
        "       python3 manage.py COMMAND   (Django's own)",
    ),
    "windows": (
        "Medula funciona en Linux y macOS; en Windows, ábrala dentro de WSL2 "
        "(https://learn.microsoft.com/windows/wsl/install).",
        "Medula runs on Linux and macOS; on Windows, open it inside WSL2 "
        "(https://learn.microsoft.com/windows/wsl/install).",
    ),
    "machine": (
        "No hay TensorFlow para esta computadora ({machine}): hace falta Linux con glibc en x86-64 o ARM de "
        "64 bits, o un Mac con chip de Apple y un Python para ese chip.",
        "There is no TensorFlow for this computer ({machine}): it takes Linux with glibc on x86-64 or 64-bit "
        "ARM, or a Mac with an Apple chip and a Python made for it.",
    ),
    "not_cpython": (
        "Medula necesita CPython, y este Python es {found}.",
        "Medula needs CPython, and this Python is {found}.",
    ),
    "installing": (
        "Preparando el entorno de Medula en {venv}\n"
        "  Ocurre una sola vez: descarga unos {download} MB y ocupa unos 3 GB; suele tardar unos minutos.",
        "Making Medula's environment in {venv}\n"
        "  This happens once: it downloads about {download} MB, takes about 3 GB and usually a few minutes.",
    ),
    "updating": (
        "Poniendo al día el entorno de Medula en {venv}",
        "Bringing Medula's environment in {venv} up to date",
    ),
    "adding_tests": (
        "Añadiendo las herramientas de prueba al entorno en {venv}",
        "Adding the test tools to the environment in {venv}",
    ),
    "waiting": (
        "Otro proceso está preparando el entorno; espero a que termine …",
        "Another process is making the environment; waiting for it …",
    ),
    "step_venv": ("  1/4 Creando el entorno", "  1/4 Making the environment"),
    "step_download": (
        "  2/4 Descargando: {done} de {total} paquetes, {megabytes} MB",
        "  2/4 Downloading: {done} of {total} packages, {megabytes} MB",
    ),
    "step_install": (
        "  3/4 Instalando: {done} de {total} paquetes",
        "  3/4 Installing: {done} of {total} packages",
    ),
    "step_compile": (
        "  4/4 Compilando, para que arranque más rápido",
        "  4/4 Compiling, so that it starts faster",
    ),
    "ready": ("  Listo en {seconds} s.", "  Ready in {seconds} s."),
    "interrupted": (
        "Interrumpido. La próxima vez empieza de nuevo; lo ya descargado se aprovecha.",
        "Interrupted. It begins again next time; what was downloaded is kept.",
    ),
    "disk_full": (
        "El disco de {path} está demasiado lleno: hacen falta {needed} GB libres y hay {free} GB.",
        "The disk of {path} is too full: {needed} GB must be free and {free} GB are.",
    ),
    "disk_full_meanwhile": (
        "El disco se llenó durante la instalación: libere espacio (hacen falta unos {needed} GB) y repita la "
        "orden.",
        "The disk filled up during the installation: free some space (about {needed} GB are needed) and run "
        "the command again.",
    ),
    "not_writable": (
        "No se puede escribir en {path}: {detail}.",
        "{path} cannot be written to: {detail}.",
    ),
    "no_network": (
        "No se pudo llegar al índice de paquetes ({index}): revise la conexión o el proxy y repita la orden. "
        "Detalles: {log}",
        "The package index ({index}) could not be reached: check the network or the proxy and run the "
        "command again. Details: {log}",
    ),
    "certificate": (
        "El índice de paquetes ({index}) mostró un certificado en el que este equipo no confía: indique el "
        "de su institución con «pip config set global.cert ARCHIVO» o PIP_CERT. Detalles: {log}",
        "The package index ({index}) showed a certificate this computer does not trust: name your "
        "institution's with “pip config set global.cert FILE” or PIP_CERT. Details: {log}",
    ),
    "hash_mismatch": (
        "Un paquete descargado no es el que fija requirements/ (su huella sha256 es otra): no se instala "
        "nada. Detalles: {log}",
        "A downloaded package is not the one requirements/ names (its sha256 differs): nothing is installed. "
        "Details: {log}",
    ),
    "not_in_index": (
        "El índice de paquetes ({index}) no ofrece lo que Medula necesita: «{package}». Detalles: {log}",
        "The package index ({index}) does not offer what Medula needs: “{package}”. Details: {log}",
    ),
    "install_failed": (
        "La instalación falló; pip explica por qué en {log}",
        "The installation failed; pip says why in {log}",
    ),
    "no_venv": (
        "A este Python le falta el módulo «venv»: instálelo (en Debian y Ubuntu: "
        "sudo apt install python3-venv) y repita la orden.",
        "This Python lacks the module “venv”: install it (on Debian and Ubuntu: "
        "sudo apt install python3-venv) and run the command again.",
    ),
    "no_pip": (
        "Este Python no trae instalador y no se pudo descargar pip de {index}: revise la conexión, o en "
        "Debian y Ubuntu use sudo apt install python3-venv.",
        "This Python comes without an installer and pip could not be fetched from {index}: check the "
        "network, or on Debian and Ubuntu use sudo apt install python3-venv.",
    ),
    "bad_setting": (
        "Un ajuste del entorno no se puede usar. {detail}",
        "A setting of the environment cannot be used. {detail}",
    ),
    "port_used": (
        "El puerto {port} ya está en uso: cierre el otro programa o elija otro con --port, por ejemplo "
        "--port {other}.",
        "Port {port} is already in use: close the other program or choose another with --port, for example "
        "--port {other}.",
    ),
    "port_forbidden": (
        "El sistema no permite abrir el puerto {port}: elija uno de 1024 en adelante, por ejemplo "
        "--port {other}.",
        "The system does not allow opening port {port}: choose one from 1024 up, for example --port {other}.",
    ),
    "port_number": (
        "«{port}» no es un puerto: use un número entre 1 y 65535.",
        "“{port}” is not a port: use a number between 1 and 65535.",
    ),
    "host_unknown": (
        "«{host}» no es una dirección de este equipo: use 127.0.0.1 (solo este equipo) o 0.0.0.0 (toda la "
        "red).",
        "“{host}” is not an address of this computer: use 127.0.0.1 (this computer only) or 0.0.0.0 (the "
        "whole network).",
    ),
}
