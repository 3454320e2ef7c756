# The dashboard from the same lock file as everywhere else. One image for `web`, `collect` and the other commands.
FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/dashapp
WORKDIR /src
COPY requirements.lock ./
RUN /opt/dashapp/bin/pip install -r requirements.lock "psycopg[binary]>=3.2" "setuptools>=77"
COPY . .
RUN /opt/dashapp/bin/pip install --no-deps --no-build-isolation . \
 && /opt/dashapp/bin/pip uninstall --yes setuptools pip

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/dashapp --shell /usr/sbin/nologin dashapp \
 && install -d -o dashapp -g dashapp -m 0750 /var/lib/dashapp
COPY --from=build /opt/dashapp /opt/dashapp
# No bytecode is written at run time and all state is in one volume: the root file system may be read-only.
ENV PATH=/opt/dashapp/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    DASHAPP_DATA_DIR=/var/lib/dashapp DASHAPP_HOST=0.0.0.0 DASHAPP_PORT=8050
USER 10001
WORKDIR /var/lib/dashapp
VOLUME /var/lib/dashapp
EXPOSE 8050
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8050/healthz', timeout=4)"]
ENTRYPOINT ["dashapp"]
CMD ["run"]
