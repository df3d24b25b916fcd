"""Ask training questions in the other language, too, with the embedded language model.

    python -m training.reranker.translate DATA FILE

Each line of FILE is `{"source", "id", "text", "translation", "agreement"}`; a run goes on where the
one before stopped. `agreement` is the cosine of the two under the encoder freed of the languages'
means: mistranslations fall below that of two questions which have nothing to do with each other, so
the trainer takes those above a floor only.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from rich.progress import track

from app.settings import Settings, load_settings
from app.wiring import models_folder, open_encoder
from generation.llama import EmbeddedLlama
from generation.llm import LanguageModel, Message
from models.encoder import Encoder
from models.fetch import verified_weights
from models.registry import LLM, SPECS
from training.reranker.sources import TRANSLATED, Question, load_questions

_SLOTS: Final = 8
_MAX_TOKENS: Final = 60
_CONTEXT_TOKENS: Final = 512
_BATCH: Final = 64
_EXAMPLES: Final = {
    "zh": (
        "Translate the user's question into natural English. Reply with the translation only.",
        ("范廷颂是什么时候被任为主教的？", "When was Phạm Đình Tụng appointed bishop?"),
        ("微信怎么撤回已经发送的消息", "How do I recall a WeChat message that was already sent?"),
    ),
    "en": (
        "把用户的问题翻译成自然的简体中文，只输出译文。",
        ("who got the first nobel prize in physics", "谁获得了第一届诺贝尔物理学奖？"),
        ("Does the latch come with the door?", "门闩是随门一起附送的吗？"),
    ),
}


@dataclass(frozen=True, slots=True)
class Translation:
    """A question in the other language; `agreement` is a cosine."""

    source: str
    id: str
    text: str
    translation: str
    agreement: float


def translate(llm: LanguageModel, question: Question) -> str:
    """Return the question in the other language, the first line of what the model says."""
    instruction, *examples = _EXAMPLES[question.lang]
    messages = [Message("system", instruction)]
    for text, translated in examples:
        messages += [Message("user", text), Message("assistant", translated)]
    messages.append(Message("user", question.text))
    pieces = llm.stream(messages, max_tokens=_MAX_TOKENS, cancelled=lambda: False)
    said = "".join(piece for piece in pieces if isinstance(piece, str)).strip()
    return said.splitlines()[0].strip() if said else ""


def read_translations(file: Path) -> list[Translation]:
    """Return what earlier runs wrote."""
    if not file.exists():
        return []
    lines = file.read_text(encoding="utf-8").splitlines()
    return [Translation(**json.loads(line)) for line in lines]


def _batches(questions: Sequence[Question]) -> Iterator[Sequence[Question]]:
    for start in range(0, len(questions), _BATCH):
        yield questions[start : start + _BATCH]


def _translated(
    pool: ThreadPoolExecutor, llm: LanguageModel, encoder: Encoder, batch: Sequence[Question]
) -> Iterator[Translation]:
    for question, said in zip(batch, pool.map(lambda one: translate(llm, one), batch), strict=True):
        if said:
            agreement = encoder.encode_query(question.text) @ encoder.encode_query(said)
            yield Translation(
                question.source, question.id, question.text, said, round(float(agreement), 4)
            )


def _open_llm(settings: Settings) -> EmbeddedLlama:
    return EmbeddedLlama(
        verified_weights(SPECS[LLM], models_folder(settings)),
        context_tokens=_CONTEXT_TOKENS,
        threads=2,
        slots=_SLOTS,
    )


def main() -> None:
    """Read the arguments."""
    arguments = argparse.ArgumentParser(description=main.__doc__)
    arguments.add_argument("data", type=Path)
    arguments.add_argument("file", type=Path)
    chosen = arguments.parse_args()
    translate_questions(chosen.data, chosen.file)


def translate_questions(data: Path, target: Path) -> None:
    """Translate what is not translated yet."""
    settings = load_settings()
    done = {(one.source, one.id) for one in read_translations(target)}
    wanted = [
        question
        for source, count in TRANSLATED.items()
        for question in load_questions(data, source)[1][:count]
        if (question.source, question.id) not in done
    ]
    # Taken by their ids, so that a run cut short has some of every set.
    wanted.sort(key=lambda question: question.id[::-1])
    encoder, llm = open_encoder(settings), _open_llm(settings)
    batches = list(_batches(wanted))
    with ThreadPoolExecutor(_SLOTS) as pool, target.open("a", encoding="utf-8") as file:
        for batch in track(batches, f"{len(wanted)} questions"):
            for one in _translated(pool, llm, encoder, batch):
                file.write(json.dumps(asdict(one), ensure_ascii=False) + "\n")
            file.flush()
    llm.close()


if __name__ == "__main__":
    main()
