"""The sentences of `manage.py start`: key -> (Spanish, English)."""

from __future__ import annotations

START: dict[str, tuple[str, str]] = {
    "start_help": (
        "Prepara la base de datos y arranca Medula: el servidor web, los trabajadores y el reloj.",
        "Prepares the database and starts Medula: the web server, the workers and the clock.",
    ),
    "host_help": (
        "dirección en la que escucha; 0.0.0.0 la abre a toda la red",
        "address to listen on; 0.0.0.0 opens it to the whole network",
    ),
    "port_help": ("puerto", "port"),
    "no_demo_help": (
        "sin el caso de demostración del primer arranque",
        "without the demo case of the first start",
    ),
    "prepare_help": (
        "Prepara la base de datos, las redes, la primera cuenta y los archivos de las páginas; repetido, no "
        "cambia nada.",
        "Prepares the database, the networks, the first account and the pages' files; repeated, it changes "
        "nothing.",
    ),
    "prepared": ("La instalación está preparada.", "The installation is prepared."),
    "already_running": (
        "Medula ya está en marcha en {address} (proceso {pid}): deténgala con Ctrl-C en su terminal antes de "
        "arrancarla otra vez.",
        "Medula is already running at {address} (process {pid}): end it with Ctrl-C in its terminal before "
        "starting it again.",
    ),
    "leftovers": (
        "Se detuvieron {count} procesos que quedaban de un arranque anterior.",
        "Ended {count} processes that an earlier start had left behind.",
    ),
    "database": ("Preparando la base de datos …", "Preparing the database …"),
    "starting": ("Arrancando Medula …", "Starting Medula …"),
    "no_network_shown": (
        "Este equipo no está en ninguna red: solo se abrirá desde él mismo.",
        "This computer is on no network: it can be opened only from itself.",
    ),
    "first_account": (
        "Cuenta de este laboratorio (se muestra una sola vez; anótela):\n"
        "    usuario     {username}\n"
        "    contraseña  {password}\n"
        "  Si se pierde: python3 manage.py changepassword {username}",
        "This laboratory's account (shown only once; write it down):\n"
        "    user name  {username}\n"
        "    password   {password}\n"
        "  If it is lost: python3 manage.py changepassword {username}",
    ),
    "demo_made": (
        "El caso de demostración está en la cola: sus imágenes aparecerán analizadas en un momento.",
        "The demo case is in the queue: its pictures will appear analysed in a moment.",
    ),
    "open": (
        "Medula está lista ({seconds:.1f} s). Abra {address}",
        "Medula is ready ({seconds:.1f} s). Open {address}",
    ),
    "open_also": ("  y, desde otros equipos: {addresses}", "  and, from other computers: {addresses}"),
    "sign_in": (
        "Entre con el usuario «{username}» y su contraseña.",
        "Sign in as “{username}” with your password.",
    ),
    "how_to_end": (
        "Ctrl-C la detiene. Registros: {log}",
        "Ctrl-C ends it. Logs: {log}",
    ),
    "slow_web": (
        "El servidor web aún no responde tras {seconds} s; su registro: {log}",
        "The web server does not answer after {seconds} s yet; its log: {log}",
    ),
    "restarted": (
        "«{name}» terminó ({status}); se arranca de nuevo. Registro: {log}",
        "“{name}” ended ({status}); it is started again. Log: {log}",
    ),
    "keeps_dying": (
        "«{name}» terminó {times} veces en un minuto; lo demás sigue en marcha y se reintentará en "
        "{pause} s. La causa está en {log}",
        "“{name}” ended {times} times within a minute; the rest goes on and it is tried again in "
        "{pause} s. The cause is in {log}",
    ),
    "cannot_start": (
        "«{name}» no se pudo arrancar: {detail}",
        "“{name}” could not be started: {detail}",
    ),
    "ending": ("Deteniendo Medula …", "Ending Medula …"),
    "killed": (
        "«{name}» no terminó a tiempo y se cerró a la fuerza; lo que hacía se repetirá en el próximo "
        "arranque.",
        "“{name}” did not end in time and was killed; what it was doing is done again at the next start.",
    ),
    "ended": ("Medula se detuvo.", "Medula has ended."),
    "migration_failed": (
        "La base de datos no se pudo preparar: {detail}",
        "The database could not be prepared: {detail}",
    ),
}
