"""How commands talk: results to stdout, everything else to stderr; expected failures are one sentence, never a trace."""

# Imports inside functions: a command loads only what it uses, so that it answers at once.

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from typing import NoReturn, ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

FAILED = 1
WRONG_SETTING = 2


def say(text: str) -> None:
    """A line for whoever or whatever reads the result."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def remark(text: str) -> None:
    """A line beside the result."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def stop(text: str, code: int = FAILED) -> NoReturn:
    """End the command with a sentence."""
    from collectors.redaction import redact

    remark(f"dashapp: {redact(text)}")
    raise SystemExit(code)


def plainly(command: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Turn expected failures into one sentence and an exit code: 2 for a wrong setting, else 1."""

    @functools.wraps(command)
    def told(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        from dashapp.settings.loading import SettingsError

        try:
            return command(*args, **kwargs)
        except SettingsError as error:
            stop(str(error), WRONG_SETTING)
        except KeyboardInterrupt:
            raise SystemExit(130) from None
        except BrokenPipeError:
            # The reader (head, less) has enough; Python would complain again when it closes stdout.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(0) from None
        except Exception as error:
            if not _expected(error):
                raise
            stop(str(error) or type(error).__name__)

    return told


def _expected(error: Exception) -> bool:
    """Errors whose text is meant for people. Their modules are looked up, not imported: most commands need few."""
    names = {base.__name__ for base in type(error).__mro__}
    return bool(
        names
        & {
            "StoreError",
            "AccountError",
            "AccountsDamaged",
            "BackupError",
            "ControlError",
            "RunnerBusy",
            "InvalidQuestion",
        }
    )
