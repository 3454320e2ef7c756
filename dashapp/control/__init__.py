"""How commands reach the running application: only one process at a time can open the embedded store."""

from dashapp.control.client import Channel, ControlError, connect
from dashapp.control.server import ControlServer

__all__ = ["Channel", "ControlError", "ControlServer", "connect"]
