"""The cross-encoder from a hub, on a model with random weights that the test makes."""

from pathlib import Path

import pytest

from models.errors import ModelError
from models.window_scorer import Window, WindowScorer
from tests.contracts.window_scorer import WindowScorerContract
from tests.fakes.cross_encoder import write_cross_encoder

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def cross_encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a BERT of random weights; the contract asks for shapes and ranges, not for sense."""
    folder = tmp_path_factory.mktemp("cross-encoder")
    write_cross_encoder(folder, words=(*"年假几天五", "a", "b", "hotel", "limits"))
    return folder


class TestCrossEncoderScorer(WindowScorerContract):
    @pytest.fixture
    def scorer(self, cross_encoder_folder: Path) -> WindowScorer:
        from models.cross_encoder import CrossEncoderScorer

        return CrossEncoderScorer(cross_encoder_folder)

    def test_values_are_probabilities(self, scorer: WindowScorer) -> None:
        found = scorer.score("年假几天", [Window("年假 五 天"), Window("hotel limits")])

        assert all(0 <= each.value <= 1 for each in found)


def test_weights_that_could_run_code_are_refused(
    cross_encoder_folder: Path, tmp_path: Path
) -> None:
    from models.cross_encoder import CrossEncoderScorer

    for file in cross_encoder_folder.iterdir():
        name = file.name.replace("model.safetensors", "pytorch_model.bin")
        (tmp_path / name).write_bytes(file.read_bytes())
    with pytest.raises(ModelError, match="safetensors"):
        CrossEncoderScorer(tmp_path)
