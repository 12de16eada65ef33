"""Would another reading of the same columns be far better? One kind of other reading a file; the rule is in `rule`."""

from __future__ import annotations

from celoss_cli.alarms.look import Alarm, Chosen, Look, look_at
from celoss_cli.alarms.watch import alarms_of

__all__ = ["Alarm", "Chosen", "Look", "alarms_of", "look_at"]
