"""How do PyTorch's tensors (dense, sparse COO and CSR), random generators and dtypes travel?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from .frames import WireError
from .memory import NotPlain

if TYPE_CHECKING:
    from .decoder import Decoder
    from .encoder import Encoder

_DTYPES = {
    str(dtype): dtype
    for dtype in (
        *(torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64),
        *(torch.float16, torch.float32, torch.float64, torch.complex64, torch.complex128),
    )
}


def encode(encoder: Encoder, value: Any, depth: int) -> dict | None:
    """The node of a value of PyTorch's; None if it is not plain data."""
    if isinstance(value, torch.Tensor):
        return _encode_tensor(encoder, value, depth)
    if isinstance(value, torch.Generator):
        if value.device.type != "cpu":
            raise NotPlain(f"a torch.Generator on {value.device}: make it on the CPU")
        encoder.numbered(value)
        return {"t": "torch.generator", "v": encoder.array(value.get_state().numpy())}
    if isinstance(value, torch.dtype) and str(value) in _DTYPES:
        return {"t": "torch.dtype", "v": str(value)}
    return None


def decode(decoder: Decoder, node: dict, depth: int) -> Any:
    """The value of a node of PyTorch's."""
    kind = node["t"]
    if kind == "torch.dtype":
        return _DTYPES[node["v"]]
    if kind == "torch.generator":
        generator = torch.Generator()
        generator.set_state(torch.from_numpy(decoder.array(node["v"]).copy()))
        return decoder.numbered(generator)
    if kind != "torch.tensor":
        raise WireError(f"{kind!r} is no kind of value")
    place = len(decoder.objects)
    decoder.numbered(None)
    tensor = _decode_layout(decoder, node)
    if node.get("grad") is True:
        tensor.requires_grad_()
    if "slope" in node:
        tensor.grad = decoder._value(node["slope"], depth + 1)
    tensor = decoder.references.tensor(tensor, node)
    decoder.objects[place] = tensor
    return tensor


def _encode_tensor(encoder: Encoder, value: torch.Tensor, depth: int) -> dict:
    encoder.numbered(value)
    node: dict[str, Any] = {"t": "torch.tensor"}
    if value.requires_grad:
        node["grad"] = True
        number = encoder.references.keep(value)
        if number is not None:
            node["keep"] = number
            node["leaf"] = value.is_leaf
        if value.is_leaf and value.grad is not None:
            node["slope"] = _encode_tensor(encoder, value.grad, depth + 1)
    tensor = value.detach().cpu()
    if tensor.layout == torch.strided:
        return node | {"layout": "strided", "v": _numbers(encoder, tensor)}
    node["shape"] = list(tensor.shape)
    if tensor.layout == torch.sparse_coo:
        return node | {
            "layout": "coo",
            "coalesced": tensor.is_coalesced(),
            "v": [_numbers(encoder, part) for part in (tensor._indices(), tensor._values())],
        }
    if tensor.layout == torch.sparse_csr:
        parts = (tensor.crow_indices(), tensor.col_indices(), tensor.values())
        return node | {"layout": "csr", "v": [_numbers(encoder, part) for part in parts]}
    raise NotPlain(f"a tensor of layout {tensor.layout} (dense, sparse COO and sparse CSR ones are fine)")


def _numbers(encoder: Encoder, tensor: torch.Tensor) -> dict:
    if str(tensor.dtype) not in _DTYPES:
        raise NotPlain(f"a tensor of dtype {tensor.dtype}: convert it to float32 or float64")
    return encoder.array(tensor.resolve_conj().resolve_neg().numpy())


def _decode_layout(decoder: Decoder, node: dict) -> torch.Tensor:
    if node["layout"] == "strided":
        return _from_memory(decoder, node["v"])
    parts, shape = [_from_memory(decoder, part) for part in node["v"]], tuple(node["shape"])
    if node["layout"] == "csr":
        rows, columns, values = parts
        return torch.sparse_csr_tensor(rows, columns, values, shape, check_invariants=True)
    if node["layout"] == "coo":
        coalesced = node["coalesced"] is True
        indices, values = parts
        return torch.sparse_coo_tensor(indices, values, shape, is_coalesced=coalesced, check_invariants=True)
    raise WireError(f"{node['layout']!r} is no layout of a tensor")


def _from_memory(decoder: Decoder, node: dict) -> torch.Tensor:
    array = decoder.array(node)
    # torch warns of memory that must not be written to.
    return torch.from_numpy(array if array.flags.writeable else array.copy())
