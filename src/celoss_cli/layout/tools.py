"""All tools whose layouts are known. ``recognise`` holds them against a table."""

from __future__ import annotations

from celoss_cli.layout.tool import Tool
from celoss_cli.layout.tools_of_contests import CONTESTS
from celoss_cli.layout.tools_of_libraries import LIBRARIES
from celoss_cli.layout.tools_of_services import SERVICES

TOOLS: tuple[Tool, ...] = (*CONTESTS, *LIBRARIES, *SERVICES)
