"""What every dense encoder must do."""

from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np
import pytest

from models.encoder import Encoder

TEXTS = [
    "报销",
    "The travel policy caps hotel costs at 500 yuan a night in Shanghai and Beijing.",
    "住宿费标准：" + "一线城市每晚不超过五百元，二线城市每晚不超过三百五十元。" * 12,
    "Carry-over of annual leave ends on 31 March.",
    "年假结转截止到次年三月三十一日。",
]


class CountingEncoder(Encoder, Protocol):
    """An encoder that also counts tokens."""

    def count_tokens(self, text: str) -> int: ...


class EncoderContract:
    """Subclass it and give a fixture `encoder`."""

    @pytest.fixture
    def encoder(self) -> CountingEncoder:
        raise NotImplementedError

    def test_vectors_are_unit_length_single_precision_rows(self, encoder: CountingEncoder) -> None:
        vectors = encoder.encode_passages(TEXTS)

        assert vectors.shape == (len(TEXTS), encoder.dimension)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-4)

    def test_a_question_is_one_unit_vector(self, encoder: CountingEncoder) -> None:
        vector = encoder.encode_query("出差住宿费的标准是多少？")

        assert vector.shape == (encoder.dimension,)
        assert vector.dtype == np.float32
        assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-4)

    def test_order_is_kept_whatever_the_lengths(self, encoder: CountingEncoder) -> None:
        together = encoder.encode_passages(TEXTS)
        alone = np.concatenate([encoder.encode_passages([text]) for text in TEXTS])

        cosines = together @ alone.T
        assert list(cosines.argmax(axis=1)) == list(range(len(TEXTS)))
        assert np.diag(cosines).min() > 0.98

    def test_no_texts_give_no_vectors(self, encoder: CountingEncoder) -> None:
        assert encoder.encode_passages([]).shape == (0, encoder.dimension)

    @pytest.mark.parametrize("text", ["", " ", "\n", "\x00", "😀", "\ud800"])
    def test_odd_text_gives_a_unit_vector(self, encoder: CountingEncoder, text: str) -> None:
        assert np.linalg.norm(encoder.encode_passages([text])[0]) == pytest.approx(1.0, abs=1e-4)

    def test_text_that_is_too_long_is_cut(self, encoder: CountingEncoder) -> None:
        long = "住宿费标准 hotel costs " * encoder.max_tokens

        vectors = encoder.encode_passages([long, long + "年假"])

        assert encoder.count_tokens(long) > encoder.max_tokens
        np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-5)
        assert np.linalg.norm(encoder.encode_query(long)) == pytest.approx(1.0, abs=1e-4)

    def test_the_same_text_gives_the_same_vector(self, encoder: CountingEncoder) -> None:
        first, second = encoder.encode_passages(TEXTS), encoder.encode_passages(TEXTS)

        np.testing.assert_array_equal(first, second)

    def test_threads_do_not_disturb_one_another(self, encoder: CountingEncoder) -> None:
        expected = [encoder.encode_query(text) for text in TEXTS]

        with ThreadPoolExecutor(max_workers=4) as pool:
            found = list(pool.map(encoder.encode_query, TEXTS * 4))

        for index, vector in enumerate(found):
            np.testing.assert_allclose(vector, expected[index % len(TEXTS)], atol=1e-6)

    def test_related_texts_lie_closer_than_unrelated_ones(self, encoder: CountingEncoder) -> None:
        question = encoder.encode_query("annual leave carry-over 31 March")

        scores = encoder.encode_passages(TEXTS) @ question

        assert scores.argmax() == 3

    def test_more_text_has_more_tokens(self, encoder: CountingEncoder) -> None:
        assert encoder.count_tokens("") == 0
        assert 0 < encoder.count_tokens("annual leave") < encoder.count_tokens(TEXTS[1])

    def test_it_says_what_it_is(self, encoder: CountingEncoder) -> None:
        assert encoder.name
        assert len(bytes.fromhex(encoder.weights_sha256)) == 32
        assert encoder.dimension > 0
        assert encoder.max_tokens >= 128
