"""From settings to what collects: source, services, runner."""

# Imports inside functions: start-up time, collectors are loaded by processes that collect.

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dashapp.settings import Settings

if TYPE_CHECKING:
    from pydantic import SecretStr

    from collectors.runner import Runner
    from collectors.services import Services
    from collectors.source import Source
    from dashapp.collecting.lease import CollectingLease
    from metricstore.store import Store


def make_source(settings: Settings) -> Source:
    """Where to collect from. Without a source folder only the files that are named count."""
    from collectors.source import Source
    from dashapp.settings.given import given_settings

    return Source(
        root=settings.source_dir or settings.data_dir / "source",
        timezone=settings.source_timezone,
        log=settings.log_file,
        logs=settings.log_files,
        calendars=settings.calendar_files,
        scheduler_state=settings.scheduler_state_file,
        metrics_csv=settings.metrics_csv,
        metrics_db=settings.metrics_db,
        exports=settings.export_files,
        ai_usage=settings.ai_usage_file,
        price_table=settings.price_table,
        code_page=settings.source_encoding,
        services=make_services(settings),
        retention=settings.retention,
        given={name: getattr(settings, name) for name in given_settings()},
    )


def make_services(settings: Settings) -> Services:
    """The services with the credentials that are set."""
    from collectors.services import Service, Services

    def service(url: str, key: SecretStr | None, account: str = "") -> Service:
        return Service(url.rstrip("/"), key.get_secret_value() if key else "", account)

    return Services(
        buffer=service(settings.buffer_url, settings.buffer_api_key, settings.buffer_organization),
        # Both tell the same posts, which would then count twice: the newer one is asked.
        buffer_classic=service(
            settings.buffer_classic_url, None if settings.buffer_api_key else settings.buffer_classic_token
        ),
        openai=service(settings.openai_url, settings.openai_admin_key),
        anthropic=service(settings.anthropic_url, settings.anthropic_admin_key),
        litellm=service(settings.litellm_url, settings.litellm_key),
        x=service(settings.x_url, settings.x_token, settings.x_user_id),
        linkedin=service(settings.linkedin_url, settings.linkedin_token, settings.linkedin_organization),
        linkedin_version=settings.linkedin_version,
    )


def make_runner(
    settings: Settings, store: Store, source: Source | None = None, unhurried: Callable[[], bool] = lambda: False
) -> Runner:  # fmt: skip
    """A runner of all collectors, of scheduled backups, of the deletion of what is too old and of what keeps rollups right, not started.
    `source` replaces the configured one (demo data)."""
    from collectors.base import Collector
    from collectors.registry import collectors_for
    from collectors.runner import Runner
    from dashapp.backup.scheduled import ScheduledBackup
    from dashapp.retention.scheduled import ScheduledRetention
    from dashapp.rollup_check import RollupCheck
    from dashapp.settings.private_files import make_private
    from metricstore.store import said_behind

    make_private(settings)  # checkpoints and dead letters, whatever the store
    source = source or make_source(settings)
    # A backup first: where they run one after the other (`collect --once`) it holds what is deleted after it.
    own: list[Collector] = [ScheduledBackup(settings), ScheduledRetention(settings.retention)]
    if said_behind(store, "rollups", default=None) is not None:
        own.append(RollupCheck())
    return Runner(
        [*collectors_for(source), *own],
        store,
        settings.data_dir,
        unhurried=unhurried,
        lease=_lease(settings, source),
        retention=settings.retention,
    )


def _lease(settings: Settings, source: Source) -> CollectingLease | None:
    """By which one of several machines collects; None where there is nothing that others could see."""
    from dashapp.collecting.agreement import agrees, lease_name

    if not agrees(settings):
        return None
    from dashapp.collecting.lease import CollectingLease

    return CollectingLease(settings.accounts_url, lease_name(settings, source.root), settings.data_dir)


def demo_settings(settings: Settings) -> Settings:
    """The same over a folder and a store of their own, so that made-up data never mix with measured ones."""
    from collectors.demo import TIMEZONE, Demo
    from dashapp.settings.given import of_project
    from dashapp.settings.variables import OF_STORES
    from metricstore.assumptions import taken_as_they_are

    real = of_project(Settings.model_fields)
    made_up = {name: field.get_default(call_default_factory=True) for name, field in Settings.model_fields.items()
               if name.startswith((*OF_STORES, "backup_", "retention")) or name in real}  # fmt: skip
    source = Demo(settings.data_dir).source
    return settings.model_copy(
        update=made_up
        | {"assume": taken_as_they_are().with_values(dict(settings.assume.changed))}
        | {"data_dir": settings.data_dir / "demo", "source_dir": source.root, "source_timezone": TIMEZONE}
    )
