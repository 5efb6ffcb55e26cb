"""Freeze a run of torch.nn.LSTM: the outside witness of `lstm_forward`.

Run once, by hand, in an environment that has PyTorch; nothing else needs it:

    pip install torch==2.13.0 numpy
    python grader/hidden/witness/make_lstm_forward.py

PyTorch keeps weight_ih (4H, D) and weight_hh (4H, H) with rows i, f, g, o and
two biases; the course's W (R, 4H) has columns i | f | o | g and one bias row.
"""

from pathlib import Path

import numpy as np
import torch

T, B, D, H = 7, 3, 4, 5


def main() -> None:
    """Write lstm_forward.npz beside this file."""
    torch.manual_seed(1997)
    torch.set_default_dtype(torch.float64)
    lstm = torch.nn.LSTM(D, H)
    for parameter in lstm.parameters():
        torch.nn.init.normal_(parameter, std=0.7)
    X, h0, c0 = torch.randn(T, B, D), torch.randn(B, H), torch.randn(B, H)
    with torch.no_grad():
        Hout, (hn, cn) = lstm(X, (h0[None], c0[None]))
    bias = (lstm.bias_ih_l0 + lstm.bias_hh_l0).detach()[None]
    stacked = torch.cat([bias, lstm.weight_ih_l0.T, lstm.weight_hh_l0.T]).detach().numpy()
    i, f, g, o = np.split(stacked, 4, axis=1)
    np.savez(
        Path(__file__).parent / "lstm_forward.npz",
        X=X.numpy(), W=np.hstack([i, f, o, g]), c0=c0.numpy(), h0=h0.numpy(),
        Hout=Hout.numpy(), cn=cn[0].numpy(), hn=hn[0].numpy(),
        version=np.array(torch.__version__),
    )  # fmt: skip


if __name__ == "__main__":
    main()
