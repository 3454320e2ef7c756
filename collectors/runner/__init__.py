"""Runs collectors: schedule, file watching, retries, checkpoints, dead letters, one runner at a time."""

from collectors.runner.lock import RunnerBusy
from collectors.runner.progress import ProgressSink, RichProgress
from collectors.runner.report import CollectorState, RunReport
from collectors.runner.service import Runner

__all__ = ["CollectorState", "ProgressSink", "RichProgress", "RunReport", "Runner", "RunnerBusy"]
