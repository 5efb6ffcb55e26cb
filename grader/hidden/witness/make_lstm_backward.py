"""Freeze gradients of torch.nn.LSTM: the outside witness of `lstm_backward`.

Run once, by hand, in an environment that has PyTorch; nothing else needs it:

    pip install torch==2.13.0 numpy
    python grader/hidden/witness/make_lstm_backward.py

The loss weights every hidden state and both last states. PyTorch keeps
weight_ih (4H, D) and weight_hh (4H, H) with rows i, f, g, o and two biases of
equal gradient; the course's W (R, 4H) has columns i | f | o | g and one bias row.
"""

from pathlib import Path

import numpy as np
import torch

T, B, D, H = 6, 3, 4, 5


def packed(bias: torch.Tensor, ih: torch.Tensor, hh: torch.Tensor) -> np.ndarray:
    """Stack bias, input and recurrent rows, columns in the course's order."""
    i, f, g, o = np.split(torch.cat([bias[None], ih.T, hh.T]).detach().numpy(), 4, axis=1)
    return np.hstack([i, f, o, g])


def main() -> None:
    """Write lstm_backward.npz beside this file."""
    torch.manual_seed(1997)
    torch.set_default_dtype(torch.float64)
    lstm = torch.nn.LSTM(D, H)
    for parameter in lstm.parameters():
        torch.nn.init.normal_(parameter, std=0.7)
    X, h0, c0 = (torch.randn(*shape, requires_grad=True) for shape in ((T, B, D), (B, H), (B, H)))
    dHout, dcn, dhn = torch.randn(T, B, H), torch.randn(B, H), torch.randn(B, H)
    Hout, (hn, cn) = lstm(X, (h0[None], c0[None]))
    loss = (Hout * dHout).sum() + (cn[0] * dcn).sum() + (hn[0] * dhn).sum()
    loss.backward()
    ih, hh, bias, other = (p for _, p in sorted(lstm.named_parameters(), key=_order))
    np.savez(
        Path(__file__).parent / "lstm_backward.npz",
        X=X.detach().numpy(), c0=c0.detach().numpy(), h0=h0.detach().numpy(),
        W=packed(bias + other, ih, hh), dHout=dHout.numpy(), dcn=dcn.numpy(), dhn=dhn.numpy(),
        dX=X.grad.numpy(), dW=packed(bias.grad, ih.grad, hh.grad),
        dc0=c0.grad.numpy(), dh0=h0.grad.numpy(),
        version=np.array(torch.__version__),
    )  # fmt: skip


def _order(named: tuple[str, torch.nn.Parameter]) -> int:
    return ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"].index(named[0])


if __name__ == "__main__":
    main()
