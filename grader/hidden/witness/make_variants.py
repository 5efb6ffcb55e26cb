"""Freeze one LSTM as PyTorch, Keras and ONNX Runtime run it: the witnesses of `variants`.

Run once, by hand, in an environment that has them; nothing else needs it:

    pip install torch==2.13.0 keras onnx onnxruntime numpy
    KERAS_BACKEND=torch python grader/hidden/witness/make_variants.py

The weights are drawn as each library keeps them and put into the library's own
layer; X and what comes out are kept, and the same weights as the course's W.
That W is checked here: the course's lstm_forward has to say what the library
says. PyTorch: rows i, f, g, o, two biases. Keras: columns i, f, c, o. ONNX:
i, o, f, c, and one row of eight biases.
"""

import sys
from pathlib import Path

import keras
import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "solutions"))
from lstm_forward import lstm_forward  # noqa: E402

T, B, D, H = 6, 2, 3, 5
PLACES = {"pytorch": "ifgo", "keras": "ifgo", "onnx": "iofg"}


def course_w(bias, from_x, from_h, library):
    """Pack bias (4H,), from_x (D, 4H), from_h (H, 4H) as i | f | o | g."""
    blocks = dict(
        zip(PLACES[library], np.split(np.vstack([bias, from_x, from_h]), 4, 1), strict=True)
    )
    return np.hstack([blocks[gate] for gate in "ifog"])


def pytorch(rng, X):
    """Run torch.nn.LSTM."""
    lstm = torch.nn.LSTM(D, H, dtype=torch.float64)
    for parameter in lstm.parameters():
        parameter.data = torch.from_numpy(0.7 * rng.standard_normal(tuple(parameter.shape)))
    Hout, _ = lstm(torch.from_numpy(X))
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    kept = {name: getattr(lstm, f"{name}_l0").detach().numpy() for name in names}
    bias = kept["bias_ih"] + kept["bias_hh"]
    W = course_w(bias, kept["weight_ih"].T, kept["weight_hh"].T, "pytorch")
    return kept | {"course": W, "Hout": Hout.detach().numpy()}


def with_keras(rng, X):
    """Run keras.layers.LSTM; it is batch first."""
    layer = keras.layers.LSTM(H, return_sequences=True, dtype="float64")
    layer.build((B, T, D))
    kept = {
        "kernel": 0.7 * rng.standard_normal((D, 4 * H)),
        "recurrent_kernel": 0.7 * rng.standard_normal((H, 4 * H)),
        "bias": 0.7 * rng.standard_normal(4 * H),
    }
    layer.set_weights(list(kept.values()))
    Hout = keras.ops.convert_to_numpy(layer(X.swapaxes(0, 1))).swapaxes(0, 1)
    W = course_w(kept["bias"], kept["kernel"], kept["recurrent_kernel"], "keras")
    return kept | {"course": W, "Hout": Hout}


def with_onnx(rng, X):
    """Run ONNX's LSTM in ONNX Runtime, which has it in float32 only."""
    shapes = {"W": (1, 4 * H, D), "R": (1, 4 * H, H), "B": (1, 8 * H)}
    kept = {
        name: (0.7 * rng.standard_normal(shape)).astype(np.float32)
        for name, shape in shapes.items()
    }
    node = helper.make_node("LSTM", ["X", "W", "R", "B"], ["Y"], hidden_size=H)
    graph = helper.make_graph(
        [node],
        "lstm",
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, shape in {"X": (T, B, D), **shapes}.items()
        ],
        [helper.make_tensor_value_info("Y", TensorProto.FLOAT, (T, 1, B, H))],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    (Y,) = session.run(None, {"X": X.astype(np.float32), **kept})
    kept = {name: array.astype(float) for name, array in kept.items()}
    bias = kept["B"][0, : 4 * H] + kept["B"][0, 4 * H :]
    W = course_w(bias, kept["W"][0].T, kept["R"][0].T, "onnx")
    return kept | {"course": W, "Hout": Y[:, 0].astype(float)}


def main() -> None:
    """Write variants.npz beside this file."""
    rng = np.random.default_rng(2000)
    X = rng.standard_normal((T, B, D)).astype(np.float32).astype(float)
    runs = {"pytorch": pytorch(rng, X), "keras": with_keras(rng, X), "onnx": with_onnx(rng, X)}
    arrays = {"X": X}
    for library, run in runs.items():
        ours, *_ = lstm_forward(X, run["course"])
        off = float(np.abs(ours - run["Hout"]).max())
        print(f"{library}: the course's lstm_forward is off by {off:.1e}")  # noqa: T201
        if off > (1e-5 if library == "onnx" else 1e-6):
            raise SystemExit(1)
        arrays |= {f"{library}_{name}": array for name, array in run.items()}
    versions = {
        "torch": torch.__version__, "keras": keras.__version__, "onnx": onnx.__version__,
        "onnxruntime": onnxruntime.__version__,
    }  # fmt: skip
    arrays |= {f"version_{name}": np.array(version) for name, version in versions.items()}
    np.savez(Path(__file__).parent / "variants.npz", **arrays)


if __name__ == "__main__":
    main()
