"""`zhiku demo` and `zhiku stop`: everything up with the sample documents, and down again."""

import os
import sys
from pathlib import Path
from typing import Final

from rich.markup import escape

from app.api.schemas import AnswerOut
from app.cli.ask import print_answer
from app.cli.console import errors, output
from app.cli.ingest import print_outcomes, run_ingest
from app.cli.models import pull_models
from app.client import ZhikuClient
from app.errors import ConfigurationError
from app.runtime import (
    Server,
    require_free_port,
    running,
    start_in_background,
    stop_server,
    wait_until_alive,
)
from app.settings import Settings, load_settings
from app.wiring import open_catalog, required_models, utc_now
from stores.access import EVERYONE
from stores.keys import Role

TENANT: Final = "demo"
SAMPLES: Final = Path(__file__).parents[2] / "data" / "samples" / "documents"
QUESTIONS: Final = (
    "上海办公室周末加班开空调，一个分区一小时收多少钱？",  # an English contract answers
    "How quickly must a security incident be reported, and which extension do I call?",
)
_START_SECONDS: Final = 120.0


def demo() -> None:
    """Start API and chat on the sample documents and ask a question in each language."""
    settings = load_settings()
    if not SAMPLES.is_dir():
        raise ConfigurationError(f"the sample documents are missing ({SAMPLES}): use a full clone")
    api = running(settings.data_dir, "api") or _start_api(settings)
    _ingest_samples(settings)
    secret = demo_key(settings)
    chat = running(settings.data_dir, "ui") or _start_ui(settings, api, secret)
    with ZhikuClient(api.url, secret) as client:
        for question in QUESTIONS:
            _ask(client, question)
    output.print(f"chat      {chat.url}", highlight=False)
    output.print(f"REST API  {api.url}  (description: {api.url}/openapi.json)", highlight=False)
    output.print(f"key       {secret}  (tenant {TENANT})", highlight=False)
    errors.print("`make stop` ends both; `make ingest DOCS=~/my-docs` loads your own documents")


def stop() -> None:
    """Stop the API and the chat of this data folder."""
    data_dir = load_settings().data_dir
    for name in ("ui", "api"):
        state = "stopped" if stop_server(data_dir, name) else "was not running"
        errors.print(f"{name}: {state}")


def _ask(client: ZhikuClient, question: str) -> None:
    output.print(f"[bold]{escape(question)}[/bold]", highlight=False)
    with errors.status("searching and reading …"):
        answer: AnswerOut = client.ask(question)
    print_answer(answer)


def _ingest_samples(settings: Settings) -> None:
    """Load the samples; each subfolder is for the group of its name."""
    everyone = sorted(path for path in SAMPLES.iterdir() if path.is_file())
    outcomes = run_ingest(settings, everyone, tenant=TENANT, groups=[EVERYONE], prune=False)
    for folder in sorted(path for path in SAMPLES.iterdir() if path.is_dir()):
        outcomes += run_ingest(settings, [folder], tenant=TENANT, groups=[folder.name], prune=False)
    print_outcomes(outcomes)


def demo_key(settings: Settings) -> str:
    """Return the demo's key, made at the first call and kept for the owner of the data folder."""
    path = settings.data_dir / "run" / "demo.key"
    catalog = open_catalog(settings)
    try:
        if path.is_file():
            secret = path.read_text().strip()
            if catalog.keys.authenticate(secret, now=utc_now()) is not None:
                return secret
        _, secret = catalog.keys.create(
            tenant=TENANT, name="demo", role=Role.EDITOR, groups=[EVERYONE]
        )
    finally:
        catalog.close()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secret)
    return secret


def _start_api(settings: Settings) -> Server:
    require_free_port(settings.api.host, settings.api.port, setting="[api] port or ZHIKU_API__PORT")
    pull_models(settings, required_models(settings))
    return _start(settings, "api", "serve", {})


def _start_ui(settings: Settings, api: Server, secret: str) -> Server:
    require_free_port(settings.ui.host, settings.ui.port, setting="[ui] port or ZHIKU_UI__PORT")
    environment = {
        "ZHIKU_UI__API_URL": api.url,
        "ZHIKU_UI__API_KEY": secret,
        "ZHIKU_UI__SHARED_CONVERSATIONS": "true",  # who tries it out is alone
    }
    return _start(settings, "ui", "ui", environment)


def _start(settings: Settings, name: str, command: str, environment: dict[str, str]) -> Server:
    log = settings.data_dir / "logs" / f"{name}.log"
    with errors.status(f"starting the {name} server (log: {log}) …"):
        process = start_in_background(
            [sys.executable, "-m", "app.cli", command], log=log, environment=environment
        )
        return wait_until_alive(settings.data_dir, name, process, log=log, seconds=_START_SECONDS)
