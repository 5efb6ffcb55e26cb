"""Freeze two GRU runs of PyTorch: the outside witnesses of `gru`.

Run once, by hand, in an environment that has PyTorch; nothing else needs it:

    pip install torch==2.13.0 numpy
    python grader/hidden/witness/make_gru.py

`after_...` is a run of torch.nn.GRU, which resets after the product. PyTorch
keeps weight_ih (3H, D) and weight_hh (3H, H) with rows r, z, n and two biases;
its z is the course's 1 - z. `before_...` is the formula with the reset before
the product, gate by gate in torch; the gradients are autograd's.
"""

from pathlib import Path

import numpy as np
import torch

T, B, D, H = 7, 3, 4, 5


def after() -> dict[str, torch.Tensor]:
    """Run torch.nn.GRU and write its weights as the course's W and b_hn."""
    gru = torch.nn.GRU(D, H)
    for parameter in gru.parameters():
        torch.nn.init.normal_(parameter, std=0.7)
    X, h0 = torch.randn(T, B, D), torch.randn(B, H)
    Hout, hn = gru(X, h0[None])
    b_hr, b_hz, b_hn = gru.bias_hh_l0.chunk(3)
    bias = gru.bias_ih_l0 + torch.cat([b_hr, b_hz, torch.zeros(H)])
    r, z, n = torch.cat([bias[None], gru.weight_ih_l0.T, gru.weight_hh_l0.T]).chunk(3, dim=1)
    W = torch.cat([-z, r, n], dim=1)
    return {"X": X, "W": W, "b_hn": b_hn, "h0": h0, "Hout": Hout, "hn": hn[0]}


def before() -> dict[str, torch.Tensor]:
    """Run the formula under autograd, with a loss that reads Hout and hn."""
    X, h0 = torch.randn(T, B, D, requires_grad=True), torch.randn(B, H, requires_grad=True)
    W = (0.7 * torch.randn(1 + D + H, 3 * H)).requires_grad_()
    b, U, V = W[0].chunk(3), W[1 : 1 + D].chunk(3, dim=1), W[1 + D :].chunk(3, dim=1)
    h, hidden = h0, []
    for x in X:
        z = torch.sigmoid(x @ U[0] + h @ V[0] + b[0])
        r = torch.sigmoid(x @ U[1] + h @ V[1] + b[1])
        n = torch.tanh(x @ U[2] + (r * h) @ V[2] + b[2])
        h = torch.lerp(h, n, z)
        hidden.append(h)
    Hout = torch.stack(hidden)
    dHout, dhn = torch.randn(T, B, H), torch.randn(B, H)
    ((Hout * dHout).sum() + (h * dhn).sum()).backward()
    inputs = {"X": X, "W": W, "h0": h0, "dHout": dHout, "dhn": dhn}
    return inputs | {"Hout": Hout, "hn": h, "dX": X.grad, "dW": W.grad, "dh0": h0.grad}


def main() -> None:
    """Write gru.npz beside this file."""
    torch.manual_seed(2014)
    torch.set_default_dtype(torch.float64)
    runs = {"after": after(), "before": before()}
    arrays = {
        f"{run}_{name}": tensor.detach().numpy()
        for run, tensors in runs.items()
        for name, tensor in tensors.items()
    }
    path = Path(__file__).parent / "gru.npz"
    np.savez(path, **arrays, version=np.array(torch.__version__))


if __name__ == "__main__":
    main()
