"""Freeze two runs of attention in PyTorch: the outside witnesses of `attention`.

Run once, by hand, in an environment that has PyTorch; nothing else needs it:

    pip install torch==2.13.0 numpy
    python grader/hidden/witness/make_attention.py

`dot_...` is torch.nn.functional.scaled_dot_product_attention with the encoder
states as keys and values; its weights come from the formula. `additive_...` is the
formula of Bahdanau, Cho and Bengio (2014). The gradients are autograd's, of a
loss that reads context and weights.
"""

from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import scaled_dot_product_attention

U, T, B, Q, H, A = 4, 6, 3, 2, 5, 7


def masked(score: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Take a softmax over the last axis of score (U, B, T) among real steps."""
    return torch.softmax(score.masked_fill(~mask.T, -torch.inf), dim=2)


def inputs(size: int) -> dict[str, torch.Tensor]:
    """Draw query, encoder and mask; every sequence has another length."""
    mask = torch.arange(T)[:, None] < torch.tensor([6, 4, 2])
    query, encoder = torch.randn(U, B, size), torch.randn(T, B, H)
    return {"query": query.requires_grad_(), "encoder": encoder.requires_grad_(), "mask": mask}


def differentiated(
    given: dict[str, torch.Tensor], context: torch.Tensor, weights: torch.Tensor
) -> dict[str, torch.Tensor]:
    """Let autograd go back from both outputs."""
    dcontext, dweights = torch.randn(U, B, H), torch.randn(U, B, T)
    ((context * dcontext).sum() + (weights * dweights).sum()).backward()
    outputs = {"context": context, "weights": weights, "dcontext": dcontext, "dweights": dweights}
    slopes = {f"d{name}": leaf.grad for name, leaf in given.items() if leaf.grad is not None}
    return given | outputs | slopes


def dot() -> dict[str, torch.Tensor]:
    """Run PyTorch's own scaled dot product attention."""
    given = inputs(H)
    query, encoder = (given[name].transpose(0, 1) for name in ("query", "encoder"))
    real = given["mask"].T[:, None]
    context = scaled_dot_product_attention(query, encoder, encoder, attn_mask=real)
    score = (query @ encoder.transpose(1, 2)).transpose(0, 1) / H**0.5
    return differentiated(given, context.transpose(0, 1), masked(score, given["mask"]))


def additive() -> dict[str, torch.Tensor]:
    """Run the formula of 2014."""
    shapes = {"W_q": (Q, A), "W_e": (H, A), "b": (A,), "v": (A,)}
    given = inputs(Q) | {
        name: torch.randn(shape).requires_grad_() for name, shape in shapes.items()
    }
    a = (given["query"] @ given["W_q"])[:, None] + given["encoder"] @ given["W_e"] + given["b"]
    weights = masked((torch.tanh(a) @ given["v"]).transpose(1, 2), given["mask"])
    context = torch.einsum("ubt,tbh->ubh", weights, given["encoder"])
    return differentiated(given, context, weights)


def main() -> None:
    """Write attention.npz beside this file."""
    torch.manual_seed(2014)
    torch.set_default_dtype(torch.float64)
    runs = {"dot": dot(), "additive": additive()}
    arrays = {
        f"{run}_{name}": tensor.detach().numpy()
        for run, tensors in runs.items()
        for name, tensor in tensors.items()
    }
    path = Path(__file__).parent / "attention.npz"
    np.savez(path, **arrays, version=np.array(torch.__version__))


if __name__ == "__main__":
    main()
