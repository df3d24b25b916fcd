"""Write e5 as a Hugging Face folder that sentence-transformers and transformers load."""

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import (
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
)

from models.e5 import E5Vocabulary, E5Weights
from models.spec import ModelSpec

_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_SUFFIX = {"w": "weight", "b": "bias"}
_TENSORS = "model.safetensors"
_PRIVATE_USE = 0xF0000


def write_folder(weights: E5Weights, spec: ModelSpec, folder: Path) -> None:
    """Write weights in single precision, configuration and tokenizer into `folder`."""
    folder.mkdir()
    save_file(dict(_tensors(weights)), folder / _TENSORS, metadata={"format": "pt"})
    (folder / _TENSORS).chmod(0o644)  # safetensors makes it private to the user
    build_tokenizer(weights.vocabulary).save(str(folder / "tokenizer.json"))
    for name, content in _configurations(weights, spec).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _tensors(weights: E5Weights) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Give every tensor the name and the shape that `BertModel` knows it by."""
    hidden = weights.shape.hidden
    embeddings = {
        "position_embeddings": weights.vectors["emb.pos"],
        "token_type_embeddings": weights.vectors["emb.type"],
        "word_embeddings": weights.words.dense(),
    }
    for name, values in embeddings.items():
        yield f"embeddings.{name}.weight", values.reshape(-1, hidden)
    for letter, suffix in _SUFFIX.items():
        yield f"embeddings.LayerNorm.{suffix}", weights.vectors[f"emb.ln.{letter}"]
    for layer in range(weights.shape.layers):
        for short, long in _LAYER.items():
            for letter, suffix in _SUFFIX.items():
                values = _values(weights, f"l{layer}.{short}.{letter}")
                yield f"encoder.layer.{layer}.{long}.{suffix}", values
    # Not used, but `BertModel` would make up random ones and warn.
    yield "pooler.dense.weight", np.zeros((hidden, hidden), dtype=np.float32)
    yield "pooler.dense.bias", np.zeros(hidden, dtype=np.float32)


def _values(weights: E5Weights, name: str) -> NDArray[np.float32]:
    """Return a vector as it is and a matrix as (out, in)."""
    if name in weights.vectors:
        return weights.vectors[name]
    columns = weights.shape.feed_forward if name.endswith("fo.w") else weights.shape.hidden
    return weights.matrices[name].dense().reshape(-1, columns)


def build_tokenizer(vocabulary: E5Vocabulary) -> Tokenizer:
    """Build the unigram tokenizer with the `<s> … </s>` around every text."""
    tokenizer = Tokenizer(
        models.Unigram(list(vocabulary.pieces), unk_id=vocabulary.unknown, byte_fallback=False)
    )
    tokenizer.normalizer = _normalizer(vocabulary)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    bos, eos = (vocabulary.pieces[i][0] for i in (vocabulary.bos, vocabulary.eos))
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B {eos}",
        special_tokens=[(bos, vocabulary.bos), (eos, vocabulary.eos)],
    )
    tokenizer.add_special_tokens(
        [vocabulary.pieces[i][0] for i in (vocabulary.bos, vocabulary.pad, vocabulary.eos)]
        + [vocabulary.pieces[vocabulary.unknown][0]]
    )
    return tokenizer


def _normalizer(vocabulary: E5Vocabulary) -> normalizers.Sequence:
    """Do what the file's character map says: NFKC, but with spaces and kept characters of its own.

    The map is NFKC per character except for controls, which it drops, for odd spaces, which it
    makes plain, and for characters such as U+FF5E, which stand in the vocabulary as they are; the
    last are hidden from NFKC in a private-use area.
    """
    dropped = [c for c, text in vocabulary.characters.items() if not text]
    spaces = [c for c, text in vocabulary.characters.items() if text == " "]
    kept = _kept_characters(vocabulary)
    hidden = {c: chr(_PRIVATE_USE + i) for i, c in enumerate(kept)}
    steps = [
        *([normalizers.Replace(Regex(_one_of(dropped)), "")] if dropped else []),
        *([normalizers.Replace(Regex(_one_of(spaces)), " ")] if spaces else []),
        *(normalizers.Replace(c, private) for c, private in hidden.items()),
        normalizers.NFKC(),
        *(normalizers.Replace(private, c) for c, private in hidden.items()),
        normalizers.Replace(Regex(" {2,}"), " "),
    ]
    return normalizers.Sequence(steps)


def _kept_characters(vocabulary: E5Vocabulary) -> list[str]:
    """Return the characters of the vocabulary that NFKC would change and the map does not."""
    known = {character for text, _ in vocabulary.pieces for character in text}
    return sorted(
        c for c in known - vocabulary.characters.keys() if unicodedata.normalize("NFKC", c) != c
    )


def _one_of(characters: list[str]) -> str:
    return "[" + "".join(f"\\x{{{ord(c):x}}}" for c in sorted(characters)) + "]"


def _configurations(weights: E5Weights, spec: ModelSpec) -> dict[str, object]:
    shape, vocabulary = weights.shape, weights.vocabulary
    special = {
        f"{name}_token": vocabulary.pieces[index][0]
        for name, index in (
            ("bos", vocabulary.bos),
            ("cls", vocabulary.bos),
            ("eos", vocabulary.eos),
            ("sep", vocabulary.eos),
            ("pad", vocabulary.pad),
            ("unk", vocabulary.unknown),
        )
    }
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_size": shape.hidden,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "intermediate_size": shape.feed_forward,
            "vocab_size": shape.vocabulary,
            "max_position_embeddings": shape.positions,
            "type_vocab_size": shape.types,
            "layer_norm_eps": shape.epsilon,
            "hidden_act": "gelu",
            "pad_token_id": vocabulary.pad,
        },
        "special_tokens_map.json": special,
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": spec.max_tokens,
            **special,
        },
        "sentence_bert_config.json": {"max_seq_length": spec.max_tokens, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": {"query": spec.query_prefix, "passage": spec.passage_prefix}
        },
        "1_Pooling/config.json": {
            "word_embedding_dimension": shape.hidden,
            "pooling_mode_mean_tokens": True,
        },
        "modules.json": [
            {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for i, (path, kind) in enumerate(
                (("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize"))
            )
        ],
    }
