"""The fake keeps the contract of what it stands for."""

import pytest

from tests.contracts.encoder import CountingEncoder, EncoderContract
from tests.fakes.encoder import FakeEncoder


class TestFakeEncoder(EncoderContract):
    @pytest.fixture
    def encoder(self) -> CountingEncoder:
        return FakeEncoder()
