"""What can be set. Environment names are derived from the field names: `data_dir` is DASHAPP_DATA_DIR."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from dashapp.settings.given import OF_PROJECT, given_settings, require_fields
from dashapp.settings.machine_zone import machine_zone
from dashapp.settings.public_url import PublicUrl
from dashapp.settings.values import (
    READY_CHECKS,
    Assumptions,
    Bind,
    Checks,
    CodePage,
    Duration,
    Kept,
    Origins,
    Paths,
    Rate,
    TimeOfDay,
    Zone,
)
from dashapp.settings.variables import variable
from metricstore.assumptions import USUAL, Assumed
from metricstore.retention import KEPT_FOR_EVER


class Settings(BaseModel):
    """All settings with their defaults; `description` is what reference pages and `doctor` say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Path = Field(default=Path("var"), description="Folder for everything the dashboard keeps itself")
    source_dir: Path | None = Field(default=None, description="Folder of the observed content project; none: demo data")
    source_timezone: Zone = Field(default_factory=machine_zone, description="Time zone the observed project logs in")
    source_encoding: CodePage = Field(
        default="cp1252", description="What logs and exports of the project are in that are not UTF-8 or UTF-16"
    )
    timezone: Zone = Field(default_factory=machine_zone, description="Time zone viewers see until they choose one")
    host: str = Field(default="127.0.0.1", description="Address to listen on")
    port: int = Field(default=8050, ge=0, le=65_535, description="Port to listen on; 0 picks a free one")
    threads: int = Field(default=8, ge=1, le=256, description="Requests answered at the same time by one process")
    workers: int = Field(default=2, ge=1, le=64, description="Processes of `dashapp web` with InfluxDB or ClickHouse")
    drain_seconds: int = Field(
        default=5,
        ge=0,
        le=300,
        description="How long `dashapp web` with InfluxDB or ClickHouse still answers after SIGTERM while `/readyz` says that it is not ready",
    )
    database_url: SecretStr | None = Field(
        default=None, description="Accounts database; default: SQLite in the data folder"
    )
    secret_key: SecretStr | None = Field(
        default=None, description="Signs sessions; default: made once in the data folder"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="What the own log shows"
    )

    assume: Assumptions = Field(
        default=USUAL,
        description="What modelled numbers assume, as `hourly_rate:60,manual_minutes:30`; in TOML a table",
    )
    currency: str = Field(default="EUR", min_length=1, max_length=8, description="Currency of modelled money")
    watchdog_url: str | None = Field(
        default=None,
        pattern=r"^https?://",
        description="Called once a minute while alerts are evaluated and delivered, with /fail when they are not",
    )
    alerts_file: Path | None = Field(
        default=None,
        description="Alert rules and receivers (TOML), applied whenever the file changes",
        json_schema_extra=OF_PROJECT,
    )
    goals_file: Path | None = Field(
        default=None,
        description="Goals (TOML, see docs/overview.md), applied whenever the file changes",
        json_schema_extra=OF_PROJECT,
    )

    backup_passphrase: SecretStr | None = Field(
        default=None, description="Encrypts backups and opens encrypted ones; none: backups hold no secrets"
    )
    backup_passphrase_file: Path | None = Field(
        default=None, description="File that holds the passphrase of backups, in place of the setting itself"
    )

    backup_folder: Path | None = Field(default=None, description="Folder for scheduled backups; none: none are made")
    backup_every: Duration = Field(default=timedelta(days=1), description="How often a backup is made")
    backup_at: TimeOfDay = Field(
        default=None,
        description="Time of day in the viewers' zone, such as 03:30, for one backup a day; goes before the interval",
    )
    backup_keep: int = Field(default=7, ge=1, le=1_000, description="How many scheduled backups are kept")

    retention: Kept = Field(
        default=KEPT_FOR_EVER,
        description="How long points are kept, as `log_record:90d,generation:730d`; in TOML a table. All others: for ever",
    )

    log_file: Path | None = Field(default=None, description="The observed app.log, where it is not in its usual place")
    log_files: Paths = Field(
        default=(), description="Several logs, each followed on its own, separated like PATH or by commas"
    )
    calendar_files: Paths = Field(default=(), description="Calendar files, separated like PATH or by commas")
    scheduler_state_file: Path | None = Field(default=None, description="The production scheduler's state file")
    metrics_csv: Path | None = Field(default=None, description="The engagement CSV")
    metrics_db: Path | None = Field(default=None, description="The engagement SQLite file")
    export_files: Paths = Field(
        default=(),
        description="Analytics exports (files or folders), separated like PATH or by commas; see docs/exports.md",
    )

    ai_usage_file: Path | None = Field(default=None, description="The NDJSON file of AI calls, see docs/ai-usage.md")
    price_table: Path | None = Field(
        default=None, description="TOML file of AI prices that go before those shipped", json_schema_extra=OF_PROJECT
    )
    buffer_api_key: SecretStr | None = Field(default=None, description="Buffer API key (GraphQL)")
    buffer_url: str = Field(default="https://api.buffer.com", description="Buffer's GraphQL address")
    buffer_organization: str = Field(default="", description="Buffer organisation to ask about; empty: all of them")
    buffer_classic_token: SecretStr | None = Field(
        default=None,
        description="Access token of Buffer's classic API, retired on 2027-02-01; asked only where no Buffer API key is set",
    )
    buffer_classic_url: str = Field(default="https://api.bufferapp.com/1", description="Buffer's classic address")
    openai_admin_key: SecretStr | None = Field(default=None, description="OpenAI admin key: usage and costs")
    openai_url: str = Field(default="https://api.openai.com/v1", description="OpenAI's address")
    anthropic_admin_key: SecretStr | None = Field(default=None, description="Anthropic admin key: usage and costs")
    anthropic_url: str = Field(default="https://api.anthropic.com", description="Anthropic's address")
    litellm_key: SecretStr | None = Field(default=None, description="LiteLLM master or admin key")
    litellm_url: str = Field(default="", description="Address of the LiteLLM proxy")
    x_token: SecretStr | None = Field(default=None, description="X (Twitter) user token: figures of one's own posts")
    x_url: str = Field(default="https://api.x.com", description="X's address")
    linkedin_token: SecretStr | None = Field(default=None, description="LinkedIn token of a page's administrator")
    linkedin_url: str = Field(default="https://api.linkedin.com", description="LinkedIn's address")
    linkedin_organization: str = Field(default="", description="LinkedIn page to ask about, its number")
    linkedin_version: str = Field(
        default="202608", pattern=r"^\d{6}$", description="Month of LinkedIn's interface that is asked for"
    )
    x_user_id: str = Field(default="", description="X account to ask about, its number; empty: the token's own")

    influxdb_v2_url: str | None = Field(
        default=None, description="InfluxDB server; any INFLUXDB_V2_ setting selects InfluxDB"
    )
    influxdb_v2_token: SecretStr | None = Field(default=None, description="InfluxDB token")
    influxdb_v2_org: str | None = Field(default=None, description="InfluxDB organisation")
    influxdb_v2_bucket: str | None = Field(default=None, description="InfluxDB bucket")
    clickhouse_url: str | None = Field(
        default=None,
        description="ClickHouse server, as https://clickhouse.example:8443; selects ClickHouse, see docs/clickhouse.md",
    )
    clickhouse_user: str = Field(default="default", description="ClickHouse user")
    clickhouse_password: SecretStr | None = Field(default=None, description="Password of the ClickHouse user")
    clickhouse_database: str = Field(default="default", description="ClickHouse database; it must be there")
    clickhouse_cluster: str = Field(
        default="", description="Name of the cluster in the servers' `remote_servers`; empty: one server"
    )
    clickhouse_ca_file: Path | None = Field(
        default=None, description="Certificates (PEM) to trust for ClickHouse instead of the system's"
    )

    public_url: PublicUrl | None = Field(
        default=None,
        description="Address people reach the dashboard by, as https://example.org/numbers, for all links to it; its path is the one "
        "everything is below",
    )
    embed_ancestors: Origins = Field(
        default=(), description="Origins whose pages may frame embeds that name none themselves, separated by blanks"
    )

    session_lifetime: Duration = Field(default=timedelta(hours=12), description="A login ends after this time")
    session_idle: Duration = Field(
        default=timedelta(hours=4), description="A login ends after this time without a request"
    )
    secure_cookies: Literal["auto", "always"] = Field(
        default="auto", description="Secure cookies: when on https, or always"
    )
    trusted_proxies: int = Field(
        default=0, ge=0, le=10, description="Reverse proxies in front whose X-Forwarded-* count"
    )
    login_attempts: int = Field(
        default=5,
        ge=1,
        description="Failed logins per minute for one account from one address; after twice as many from addresses that never logged "
        "in to the account, each further one there waits longer, up to a minute",
    )
    api_rate: Rate = Field(
        default="6000/minute",
        description="Requests to the API and downloads for one token or user, as `6000/minute`, by all worker processes together",
    )
    limiter_storage: str = Field(
        default="accounts://",
        description="Where failed logins are counted: accounts:// in the accounts database, for all workers together; "
        "memory:// in each process; redis://host:6379",
    )

    ready_needs: Checks = Field(
        default=("store", "accounts", "disk", "collector"),
        description=f"Checks that `/readyz` needs to say ready, of {', '.join(READY_CHECKS)}; `/readyz?verbose` lists all",
    )

    status_public: bool = Field(
        default=False, description="Show `/status` to everyone: whether each source is read, without any data"
    )
    metrics: bool = Field(default=True, description="Measure the dashboard itself: `/metrics` for Prometheus")
    own_use: bool = Field(
        default=True,
        description="Record which pages, charts and embeds are used, about once a minute and without users, for the page Data health",
    )
    access_log: bool | None = Field(
        default=None, description="Log a record for each request; default: with worker processes only"
    )
    metrics_bind: Bind = Field(
        default=None,
        description="Address and port, such as `127.0.0.1:9464`, where `/metrics` can be read without a token",
    )

    @model_validator(mode="after")
    def _influx_whole_or_not_at_all(self) -> Settings:
        given = {name: getattr(self, name) for name in INFLUX}
        missing = [name.upper() for name, value in given.items() if not value]
        if any(given.values()) and missing:
            raise ValueError(f"InfluxDB needs all four of its settings; missing: {', '.join(missing)}")
        return self

    @model_validator(mode="after")
    def _one_store(self) -> Settings:
        if self.clickhouse_url and self.influxdb_v2_url:
            raise ValueError("INFLUXDB_V2_URL and CLICKHOUSE_URL name two stores; set one of them")
        if "@" in urlsplit(self.clickhouse_url or "").netloc:
            raise ValueError("CLICKHOUSE_URL holds a login; set CLICKHOUSE_USER and CLICKHOUSE_PASSWORD instead")
        return self

    @model_validator(mode="after")
    def _addresses_are_whole(self) -> Settings:
        for name in type(self).model_fields:
            value = getattr(self, name) if name.endswith("_url") else None
            if isinstance(value, str) and value and not value.startswith(("http://", "https://")):
                raise ValueError(f"{variable(name)} must begin with http:// or https://")
        return self

    @model_validator(mode="after")
    def _metrics_somewhere(self) -> Settings:
        if self.metrics_bind is not None and not self.metrics:
            raise ValueError("DASHAPP_METRICS_BIND says where metrics are read, but DASHAPP_METRICS switches them off")
        return self

    @property
    def assumed(self) -> Assumed:
        """What modelled numbers assume until a viewer says otherwise."""
        return replace(self.assume, currency=self.currency)

    @property
    def store_kind(self) -> str:
        """Which store holds the points: `influxdb`, `clickhouse` or `duckdb`, the embedded one."""
        if self.influxdb_v2_url is not None:
            return "influxdb"
        return "clickhouse" if self.clickhouse_url is not None else "duckdb"

    @property
    def uses_server(self) -> bool:
        """Whether the store is a server, which any number of processes share, and not the embedded one."""
        return self.store_kind != "duckdb"

    @property
    def has_source(self) -> bool:
        """Whether there is anything to collect from besides demo data."""
        return self.source_dir is not None or any(getattr(self, name) for name in given_settings())

    @property
    def sub_path(self) -> str:
        """The path of the public address, such as `/numbers`; "" where there is none."""
        return urlsplit(self.public_url or "").path.rstrip("/")

    @property
    def accounts_url(self) -> str:
        """SQLAlchemy's URL of the accounts database."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data_dir / 'accounts.sqlite'}"

    @property
    def store_path(self) -> Path:
        """The embedded store's file."""
        return self.data_dir / "metrics.duckdb"


INFLUX = ("influxdb_v2_url", "influxdb_v2_token", "influxdb_v2_org", "influxdb_v2_bucket")

require_fields(Settings.model_fields)
