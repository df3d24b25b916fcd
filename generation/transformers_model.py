"""A language model of a hub or a folder in this process, run by transformers."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from generation.bridge import Bridge, Emit
from generation.errors import ModelUnavailable, PromptTooLong
from generation.llm import Message, Usage
from models.errors import ModelUnsupported
from models.hub_folder import local_folder, unsupported

if TYPE_CHECKING:
    from torch import Tensor

Quantisation = Literal["none", "4bit", "8bit"]
_HALF_A_CHARACTER = "\ufffd"


class TransformersModel:
    """Serves one chat model, on the GPUs where CUDA is there, else on the CPU.

    Only safetensors weights are loaded, and no code of the model's own. What is written is not
    constrained by a schema: the prompt has to ask for it.

    Parameters
    ----------
    model
        A folder, or the name of a repository on the hub.
    revision
        Commit, tag or branch of the repository; a folder has none.
    quantisation
        Of the weights while they are loaded, by bitsandbytes, on CUDA only.
    context_tokens
        The longest prompt with its answer; the model's own limit counts, too.
    slots
        Answers written at the same time; more wait.
    cache_folder
        Where repositories of the hub are kept; None is the hub's own cache.

    Raises
    ------
    ModelUnsupported
        The extra is not installed, there is no CUDA for the quantisation, or the model has code of
        its own, no safetensors, no chat template, or weights that are not those of its kind.
    WeightsMissing, WeightsUnavailable
        The folder is not there, or the hub cannot deliver the repository.
    """

    def __init__(
        self,
        model: str | Path,
        *,
        revision: str | None = None,
        quantisation: Quantisation = "none",
        context_tokens: int,
        slots: int = 1,
        cache_folder: Path | None = None,
    ) -> None:
        _check_machine(quantisation)
        folder = local_folder(model, revision=revision, cache_folder=cache_folder)
        self._name = folder.name if isinstance(model, Path) else model
        self._tokenizer, self._model = _load(folder, quantisation)
        own = getattr(self._model.config, "max_position_embeddings", None) or context_tokens
        self._context_tokens = min(context_tokens, own)
        self._slots = threading.BoundedSemaphore(slots)
        # The tokenizer keeps its truncation as state, so it serves one thread at a time.
        self._lock = threading.Lock()
        self._bridge: Bridge[str | Usage] = Bridge("transformers")

    @property
    def name(self) -> str:
        """Name of the folder or the repository."""
        return self._name

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        cancelled: Callable[[], bool],
        response_schema: Mapping[str, object] | None = None,
    ) -> Iterator[str | Usage]:
        """Yield pieces of the answer, then one `Usage`; see `LanguageModel`.

        A cancel stops the model at its next token.
        """
        self.check()
        with self._lock:
            prompt = self._tokenizer.apply_chat_template(
                [asdict(message) for message in messages],
                add_generation_prompt=True,
                return_dict=True,
                return_tensors="pt",
            )
        length = prompt["input_ids"].shape[1]
        if length + max_tokens > self._context_tokens:
            raise PromptTooLong(
                f"the question with its evidence ({length} tokens) and an answer of {max_tokens} "
                f"do not fit the context of {self._context_tokens} tokens; ask a shorter question "
                "or raise `llm.context_tokens`"
            )

        def produce(emit: Emit[str | Usage]) -> None:
            with self._slots:
                self._generate(prompt, max_tokens, emit)

        for item in self._bridge.stream(produce, cancelled=cancelled):
            if item:
                yield item

    def check(self) -> None:
        """Return if the model is loaded; raises `ModelUnavailable`."""
        if self._model is None:
            raise ModelUnavailable(f"the model {self.name} was closed; start Zhiku again")

    def close(self) -> None:
        """Stop all answers and let go of the model."""
        self._bridge.close()
        self._model = None

    def _generate(self, prompt: Any, max_tokens: int, emit: Emit[str | Usage]) -> None:  # noqa: ANN401
        import torch  # noqa: PLC0415  (extra `gpu`)

        writing = _Writing(self._decode, emit, prompt_tokens=prompt["input_ids"].shape[1])
        if writing.stopped:
            return
        try:
            with torch.inference_mode():
                self._model.generate(
                    **prompt.to(self._model.device),
                    do_sample=False,
                    max_new_tokens=max_tokens,
                    stopping_criteria=[writing],
                )
        # Of memory above all.
        except RuntimeError as error:
            reason = str(error).splitlines()[0]
            raise ModelUnavailable(f"the model {self.name} failed ({reason}); ask again") from error
        writing.finish()

    def _decode(self, tokens: Sequence[int]) -> str:
        with self._lock:
            return str(self._tokenizer.decode(tokens, skip_special_tokens=True))


class _Writing:
    """What a model writes, read after every token, as transformers' stopping criteria are.

    `stopped` says whether nobody wants more of it.
    """

    def __init__(
        self,
        decode: Callable[[Sequence[int]], str],
        emit: Emit[str | Usage],
        *,
        prompt_tokens: int,
    ) -> None:
        self._decode = decode
        self._emit = emit
        self._prompt_tokens = prompt_tokens
        self._begun = time.perf_counter()
        self._prefill_seconds: float | None = None
        self._tokens: list[int] = []
        self._line_start = 0
        self._told = 0
        self.stopped = emit("")

    def __call__(self, tokens: "Tensor", _scores: object, **_: object) -> "Tensor":
        """Emit what is new in it; tell whether to stop."""
        if self._prefill_seconds is None:
            self._prefill_seconds = time.perf_counter() - self._begun
        self._tokens.append(int(tokens[0, -1]))
        self._tell(last=False)
        return tokens.new_full((tokens.shape[0],), self.stopped).bool()

    def finish(self) -> None:
        """Emit what was held back, and the usage, unless it was stopped."""
        self._tell(last=True)
        if not self.stopped:
            usage = Usage(self._prompt_tokens, len(self._tokens), self._prefill_seconds)
            self._emit(usage)

    def _tell(self, *, last: bool) -> None:
        line = self._decode(self._tokens[self._line_start :])
        new = line[self._told :]
        if not last and new.endswith(_HALF_A_CHARACTER):
            new = ""
        self._told += len(new)
        self.stopped = self._emit(new) or self.stopped
        if new.endswith("\n"):
            # So that an answer takes no more time than its lines do.
            self._line_start, self._told = len(self._tokens), 0


def _check_machine(quantisation: Quantisation) -> None:
    for package in ("torch", "transformers"):
        if find_spec(package) is None:
            raise ModelUnsupported(
                f"llm.kind = transformers needs {package}: pip install 'zhiku[gpu]'"
            )
    if quantisation == "none":
        return
    import torch  # noqa: PLC0415  (extra `gpu`)

    if not torch.cuda.is_available():
        raise ModelUnsupported(
            f"llm.quantisation = {quantisation} needs an NVIDIA GPU with CUDA, and there is none: "
            "set it to none"
        )
    if find_spec("bitsandbytes") is None:
        raise ModelUnsupported(
            f"llm.quantisation = {quantisation} needs bitsandbytes: pip install 'zhiku[gpu]'"
        )


def _load(folder: Path, quantisation: Quantisation) -> tuple[Any, Any]:
    """Return the tokenizer and the model."""
    import torch  # noqa: PLC0415  (extra `gpu`)
    from safetensors import SafetensorError  # noqa: PLC0415
    from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: PLC0415

    # Its types do not know of `output_loading_info`.
    models: Any = AutoModelForCausalLM
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        model, loaded = models.from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            dtype="auto",
            device_map="auto" if torch.cuda.is_available() else None,
            quantization_config=_quantisation_config(quantisation),
            output_loading_info=True,
        )
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        reason = str(error).splitlines()[0]
        raise unsupported(folder, f"transformers cannot load it ({reason}); repair it") from error
    if loaded["missing_keys"]:
        missing = sorted(loaded["missing_keys"])[0]
        raise unsupported(folder, f"it is no chat model, it has no weights {missing}; repair it")
    if tokenizer.chat_template is None:
        raise unsupported(folder, "it has no chat template; take its instruct version")
    return tokenizer, model.eval()


def _quantisation_config(quantisation: Quantisation) -> Any:  # noqa: ANN401
    if quantisation == "none":
        return None
    import torch  # noqa: PLC0415  (extra `gpu`)
    from transformers import BitsAndBytesConfig  # noqa: PLC0415

    chosen: dict[str, Any] = {"load_in_8bit": True}
    if quantisation == "4bit":
        chosen = {
            "load_in_4bit": True,
            "bnb_4bit_quant_type": "nf4",
            "bnb_4bit_compute_dtype": torch.bfloat16,
        }
    return BitsAndBytesConfig(**chosen)  # type: ignore[no-untyped-call]
