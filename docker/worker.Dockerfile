# A worker of any lane, and the clock. LIST=run computes on the processor, LIST=gpu on an NVIDIA card too:
# its CUDA libraries come as Python packages, so the server needs only the driver and the container toolkit.
FROM python:3.11.13-slim-bookworm

ENV DJANGO_SETTINGS_MODULE=webapp.settings \
    HOME=/tmp \
    MEDULA_NO_VENV=1 \
    MEDULA_VAR=/var/lib/medula \
    MPLCONFIGDIR=/tmp/matplotlib \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore \
    PYTHONUNBUFFERED=1 \
    PYTHONUTF8=1

# A volume mounted here for the first time takes over this folder's owner.
RUN groupadd --gid 10001 medula \
    && useradd --uid 10001 --gid medula --no-create-home --home-dir /tmp --shell /usr/sbin/nologin medula \
    && install -d -o medula -g medula -m 0750 /var/lib/medula

ARG LIST=run
COPY requirements/${LIST}.txt /tmp/requirements.txt
RUN pip install --no-cache-dir --require-hashes --only-binary=:all: --requirement /tmp/requirements.txt \
    && rm /tmp/requirements.txt

WORKDIR /srv/medula
COPY LICENSE manage.py ./
COPY locale locale
COPY templates templates
COPY segmentation segmentation
COPY webapp webapp
COPY worker worker
RUN python -m compileall -q segmentation webapp worker

USER 10001:10001
