"""Tiny models for vLLM: configuration and tokenizer in a folder, no weights (``load_format="dummy"`` makes some up).

::

    python tools/vllm/models.py .cache/vllm-models      # writes .cache/vllm-models/{qwen3,qwen3_moe}

Nothing is fetched: the tokenizer is trained here, on a few dozen words. Random weights give the same tokens each run.
"""

from __future__ import annotations

import json
import string
import sys
from pathlib import Path
from typing import Any

LAYER_COUNT = 4
VOCABULARY_SIZE = 1024
_SENTENCE = (
    "the a an of to in and is it that for on as with was at by be this from or are not have layer norm attention "
    "expert router gate kernel queue device matrix vector token model graph memory cache host launch profile trace"
)

_DECODER = {
    "vocab_size": VOCABULARY_SIZE,
    "hidden_size": 256,
    "intermediate_size": 512,
    "num_hidden_layers": LAYER_COUNT,
    "num_attention_heads": 8,
    "num_key_value_heads": 4,
    "head_dim": 32,
    "hidden_act": "silu",
    "rms_norm_eps": 1e-6,
    "max_position_embeddings": 4096,
    "rope_theta": 10000.0,
    "tie_word_embeddings": False,
    "attention_bias": False,
    "attention_dropout": 0.0,
    "initializer_range": 0.02,
    "use_cache": True,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
    "dtype": "bfloat16",
    "sliding_window": None,
    "use_sliding_window": False,
}
CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "qwen3": {
        **_DECODER,
        "architectures": ["Qwen3ForCausalLM"],
        "model_type": "qwen3",
        "max_window_layers": LAYER_COUNT,
    },
    "qwen3_moe": {
        **_DECODER,
        "architectures": ["Qwen3MoeForCausalLM"],
        "model_type": "qwen3_moe",
        "moe_intermediate_size": 128,
        "num_experts": 8,
        "num_experts_per_tok": 2,
        "norm_topk_prob": True,
        "decoder_sparse_step": 1,
        "mlp_only_layers": [],
        "output_router_logits": False,
        "router_aux_loss_coef": 0.001,
    },
}


def make_models(folder: Path) -> Path:
    """Write every model below a folder, unless it is there already; returns the folder."""
    recipe = Path(__file__).read_text(encoding="utf-8")
    stamp = folder / "made-by.py"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == recipe:
        return folder
    tokenizer = _tokenizer()
    for name, configuration in CONFIGURATIONS.items():
        model = folder / name
        model.mkdir(parents=True, exist_ok=True)
        _write(model / "config.json", configuration)
        _write(model / "generation_config.json", {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0})
        _write(
            model / "tokenizer_config.json",
            {
                "tokenizer_class": "PreTrainedTokenizerFast",
                "bos_token": "<s>",
                "eos_token": "</s>",
                "pad_token": "<pad>",
                "model_max_length": 4096,
                "clean_up_tokenization_spaces": False,
                "add_bos_token": False,
                "chat_template": "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant:",
            },
        )
        tokenizer.save(str(model / "tokenizer.json"))
    stamp.write_text(recipe, encoding="utf-8")
    return folder


def _tokenizer() -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers  # noqa: PLC0415 - comes with vLLM

    tokenizer = Tokenizer(models.BPE(unk_token=None))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    words = _SENTENCE.split()
    sentences = [" ".join(words[(i * 7 + j) % len(words)] for j in range(20)) for i in range(200)]
    trainer = trainers.BpeTrainer(
        vocab_size=1000,
        special_tokens=["<pad>", "<s>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([*sentences, string.printable], trainer)
    return tokenizer


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")


if __name__ == "__main__":
    print(make_models(Path(sys.argv[1])))
