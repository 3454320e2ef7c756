"""Packaging: ranges here, exact versions and hashes in requirements*.lock (`make lock`). Dates as versions have no bound."""

from pathlib import Path

from setuptools import setup

ROOMS = ["metricstore", "collectors", "alerting", "briefing", "layouts", "questions", "viewer", "callbacks", "dashapp"]

RUNTIME = [
    # chosen by the user of this project
    "dash>=4.4,<5",
    "dash-bootstrap-components>=2.0,<3",
    "plotly>=6.5,<8",
    "influxdb-client>=1.50,<2",
    "flask-login>=0.6.3,<0.8",
    "apscheduler>=3.11,<4",
    "pandas>=3,<4",
    # store
    "numpy>=2.2,<3",
    "urllib3>=2.5,<3",
    "duckdb>=1.4,<3",
    "sqlglot>=27,<31",
    "pytz",
    "tzdata",
    # web
    "flask>=3.1,<4",
    "werkzeug>=3.1,<4",
    "markupsafe>=3,<4",
    "flask-limiter>=4,<5",
    "limits>=5,<7",
    "flask-wtf>=1.2,<2",
    "wtforms>=3.3,<4",
    "flask-compress>=1.18,<2",
    "sqlalchemy>=2.0,<3",
    "alembic>=1.16,<2",
    "argon2-cffi>=25,<26",
    "gunicorn>=23,<28",
    "brotli>=1.1,<2",
    "itsdangerous>=2.2,<3",
    "resvg-py>=0.3,<1",
    "waitress>=3,<4",
    # settings, command line, running
    "pydantic>=2.11,<3",
    "tzlocal>=5.3,<6",
    "typer>=0.16,<1",
    "rich>=14,<16",
    "watchfiles>=1.1,<2",
    "filelock>=3.19,<5",
    "orjson>=3.11,<4",
    "arro3-core>=0.9,<1",
    "arro3-io>=0.9,<1",
    "nanoarrow>=0.8,<1",
    # being watched
    "prometheus-client>=0.22,<1",
    # services that are asked
    "httpx>=0.28,<1",
    # backups, encrypted
    "cryptography>=45,<60",
    # exports people download
    "python-calamine>=0.6,<1",
    # logs compressed by zstd
    'backports-zstd>=1.3,<2; python_version < "3.14"',
]

# services that nobody built here are notified over it
APPRISE = ["apprise>=1.9,<3"]

# traces of requests, for those who gather them with OpenTelemetry
TELEMETRY = ["opentelemetry-sdk>=1.30,<2", "opentelemetry-exporter-otlp-proto-http>=1.30,<2"]

# the store for many machines
CLICKHOUSE = ["clickhouse-connect>=1.6,<2"]

# ClickHouse's engine, for tests alone: half a gigabyte, so .ci/prepare installs it and no other extra holds it
CHDB = ["chdb>=4.3,<5"]

TEST = [
    *APPRISE,
    *TELEMETRY,
    *CLICKHOUSE,
    "pytest>=8.4",
    "pytest-cov>=6",
    "pytest-rerunfailures>=16,<17",
    "pytest-timeout>=2.4",
    "pytest-xdist>=3.8,<4",
    "hypothesis>=6.130",
    "graphql-core>=3.2,<4",
    "playwright>=1.54",
    "psycopg[binary]>=3.2,<4",
    "pyyaml>=6",
    "schemathesis>=4.4,<5",
    "openpyxl>=3.1",
    # receivers of alerts: a mail server, and who checks webhooks
    "aiosmtpd>=1.4.6,<2",
    "standardwebhooks>=1.1,<2",
    "ruff>=0.12",
    "mypy>=1.17",
    "import-linter>=2.4",
    "pandas-stubs",
    "types-PyYAML",
    "pre-commit>=4",
]


def packages() -> list[str]:
    """Every package of our rooms, listed explicitly: `tests` never ships."""
    root = Path(__file__).parent
    found = []
    for room in ROOMS:
        for init in sorted((root / room).rglob("__init__.py")):
            found.append(".".join(init.parent.relative_to(root).parts))
    return found


setup(
    name="content-metrics-dashboard",
    version="0.2.0",
    description="Metrics dashboard for AI content automations: DuckDB, InfluxDB or ClickHouse, Plotly Dash, Flask-Login",
    python_requires=">=3.11,<3.15",
    classifiers=[f"Programming Language :: Python :: 3.{minor}" for minor in range(11, 15)],
    packages=[*packages(), "assets"],
    package_dir={"assets": "assets"},
    include_package_data=True,
    package_data={
        "alerting": ["*.toml"],
        "assets": ["*.css", "*.js", "*.svg", "early/*", "embed/*", "fonts/*", "vendor/*"],
        "dashapp": ["templates/*.html", "templates/*/*.html", "static/*", "static/vendor/*"],
        "layouts": ["pictures/fonts/*"],
        "collectors": ["*/README.md", "prices/prices.toml", "engagement/languages.toml"],
    },
    install_requires=RUNTIME,
    extras_require={
        "test": TEST,
        "apprise": APPRISE,
        "postgresql": ["psycopg[binary]>=3.2,<4"],
        "telemetry": TELEMETRY,
        "clickhouse": CLICKHOUSE,
        "chdb": CHDB,
    },
    entry_points={"console_scripts": ["dashapp=dashapp.cli:main"]},
)
