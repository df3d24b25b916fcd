"""Signatures tell how much two texts have in common."""

import hashlib
import random

import pytest

from models.minhash import bands, signature, similarity
from models.terms import units

CHINESE = (
    "员工连续工作满一年的，每年享有带薪年假五天，须提前三个工作日在系统中申请，由直属主管批准。"
)
ENGLISH = "Employees who have worked for one year have five days of paid leave a year."


def shingles(text: str) -> set[tuple[str, ...]]:
    found = units(text)
    return {tuple(found[i : i + 3]) for i in range(len(found) - 2)}


def jaccard(one: str, other: str) -> float:
    first, second = shingles(one), shingles(other)
    return len(first & second) / len(first | second)


def written(seed: int, *, words: int) -> list[str]:
    draw = random.Random(seed)
    return [
        draw.choice(["leave", "days", "年假", "差旅", *map(str, range(400))]) for _ in range(words)
    ]


@pytest.mark.parametrize("replaced", [0, 5, 20, 60, 200])
def test_it_estimates_the_share_of_common_shingles(replaced: int) -> None:
    words = written(1, words=1000)
    others = [f"other{n}" if n < replaced else word for n, word in enumerate(words)]
    one, other = " ".join(words), " ".join(others)

    estimate = similarity(signature([one]), signature([other]))

    # Three standard errors of 120 places.
    assert estimate == pytest.approx(jaccard(one, other), abs=0.14)
    assert (estimate == 1.0) == (replaced == 0)


@pytest.mark.parametrize("text", [CHINESE, ENGLISH])
def test_layout_case_and_width_do_not_matter(text: str) -> None:
    laid_out = text.upper().replace("，", " ,\n\n").replace(" ", "   ")
    assert similarity(signature([text]), signature([f"| {laid_out} |"])) == 1.0


def test_where_a_text_is_cut_into_pieces_does_not_matter() -> None:
    assert signature([ENGLISH, CHINESE]) == signature([f"{ENGLISH}\n{CHINESE}"])


def test_other_texts_are_not_alike() -> None:
    assert similarity(signature([CHINESE]), signature([ENGLISH])) == 0.0


@pytest.mark.parametrize("text", ["", " \n", "——，。| --- |"])
def test_a_text_without_words_is_like_no_other(text: str) -> None:
    assert signature([text]) == b""
    assert similarity(b"", b"") == 0.0
    assert bands(b"") == ()


@pytest.mark.parametrize("text", ["年", "leave", "年假"])
def test_a_text_of_less_than_a_shingle_has_a_signature(text: str) -> None:
    assert similarity(signature([text]), signature([f"{text}。"])) == 1.0


def test_texts_that_are_much_alike_have_a_band_in_common() -> None:
    for seed in range(20):
        words = written(seed, words=600)
        others = [*words[:-40], *written(100 + seed, words=40)]
        one, other = signature([" ".join(words)]), signature([" ".join(others)])
        assert not {*bands(one)}.isdisjoint(bands(other))


def test_texts_that_are_little_alike_have_none() -> None:
    signatures = [signature([" ".join(written(seed, words=600))]) for seed in range(20)]
    keys = [key for each in signatures for key in bands(each)]
    assert len(keys) == len({*keys}) == 20 * 20
    assert all(-(2**63) <= key < 2**63 for key in keys)


def test_signatures_are_the_same_in_every_version() -> None:
    """Those in catalogs are compared with new ones: raise SIGNATURE_VERSION when this changes."""
    made = signature([CHINESE, ENGLISH])
    assert hashlib.sha256(made).hexdigest()[:16] == "8402e449842f00b3"
    assert bands(made)[0] == 6900033641224367215
