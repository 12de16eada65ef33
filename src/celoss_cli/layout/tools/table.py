"""All tools whose layouts are known. ``recognise`` holds them against a table."""

from __future__ import annotations

from celoss_cli.layout.tools.contests import CONTESTS
from celoss_cli.layout.tools.libraries import LIBRARIES
from celoss_cli.layout.tools.services import SERVICES
from celoss_cli.layout.tools.tool import Tool

TOOLS: tuple[Tool, ...] = (*CONTESTS, *LIBRARIES, *SERVICES)
