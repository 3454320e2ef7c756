# One image for web and collector: the same versions as everywhere else, from requirements.lock, the drivers of PostgreSQL and ClickHouse, and
# OpenTelemetry (9 MiB), which is imported only where OTEL_EXPORTER_OTLP_ENDPOINT is set.
#   docker build -t content-metrics-dashboard .
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/dashapp
COPY requirements.lock requirements-postgresql.lock requirements-clickhouse.lock requirements-telemetry.lock /src/
RUN /opt/dashapp/bin/pip install --quiet -r /src/requirements.lock -r /src/requirements-postgresql.lock \
    -r /src/requirements-clickhouse.lock -r /src/requirements-telemetry.lock
COPY setup.py pyproject.toml README.md /src/
COPY metricstore /src/metricstore
COPY collectors /src/collectors
COPY alerting /src/alerting
COPY briefing /src/briefing
COPY layouts /src/layouts
COPY questions /src/questions
COPY viewer /src/viewer
COPY callbacks /src/callbacks
COPY dashapp /src/dashapp
COPY assets /src/assets
RUN /opt/dashapp/bin/pip install --quiet --no-deps --no-build-isolation /src \
 && /opt/dashapp/bin/python -m compileall -q /opt/dashapp/lib

FROM python:3.11-slim-bookworm
# Everything that changes lives in /var/lib/dashapp and /tmp: the rest of the file system can be read-only.
RUN groupadd --gid 10001 dashapp \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/dashapp --shell /usr/sbin/nologin dashapp \
 && install -d -o 10001 -g 10001 -m 0750 /var/lib/dashapp
COPY --from=build /opt/dashapp /opt/dashapp
ENV PATH=/opt/dashapp/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DASHAPP_DATA_DIR=/var/lib/dashapp \
    DASHAPP_HOST=0.0.0.0 \
    DASHAPP_PORT=8050
WORKDIR /var/lib/dashapp
VOLUME /var/lib/dashapp
EXPOSE 8050
USER 10001:10001
# Without further words: web and collectors in one process over the embedded store.
CMD ["dashapp", "run"]
