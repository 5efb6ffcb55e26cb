"""Freeze a run of torch.nn.RNN and its gradients: the outside witness of `vanilla_rnn`.

Run once, by hand, in an environment that has PyTorch; nothing else needs it:

    pip install torch==2.13.0 numpy
    python grader/hidden/witness/make_vanilla_rnn.py

PyTorch keeps weight_ih (H, D), weight_hh (H, H) and two biases that are added;
the course's W (R, H) has one bias row, whose gradient is that of either bias.
"""

from pathlib import Path

import numpy as np
import torch

T, B, D, H = 6, 2, 4, 5


def main() -> None:
    """Write vanilla_rnn.npz beside this file."""
    torch.manual_seed(1990)
    torch.set_default_dtype(torch.float64)
    rnn = torch.nn.RNN(D, H, nonlinearity="tanh")
    for parameter in rnn.parameters():
        torch.nn.init.normal_(parameter, std=0.6)
    X = torch.randn(T, B, D, requires_grad=True)
    h0 = torch.randn(B, H, requires_grad=True)
    dHout, dhn = torch.randn(T, B, H), torch.randn(B, H)
    Hout, hn = rnn(X, h0[None])
    (torch.sum(Hout * dHout) + torch.sum(hn[0] * dhn)).backward()
    bias = (rnn.bias_ih_l0 + rnn.bias_hh_l0)[None]
    W = torch.cat([bias, rnn.weight_ih_l0.T, rnn.weight_hh_l0.T])
    dW = torch.cat([rnn.bias_ih_l0.grad[None], rnn.weight_ih_l0.grad.T, rnn.weight_hh_l0.grad.T])
    tensors = {"X": X, "W": W, "h0": h0, "Hout": Hout, "hn": hn[0], "dHout": dHout, "dhn": dhn}
    tensors |= {"dX": X.grad, "dW": dW, "dh0": h0.grad}
    np.savez(
        Path(__file__).parent / "vanilla_rnn.npz",
        **{name: tensor.detach().numpy() for name, tensor in tensors.items()},
        version=np.array(torch.__version__),
    )


if __name__ == "__main__":
    main()
