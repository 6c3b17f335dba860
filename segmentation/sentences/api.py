"""Programs that knock: tokens, batches, archives, and requests that cannot be understood."""

from __future__ import annotations

SENTENCES: dict[str, dict[str, str]] = {
    "token_nameless": {
        "es": "Dé un nombre al token, para reconocerlo después.",
        "en": "Give the token a name, to know it later.",
    },
    "token_scopeless": {
        "es": "Elija al menos una cosa que el token pueda hacer.",
        "en": "Choose at least one thing that the token may do.",
    },
    "token_days": {
        "es": "Un token vale entre 1 y {most} días.",
        "en": "A token lasts from 1 to {most} days.",
    },
    "token_too_many": {
        "es": "Ya tiene {most} tokens vigentes, que es el máximo. Revoque uno que no use.",
        "en": "You have {most} tokens in use, which is the most there may be. Revoke one you do not need.",
    },
    "token_scope_closed": {
        "es": "Su cuenta no puede dar este permiso: {scope}.",
        "en": "Your account cannot give this permission: {scope}.",
    },
    "token_malformed": {
        "es": "El encabezado Authorization debe decir «Bearer» y un token, separados por un espacio.",
        "en": "The Authorization header must say “Bearer” and a token, with one space between them.",
    },
    "token_unknown": {
        "es": "Este token no existe. Revise que esté copiado completo, o haga uno nuevo en su cuenta.",
        "en": "There is no such token. Check that it was copied whole, or make a new one in your account.",
    },
    "token_revoked": {
        "es": "Este token fue revocado. Haga uno nuevo en su cuenta.",
        "en": "This token was revoked. Make a new one in your account.",
    },
    "token_expired": {
        "es": "Este token venció. Haga uno nuevo en su cuenta.",
        "en": "This token has expired. Make a new one in your account.",
    },
    "token_owner": {
        "es": "La cuenta de este token está cerrada.",
        "en": "The account of this token is closed.",
    },
    "token_password": {
        "es": "La cuenta de este token debe cambiar antes su contraseña. Entre y cámbiela.",
        "en": "The account of this token must first change its password. Sign in and change it.",
    },
    "scope_missing": {
        "es": "Este token o esta cuenta no tiene el permiso «{scope}», que hace falta para esto.",
        "en": "This token or account has not the permission “{scope}”, which this needs.",
    },
    "csrf_failed": {
        "es": "La página había vencido. Vuelva a cargarla e inténtelo otra vez.",
        "en": "The page had expired. Load it again and try once more.",
    },
    "sign_in_needed": {
        "es": "Hace falta un token: envíe el encabezado «Authorization: Bearer …».",
        "en": "A token is needed: send the header “Authorization: Bearer …”.",
    },
    "not_found": {
        "es": "No existe, o no es de su laboratorio.",
        "en": "There is no such thing, or it is not your laboratory's.",
    },
    "method_not_allowed": {
        "es": "El método {method} no se usa en esta dirección.",
        "en": "The method {method} is not used at this address.",
    },
    "media_type_unsupported": {
        "es": "Esta dirección no lee contenido de tipo «{media_type}».",
        "en": "This address does not read content of type “{media_type}”.",
    },
    "too_many_requests": {
        "es": "Demasiadas solicitudes. Espere {seconds} segundos.",
        "en": "Too many requests. Wait {seconds} seconds.",
    },
    "body_unreadable": {
        "es": "El cuerpo de la solicitud no se puede leer: {detail}",
        "en": "The body of the request cannot be read: {detail}",
    },
    "body_incomplete": {
        "es": "El cuerpo llegó cortado, o no mide lo que declara Content-Length. No se guardó nada.",
        "en": "The body arrived cut, or is not as long as Content-Length declares. Nothing was kept.",
    },
    "body_too_large": {
        "es": "La solicitud pesa más de {max_megabytes} MB, que es el máximo. Divídala.",
        "en": "The request is larger than {max_megabytes} MB, which is the most we take. Divide it.",
    },
    "too_many_files": {
        "es": "Son demasiados archivos en una solicitud: el máximo es {most}. Divídalos, o envíe un ZIP.",
        "en": "Too many files in one request: at most {most}. Divide them, or send a ZIP.",
    },
    "no_file": {
        "es": "No llegó ningún archivo. Envíelos en el campo «files», o un ZIP como cuerpo.",
        "en": "No file arrived. Send them in the field “files”, or a ZIP as the body.",
    },
    "fields_invalid": {
        "es": "Algunos datos no sirven; vea «errors».",
        "en": "Some values cannot be used; see “errors”.",
    },
    "request_invalid": {
        "es": "La solicitud no se puede entender.",
        "en": "The request cannot be understood.",
    },
    "key_invalid": {
        "es": "Idempotency-Key debe tener entre 1 y {most} caracteres visibles.",
        "en": "Idempotency-Key must have from 1 to {most} visible characters.",
    },
    "key_other_body": {
        "es": "Esta Idempotency-Key ya se usó para otra solicitud. Use una nueva.",
        "en": "This Idempotency-Key was already used for another request. Use a new one.",
    },
    "key_running": {
        "es": "La primera solicitud con esta Idempotency-Key todavía está en curso. Espere un momento.",
        "en": "The first request with this Idempotency-Key is still being worked on. Wait a moment.",
    },
    "state_conflict": {
        "es": "Ahora no se puede: su estado es «{state}».",
        "en": "Not possible now: its state is “{state}”.",
    },
    "archive_empty": {
        "es": "El ZIP no tiene ningún archivo.",
        "en": "The ZIP holds no file.",
    },
}
