"""Stand-in servers on loopback that speak services' APIs as documented: for tests, and by hand (`make sources-demo`)."""

from tests.standins.faults import Fault
from tests.standins.server import Call, Reply, StandIn

__all__ = ["Call", "Fault", "Reply", "StandIn"]
