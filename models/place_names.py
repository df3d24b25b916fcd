"""What places are called in English and in Chinese: countries, provinces, larger cities."""

import json
from functools import cache
from pathlib import Path
from typing import Final

from models.synonyms import Synonyms

_NAMES: Final = Path(__file__).parent / "place_names.json"


@cache
def place_names() -> Synonyms:
    """Return the names, each with those in the other language.

    The pairs are made by `training/place_names.py` of the CLDR (Unicode licence) and of GeoNames
    (CC BY 4.0, geonames.org).
    """
    return Synonyms(json.loads(_NAMES.read_text(encoding="utf-8")))
