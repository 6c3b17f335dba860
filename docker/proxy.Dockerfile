# The only door to the outside: ends TLS and passes everything on to the web.
FROM caddy:2.10.0-alpine

RUN addgroup -g 10001 medula \
    && adduser -D -H -u 10001 -G medula medula \
    && install -d -o medula -g medula -m 0750 /var/lib/caddy

# Certificates and their keys are kept here: a volume.
ENV XDG_CONFIG_HOME=/tmp \
    XDG_DATA_HOME=/var/lib

COPY docker/Caddyfile /etc/caddy/Caddyfile

USER 10001:10001
EXPOSE 8080 8443
