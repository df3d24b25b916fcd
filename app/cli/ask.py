"""`zhiku ask`: one question, its answer and the sources."""

from collections.abc import Iterator
from typing import Annotated

import typer

from app.api.schemas import AnswerOut, EvidenceOut
from app.cli.console import errors, output
from app.cli.keys import TenantOption
from app.cli.routes import command_client, running_api
from app.client import AnswerEvent as ClientEvent
from app.settings import Settings, load_settings
from app.wiring import open_system
from stores.access import EVERYONE, Principal, Scope
from stores.keys import Role
