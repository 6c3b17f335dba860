# The web server and the migrations. No TensorFlow, and nothing that decodes a picture.
FROM python:3.11.13-slim-bookworm

ENV DJANGO_SETTINGS_MODULE=webapp.settings \
    HOME=/tmp \
    MEDULA_NO_VENV=1 \
    MEDULA_VAR=/var/lib/medula \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore \
    PYTHONUNBUFFERED=1 \
    PYTHONUTF8=1

# A volume mounted here for the first time takes over this folder's owner.
RUN groupadd --gid 10001 medula \
    && useradd --uid 10001 --gid medula --no-create-home --home-dir /tmp --shell /usr/sbin/nologin medula \
    && install -d -o medula -g medula -m 0750 /var/lib/medula

# The list changes seldom and the code often: in this order a new release downloads little.
COPY requirements/web.txt /tmp/requirements.txt
RUN pip install --no-cache-dir --require-hashes --only-binary=:all: --requirement /tmp/requirements.txt \
    && rm /tmp/requirements.txt

WORKDIR /srv/medula
COPY LICENSE manage.py ./
COPY locale locale
COPY templates templates
COPY segmentation segmentation
COPY webapp webapp
RUN python -m compileall -q segmentation webapp

USER 10001:10001
EXPOSE 8000
