"""The description of the API as a file: `python -m app.api.openapi` writes `docs/openapi.json`."""

import json
from pathlib import Path
from typing import Any

from app.api.build import build_app

OPENAPI_FILE = Path(__file__).parents[2] / "docs" / "openapi.json"


def openapi_document() -> dict[str, Any]:
    """Return the description; no model is loaded and no store is opened for it."""
    return build_app().openapi()


def openapi_text() -> str:
    """Return the description as the file holds it."""
    return json.dumps(openapi_document(), ensure_ascii=False, indent=2) + "\n"


def main() -> None:
    """Write the file."""
    OPENAPI_FILE.write_text(openapi_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
