#!/usr/bin/env python3
"""Writes ops/optest/testdata/*.json: what PyTorch computes for our ops.

    python3 tools/goldens/make.py

Made with PyTorch 1.13.0 (Debian 12's python3-torch) and NumPy 1.24.2. Inputs are numbers that float32 holds;
results and gradients are computed in float64, so that one file serves float32 and float64. Each file names this
script, torch's version and the seed. A case holds:

    op, kind      our op's name, and a word that tells its cases apart
    attr, const   the op's attribute by its Go field names, and its constants
    in, out       tensors: dtype, shape, data row-major; dtype "real" is the dtype that is tested
    weights, grad dL/dout and dL/din for L = sum of weights times outputs; null where there is none

A file of optimizer runs ("runs") holds the option set, the rate of each step, the start, the gradient of each step
and the parameter after each step. Numbers that JSON lacks are the strings "nan", "inf" and "-inf".
"""
import json
import math
import os

import numpy as np
import torch
import torch.nn.functional as F

SEED = 20240607
OUT = os.path.join(os.path.dirname(__file__), "..", "..", "ops", "optest", "testdata")
# ops.DType's numbers
F32, F64, F16, BF16, I32, I64, U8, BOOL = range(1, 9)
NAMES = {torch.float32: "f32", torch.float16: "f16", torch.bfloat16: "bf16", torch.int32: "i32", torch.int64: "i64",
         torch.uint8: "u8", torch.bool: "bool", torch.float64: "real"}


def number(x):
    if isinstance(x, bool):
        return int(x)
    if isinstance(x, int):
        return x
    if math.isnan(x):
        return "nan"
    if math.isinf(x):
        return "inf" if x > 0 else "-inf"
    return x


def tensor(t):
    if t is None:
        return None
    d = NAMES[t.dtype]
    values = t.detach().to(torch.float64) if t.dtype.is_floating_point else t.detach().to(torch.int64)
    return {"dtype": d, "shape": list(t.shape), "data": [number(x) for x in values.reshape(-1).tolist()]}


class Stem:
    """One file of goldens."""

    def __init__(self, name):
        self.name, self.cases, self.rng = name, [], np.random.default_rng([SEED, sum(name.encode())])

    def real(self, *shape, lo=None, hi=None):
        """A float64 tensor of float32 values: normal, or uniform in [lo, hi)."""
        x = self.rng.standard_normal(shape) if lo is None else self.rng.uniform(lo, hi, shape)
        return torch.tensor(np.asarray(x, dtype=np.float32).astype(np.float64))

    def index(self, n, *shape):
        return torch.tensor(self.rng.integers(0, n, shape))

    def add(self, op, kind, f, *inputs, attr=None, const=(0, 0), grad=True):
        """Runs f on the inputs; gradients go to the float64 ones."""
        inputs = [x.float().double() if x.dtype == torch.float64 else x for x in inputs]
        ins = [x.clone().requires_grad_(grad and x.dtype == torch.float64) for x in inputs]
        outs = f(*ins)
        outs = outs if isinstance(outs, tuple) else (outs,)
        case = {"op": op, "kind": kind, "attr": attr, "const": list(const), "in": [tensor(x) for x in inputs],
                "out": [tensor(y) for y in outs]}
        if grad and any(y.requires_grad for y in outs):
            weights = [self.real(*y.shape) for y in outs]
            loss = sum((w * y).sum() for w, y in zip(weights, outs))
            wanted = [x for x in ins if x.requires_grad]
            got = iter(torch.autograd.grad(loss, wanted, allow_unused=True))
            case["weights"] = [tensor(w) for w in weights]
            case["grad"] = [tensor(next(got)) if x.requires_grad else None for x in ins]
        self.cases.append(case)

    def write(self, **more):
        head = {"script": "tools/goldens/make.py", "torch": torch.__version__, "numpy": np.__version__, "seed": SEED}
        body = dict(head, cases=self.cases, **more)
        path = os.path.join(OUT, self.name + ".json")
        with open(path, "w") as f:
            f.write("{\n" + ",\n".join(f' "{k}": {json.dumps(v)}' for k, v in head.items()))
            for key in [k for k in body if k not in head and body[k]]:
                f.write(f',\n "{key}": [\n  ' + ",\n  ".join(json.dumps(c, separators=(",", ":")) for c in body[key]) + "\n ]")
            f.write("\n}\n")
        size = os.path.getsize(path)
        assert size <= 512 << 10, f"{path}: wanted at most 512 KiB, got {size} bytes"


def pad(values):
    return list(values) + [0] * (8 - len(values))


def shape_attr(shape):
    return {"Rank": len(shape), "Shape": pad(shape)}


def unary():
    s = Stem("unary")
    plain = {"neg": torch.neg, "abs": torch.abs, "exp": torch.exp, "square": torch.square, "tanh": torch.tanh,
             "sigmoid": torch.sigmoid, "relu": torch.relu, "gelu": F.gelu, "silu": F.silu}
    for op, f in plain.items():
        s.add(op, "normal", f, 3 * s.real(5, 13))
        s.add(op, "special", f, torch.tensor([0.0, -0.0, 1, -1, math.inf, -1e-10, 20.5, -20], dtype=torch.float64), grad=False)
    for op, f in {"log": torch.log, "sqrt": torch.sqrt, "rsqrt": torch.rsqrt, "reciprocal": torch.reciprocal}.items():
        s.add(op, "positive", f, s.real(5, 13, lo=0.01, hi=20))
        s.add(op, "special", f, torch.tensor([0.0, 1, math.inf, -1, 1e10, 1e-10], dtype=torch.float64), grad=False)
    for slope in (0.0625, 0.25):  # float32 holds them
        s.add("leaky_relu", f"slope{slope}", lambda x: F.leaky_relu(x, slope), s.real(5, 13), const=(slope, 0))
    for beta, threshold in ((1, 20), (2, 5)):
        x = torch.cat([8 * s.real(60), torch.tensor([0.0, 30, -30, 2.25, 3])])
        s.add("softplus", f"beta{beta}", lambda x: F.softplus(x, beta, threshold), x, const=(beta, threshold))
    more_unary(s)
    s.write()


def more_unary(s):
    edge = torch.tensor([0.0, -0.0, 0.5, -0.5, 1.5, -1.5, 2.5, 1, -1, 3, -3, 1e-10, -1e-10, 20.5, -20, 1e10], dtype=torch.float64)
    plain = {"expm1": torch.expm1, "sin": torch.sin, "cos": torch.cos, "erf": torch.erf, "sign": torch.sign, "floor": torch.floor,
             "ceil": torch.ceil, "round": torch.round, "trunc": torch.trunc, "hardswish": F.hardswish, "mish": F.mish,
             "gelu_tanh": lambda x: F.gelu(x, approximate="tanh")}
    for op, f in plain.items():
        s.add(op, "normal", f, 3 * s.real(5, 13))
        s.add(op, "special", f, edge[:-1] if op == "expm1" else edge, grad=False)
    s.add("sign", "nan", torch.sign, torch.tensor([math.nan, math.inf, -math.inf], dtype=torch.float64), grad=False)
    s.add("log1p", "positive", torch.log1p, s.real(5, 13, lo=-0.9, hi=20))
    s.add("log1p", "special", torch.log1p, torch.tensor([0.0, -1, math.inf, -2, 1e10, 1e-10], dtype=torch.float64), grad=False)
    for op, f in {"exp2": torch.exp2, "tan": torch.tan, "asin": torch.asin, "acos": torch.acos}.items():
        s.add(op, "small", f, s.real(5, 13, lo=-0.9, hi=0.9))
    for op, f in {"log2": torch.log2, "log10": torch.log10}.items():
        s.add(op, "positive", f, s.real(5, 13, lo=0.01, hi=20))
        s.add(op, "special", f, torch.tensor([0.0, 1, math.inf, -1, 1e10, 1e-10], dtype=torch.float64), grad=False)
    for alpha in (1, 0.25):
        x = 3 * s.real(5, 13)
        x = torch.where(x < 0, x - 1, x)  # torch's e^x - 1 cancels near 0
        s.add("elu", f"alpha{alpha}", lambda x: F.elu(x, alpha), x, const=(alpha, 0))
    for lo, hi in ((-1, 2), (0.5, 0.25)):  # kinks; the upper bound wins
        x = torch.cat([2 * s.real(20), torch.tensor([-1.0, 2, 0, -0.5, 0.5, 0.25])])
        s.add("clamp", f"lo{lo}", lambda x: torch.clamp(x, lo, hi), x, const=(lo, hi))


def unary_grad():
    s, aten = Stem("unary_grad"), torch.ops.aten
    dy, x, y = s.real(7, 9), 2 * s.real(7, 9), s.real(7, 9, lo=0.05, hi=0.95)
    s.add("tanh_grad", "aten", aten.tanh_backward, dy, y, grad=False)
    s.add("sigmoid_grad", "aten", aten.sigmoid_backward, dy, y, grad=False)
    s.add("relu_grad", "aten", lambda d, a: aten.threshold_backward(d, a, 0), dy, torch.relu(x), grad=False)
    s.add("leaky_relu_grad", "aten", lambda d, a: aten.leaky_relu_backward(d, a, 0.125, False), dy, x, const=(0.125, 0), grad=False)
    s.add("gelu_grad", "aten", lambda d, a: aten.gelu_backward(d, a), dy, x, grad=False)
    s.add("silu_grad", "aten", aten.silu_backward, dy, x, grad=False)
    s.add("softplus_grad", "aten", lambda d, a: aten.softplus_backward(d, a, 2, 5), dy, x, const=(2, 5), grad=False)
    kinks = torch.cat([2 * x.reshape(-1), torch.tensor([-3.0, 3, 0, -1, 1], dtype=torch.float64)])
    dy = s.real(*kinks.shape)
    s.add("elu_grad", "aten", lambda d, a: aten.elu_backward(d, 0.5, 1, 1, False, a), dy, kinks, const=(0.5, 0), grad=False)
    s.add("hardswish_grad", "aten", aten.hardswish_backward, dy, kinks, grad=False)
    s.add("mish_grad", "aten", aten.mish_backward, dy, kinks, grad=False)
    s.add("gelu_tanh_grad", "aten", lambda d, a: aten.gelu_backward(d, a, approximate="tanh"), dy, kinks / 4, grad=False)
    s.add("clamp_grad", "clamp", lambda d, a: d * ((a >= -1) & (a <= 1)), dy, kinks, const=(-1, 1), grad=False)
    s.write()


def binary():
    s, both = Stem("binary"), {"Scalar": 0}
    ops = {"add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div, "maximum": torch.maximum, "minimum": torch.minimum}
    for op, f in ops.items():
        s.add(op, "same", f, s.real(5, 13), s.real(5, 13), attr=both)
        s.add(op, "broadcast", f, s.real(5, 1, 7), s.real(3, 1), attr=both)
    ties = torch.tensor([1.0, 2, 3, 3, -1], dtype=torch.float64), torch.tensor([1.0, 3, 2, 3, -1], dtype=torch.float64)
    s.add("maximum", "ties", torch.maximum, *ties, attr=both)
    s.add("minimum", "ties", torch.minimum, *ties, attr=both)
    s.add("pow", "same", torch.pow, s.real(5, 13, lo=0.2, hi=3), 2 * s.real(5, 13), attr=both)
    s.add("pow", "broadcast", torch.pow, s.real(5, 1, lo=0.2, hi=3), s.real(7), attr=both)
    s.add("pow", "zero", torch.pow, torch.tensor([0.0, 0, 2, 2], dtype=torch.float64), torch.tensor([2.0, 1, 0, -1], dtype=torch.float64), attr=both)
    for op, f in {"add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div, "pow": torch.pow}.items():
        x = s.real(23, lo=0.2, hi=3)
        s.add(op, "right", lambda x: f(x, 1.75), x, attr={"Scalar": 1}, const=(1.75, 0))
        s.add(op, "left", lambda x: f(torch.tensor(1.75, dtype=torch.float64), x), x, attr={"Scalar": 2}, const=(1.75, 0))
    edge = torch.tensor([0.0, -0.0, 1, -1, math.inf, -math.inf, math.nan, 2.5], dtype=torch.float64)
    a, b = edge.repeat(8), edge.repeat_interleave(8)
    for op, f in {"eq": torch.eq, "ne": torch.ne, "lt": torch.lt, "le": torch.le, "gt": torch.gt, "ge": torch.ge}.items():
        s.add(op, "special", f, a, b, attr=both, grad=False)
    for op, f in {"maximum": torch.maximum, "minimum": torch.minimum, "add": torch.add, "mul": torch.mul, "pow": torch.pow}.items():
        s.add(op, "special", f, a, b, attr=both, grad=False)
    more_binary(s, a, b)
    s.write()


def classify():
    s = Stem("classify")
    x = torch.tensor([0.0, -0.0, 1.5, math.inf, -math.inf, math.nan, 3e38, -1e-30], dtype=torch.float64)
    for op, f in {"isnan": torch.isnan, "isinf": torch.isinf, "isfinite": torch.isfinite}.items():
        s.add(op, "special", f, x, grad=False)
    s.write()


def more_binary(s, a, b):
    both = {"Scalar": 0}
    divisions = {"remainder": torch.remainder, "fmod": torch.fmod, "floor_divide": torch.floor_divide}
    for op, f in dict(divisions, atan2=torch.atan2).items():
        grad = op != "floor_divide"  # torch has none
        x, y = 3 * s.real(5, 13), s.real(5, 13)
        s.add(op, "same", f, x, torch.where(y < 0, y - 0.5, y + 0.5), attr=both, grad=grad)
        s.add(op, "broadcast", f, 3 * s.real(5, 1, 7), s.real(3, 1, lo=0.5, hi=2), attr=both, grad=grad)
        s.add(op, "special", f, a, b, attr=both, grad=False)
    for op, f in divisions.items():
        s.add(op, "right", lambda x: f(x, 1.75), 3 * s.real(23), attr={"Scalar": 1}, const=(1.75, 0), grad=op != "floor_divide")
        x, y = torch.tensor([7, -7, 7, -7, 6, -6, 0]), torch.tensor([3, 3, -3, -3, 3, -3, 5])
        s.add(op, "i64", f, x, y, attr=both, grad=False)
        s.add(op, "i32", f, x.int(), y.int(), attr=both, grad=False)
    for op, f in {"logical_and": torch.logical_and, "logical_or": torch.logical_or, "logical_xor": torch.logical_xor}.items():
        s.add(op, "special", f, a, b, attr=both, grad=False)
        s.add(op, "bool", f, torch.tensor([False, False, True, True]), torch.tensor([False, True, False, True]), attr=both, grad=False)
    s.add("logical_not", "special", torch.logical_not, a[:8], grad=False)
    s.add("logical_not", "bool", torch.logical_not, torch.tensor([False, True]), grad=False)


def moves():
    s = Stem("moves")
    x = s.real(5, 6, 7)
    s.add("reshape", "flat", lambda x: x.reshape(30, 7), x, attr=shape_attr([30, 7]))
    s.add("permute", "rotate", lambda x: x.permute(2, 0, 1), x, attr={"Dims": pad([2, 0, 1])})
    s.add("expand", "front", lambda x: x.expand(4, 3, 5), s.real(3, 1), attr=shape_attr([4, 3, 5]))
    cut = {"Start": pad([1, 0, 2]), "Step": pad([2, 1, 3]), "Len": pad([2, 6, 2])}
    s.add("slice", "step", lambda x: x[1:4:2, :, 2:7:3], x, attr=cut)
    s.add("unslice", "step", lambda y: torch.zeros(5, 6, 7, dtype=y.dtype).index_put(
        (torch.tensor([1, 3])[:, None, None], torch.arange(6)[None, :, None], torch.tensor([2, 5])[None, None, :]), y),
        s.real(2, 6, 2), attr={"Slice": cut, "Into": shape_attr([5, 6, 7])})
    s.add("contiguous", "copy", lambda x: x.clone(), x)
    s.add("concat", "middle", lambda *xs: torch.cat(xs, 1), s.real(3, 2, 4), s.real(3, 5, 4), s.real(3, 1, 4), attr={"Dim": 1})
    cond = torch.tensor(s.rng.integers(0, 2, (5, 1)).astype(bool))
    s.add("where", "broadcast", torch.where, cond, s.real(5, 7), s.real(7))
    idx = s.index(6, 5, 9, 7)
    s.add("gather", "dim1", lambda x, i: torch.gather(x, 1, i), x, idx, attr={"Dim": 1})
    s.add("gather", "dim0", lambda x, i: torch.gather(x, 0, i), x, s.index(5, 8, 6, 4), attr={"Dim": 0})
    s.add("scatter_add", "dim1", lambda x, i, y: torch.scatter_add(x, 1, i, y), x, idx, s.real(5, 9, 7), attr={"Dim": 1})
    s.add("one_hot", "classes", lambda i: F.one_hot(i, 7).double(), s.index(7, 4, 5), attr={"Classes": 7, "DType": 0}, grad=False)
    s.add("full", "value", lambda: torch.full((3, 4), 2.5, dtype=torch.float64), attr=dict(shape_attr([3, 4]), DType=0), const=(2.5, 0), grad=False)
    s.add("arange", "step", lambda: -1.5 + 0.25 * torch.arange(30, dtype=torch.float64), attr=dict(shape_attr([30]), DType=0), const=(-1.5, 0.25), grad=False)
    s.add("copy_", "broadcast", lambda a, b: a.clone().copy_(b), s.real(5, 7), s.real(7), grad=False)
    s.add("add_", "alpha", lambda a, b: a.clone().add_(b, alpha=-0.75), s.real(5, 7), s.real(5, 1), const=(-0.75, 0), grad=False)
    s.add("lerp_", "weight", lambda a, b: a.clone().lerp_(b, 0.25), s.real(5, 7), s.real(5, 7), const=(0.25, 0), grad=False)
    rows = torch.tensor([4, 0, 2])
    s.add("write_at", "dim0", lambda x, i, y: x.clone().index_copy_(0, i, y), s.real(6, 5), rows, s.real(3, 5), attr={"Dim": 0}, grad=False)
    s.write()


def padding():
    s, modes = Stem("padding"), ("constant", "reflect", "replicate", "circular")
    x = s.real(2, 3, 5, 6)
    for n, mode in enumerate(modes):
        more, const = ({"value": -1.5}, (-1.5, 0)) if n == 0 else ({}, (0, 0))
        attr = {"Mode": n, "Before": pad([0, 0, 3, 2]), "After": pad([0, 0, 1, 4])}
        s.add("pad", mode, lambda x: F.pad(x, (2, 4, 3, 1), mode, **more), x, attr=attr, const=const)
        attr = {"Mode": n, "Before": pad([0, 0, 0, 5]), "After": pad([0, 0, 0, 0])}
        s.add("pad", f"{mode}_one", lambda x: F.pad(x, (5, 0, 0, 0), mode, **more), x, attr=attr, const=const)
    attr = {"Mode": 0, "Before": pad([0, -1, 2, -1]), "After": pad([0, 0, -3, -2])}
    s.add("pad", "cut", lambda x: F.pad(x, (-1, -2, 2, -3, -1, 0)), x, attr=attr)
    d = s.real(2, 3, 11)
    for n, mode in enumerate(modes):
        z = torch.zeros(2, 3, 5, dtype=torch.float64, requires_grad=True)
        s.add("pad_grad", mode, lambda d: torch.autograd.grad(F.pad(z, (4, 2), mode), z, d)[0], d, grad=False,
              attr={"Mode": n, "Dim": 2, "Before": 4, "After": 2})
    s.add("flip", "some", lambda x: x.flip(1, 3), x, attr={"Dims": 10})
    s.add("roll", "some", lambda x: x.roll((1, -2, 7), (0, 2, 3)), x, attr={"Shifts": pad([1, 0, -2, 7])})
    for op, f in {"tril": torch.tril, "triu": torch.triu}.items():
        for k in (-2, 0, 3):
            s.add(op, f"diagonal{k}", lambda x: f(x, k), x, attr={"Diagonal": k})
    s.add("stack", "middle", lambda *xs: torch.stack(xs, 1), s.real(3, 4), s.real(3, 4), s.real(3, 4), attr={"Dim": 1})
    s.add("repeat", "some", lambda x: x.repeat(2, 1, 3), s.real(2, 3, 4), attr={"Times": pad([2, 1, 3])})
    mask = torch.tensor(s.rng.integers(0, 2, (5, 6)).astype(bool))
    s.add("masked_fill", "broadcast", lambda x, m: x.masked_fill(m, -7.25), x, mask, const=(-7.25, 0))
    s.write()


def indexing():
    s = Stem("indexing")
    x, w = s.real(5, 6, 7), s.real(8, 5)
    for d in range(3):
        n = x.shape[d]
        idx, distinct = s.index(n, 9), torch.tensor(s.rng.permutation(n)[:4])
        shape, short = list(x.shape), list(x.shape)
        shape[d], short[d] = 9, 4
        attr = {"Dim": d, "Padding": 0}
        s.add("index_select", f"dim{d}", lambda x, i: x.index_select(d, i), x, idx, attr=attr)
        s.add("index_add", f"dim{d}", lambda x, i, y: x.index_add(d, i, y), x, idx, s.real(*shape), attr=attr)
        s.add("index_copy", f"dim{d}", lambda x, i, y: x.index_copy(d, i, y), x, distinct, s.real(*short), attr=attr)
    ids = s.index(8, 3, 10)
    s.add("embedding", "plain", lambda w, i: F.embedding(i, w), w, ids, attr={"Padding": 0})
    s.add("embedding", "padding", lambda w, i: F.embedding(i, w, padding_idx=2), w, ids, attr={"Padding": 3})
    s.write()


def cast():
    s = Stem("cast")
    x = torch.tensor([0.5, 1.5, -2.5, 65504, 65519, 65520, 1e-5, 6e-8, 2.9e-8, 3.1e-8, 1 + 2**-11, 1 + 3 * 2**-11, 1 + 2**-8, 1 + 3 * 2**-8,
                      math.inf, -math.inf, math.nan, 3e38, -1e-40, 0.0, -0.0, 1 / 3], dtype=torch.float32)
    for to, n in ((torch.float16, F16), (torch.bfloat16, BF16)):
        s.add("cast", f"to_{NAMES[to]}", lambda x: x.to(to), x, attr={"To": n}, grad=False)
        s.add("cast", f"from_{NAMES[to]}", lambda y: y.to(torch.float32), x.to(to), attr={"To": F32}, grad=False)
    inside = torch.tensor([0.5, 1.5, -2.5, 2.999, -0.1, 100, -100, 2147483520, -2147483648], dtype=torch.float32)
    for to, n in ((torch.int32, I32), (torch.int64, I64), (torch.bool, BOOL)):  # torch leaves the others undefined
        s.add("cast", f"to_{NAMES[to]}", lambda x: x.to(to), inside, attr={"To": n}, grad=False)
    whole = torch.tensor([0, 1, -1, 2**24 + 1, 2**24 + 3, -2**31, 2**40 + 2**16 + 1, 300, 2**63 - 1])
    for to, n in ((torch.float32, F32), (torch.int32, I32), (torch.uint8, U8), (torch.bool, BOOL)):
        s.add("cast", f"i64_to_{NAMES[to]}", lambda x: x.to(to), whole, attr={"To": n}, grad=False)
    s.write()


def reduce():
    s = Stem("reduce")

    def bits(dims):
        return sum(1 << d for d in dims)
    x, y = s.real(4, 5, 6), 1000 + s.real(40)
    for dims in ([0], [1], [2], [0, 2], [0, 1, 2]):
        for keep in (False, True):
            if keep and len(dims) != 2:
                continue
            attr, kind = {"Dims": bits(dims), "Keep": keep, "Correction": 0}, "d" + "".join(map(str, dims)) + ("k" if keep else "")
            s.add("sum", kind, lambda x: x.sum(dims, keep), x, attr=attr)
            s.add("mean", kind, lambda x: x.mean(dims, keep), x, attr=attr)
            s.add("max", kind, lambda x: x.amax(dims, keep), x, attr=attr)
            s.add("logsumexp", kind, lambda x: x.logsumexp(dims, keep), x, attr=attr)
            for c in (0, 1):
                s.add("var", f"{kind}c{c}", lambda x: x.var(dims, unbiased=c == 1, keepdim=keep), x, attr=dict(attr, Correction=c))
    for d in range(3):
        s.add("argmax", f"d{d}", lambda x: x.argmax(d), x, attr={"Dims": 1 << d}, grad=False)
    s.add("var", "far", lambda x: x.var(), y, attr={"Dims": 1, "Correction": 1})
    s.add("max", "ties", lambda x: x.amax(1), torch.tensor([[1.0, 5, 5, 0], [2, 2, 2, 2], [-1, -3, -1, -2]], dtype=torch.float64), attr={"Dims": 2})
    norms = {0: 2.5, 1: 1, 2: 2, 3: math.inf, 4: -math.inf, 5: 0}  # ops.NormKind's numbers
    for dims in ([1], [0, 2], [0, 1, 2]):
        attr, kind = {"Dims": bits(dims), "Keep": False, "Correction": 0}, "d" + "".join(map(str, dims))
        s.add("min", kind, lambda x: x.amin(dims), x, attr=attr)
        s.add("std", kind, lambda x: x.std(dims, unbiased=True), x, attr=dict(attr, Correction=1))
        for k, p in norms.items():
            s.add("norm", f"{kind}k{k}", lambda x: torch.linalg.vector_norm(x, p, dims), x, attr=dict(attr, Norm=k), const=(p if math.isfinite(p) else 0, 0), grad=k != 5)
    zeros = torch.tensor([[0.0, 0, 0, 0], [3, 0, -1, 0]], dtype=torch.float64)
    for k, p in norms.items():
        s.add("norm", f"zerosk{k}", lambda x: torch.linalg.vector_norm(x, p, 1), zeros, attr={"Dims": 2, "Norm": k}, const=(p if math.isfinite(p) else 0, 0), grad=k not in (4, 5))
    s.add("count_nonzero", "zeros", lambda x: x.count_nonzero(1), zeros, attr={"Dims": 2}, grad=False)
    s.add("std", "equal", lambda x: x.std(1), torch.full((2, 3), 2.5, dtype=torch.float64), attr={"Dims": 2, "Correction": 1})
    s.add("min", "ties", lambda x: x.amin(1), torch.tensor([[5.0, 1, 1, 7], [2, 2, 2, 2], [-3, -1, -3, -2]], dtype=torch.float64), attr={"Dims": 2})
    holes = torch.tensor([[2.0, 0, 3, -1], [0, 2, 0, 5], [1, 2, -3, 4]], dtype=torch.float64)
    truth = torch.tensor([[True, False, True], [False, False, False], [True, True, True]])
    for d in range(3):
        s.add("argmin", f"d{d}", lambda x: x.argmin(d), x, attr={"Dims": 1 << d}, grad=False)
        s.add("prod", f"d{d}", lambda x: x.prod(d), x, attr={"Dims": 1 << d})
        s.add("max_with_index", f"d{d}", lambda x: tuple(x.max(d)), x, attr={"Dims": 1 << d}, grad=False)
        s.add("min_with_index", f"d{d}", lambda x: tuple(x.min(d, keepdim=True)), x, attr={"Dims": 1 << d, "Keep": True}, grad=False)
    s.add("prod", "all", lambda x: x.prod(), x[0], attr={"Dims": 3})
    for d in range(2):
        s.add("prod", f"holes{d}", lambda x: x.prod(d), holes, attr={"Dims": 1 << d})
        s.add("any", f"d{d}", lambda x: x.any(d), truth, attr={"Dims": 1 << d}, grad=False)
        s.add("all", f"d{d}", lambda x: x.all(d), truth, attr={"Dims": 1 << d}, grad=False)
    s.write()


def scan():
    s = Stem("scan")

    def linear(a, b, dim):
        """y[i] = a[i]*y[i-1] + b[i], step by step; torch has no such op, its tape gives the gradient."""
        ys = []
        for p, q in zip(a.unbind(dim), b.unbind(dim)):
            ys.append(q if not ys else p * ys[-1] + q)
        return torch.stack(ys, dim)
    x = s.real(4, 5, 6)
    holes = torch.tensor([[2.0, 0, 3, -1], [0, 2, 0, 5], [1, 2, -3, 4]], dtype=torch.float64)
    for d in range(3):
        def flipped(f):
            return lambda x: f(x.flip(d), d).flip(d)
        for op, f in {"cumsum": torch.cumsum, "cumprod": torch.cumprod}.items():
            s.add(op, f"d{d}", lambda x: f(x, d), x, attr={"Dim": d})
            s.add(op, f"d{d}r", flipped(f), x, attr={"Dim": d, "Reverse": True})
        s.add("linear_scan", f"d{d}", lambda a, b: linear(a, b, d), x, s.real(4, 5, 6), attr={"Dim": d})
        s.add("linear_scan", f"d{d}r", lambda a, b: linear(a.flip(d), b.flip(d), d).flip(d), x, s.real(4, 5, 6), attr={"Dim": d, "Reverse": True})
    for d in range(2):
        s.add("cumprod", f"holes{d}", lambda x: x.cumprod(d), holes, attr={"Dim": d})
    whole = s.index(100, 3, 7)
    s.add("cumsum", "whole", lambda x: x.cumsum(1), whole, attr={"Dim": 1}, grad=False)
    s.add("cumprod", "whole", lambda x: x.cumprod(1), whole, attr={"Dim": 1}, grad=False)
    s.write()


def softmax():
    s = Stem("softmax")
    x = 3 * s.real(4, 5, 6)
    for d in range(3):
        s.add("softmax", f"d{d}", lambda x: x.softmax(d), x, attr={"Dim": d})
        s.add("log_softmax", f"d{d}", lambda x: x.log_softmax(d), x, attr={"Dim": d})
    far = 500 * s.real(3, 8)
    s.add("softmax", "far", lambda x: x.softmax(1), far, attr={"Dim": 1}, grad=False)  # it would be all cancellation
    s.add("log_softmax", "far", lambda x: x.log_softmax(1), far, attr={"Dim": 1})
    y = s.real(3, 8).softmax(1).float().double()
    s.add("softmax_grad", "aten", lambda d, y: torch._softmax_backward_data(d, y, 1, torch.float64), s.real(3, 8), y, attr={"Dim": 1}, grad=False)
    y = s.real(3, 8).log_softmax(1).float().double()
    s.add("log_softmax_grad", "aten", lambda d, y: torch._log_softmax_backward_data(d, y, 1, torch.float64), s.real(3, 8), y, attr={"Dim": 1}, grad=False)
    s.write()


def matmul():
    s = Stem("matmul")
    acts = [lambda x: x, torch.relu, torch.sigmoid, torch.tanh, F.gelu, F.silu]
    for n, act in enumerate(acts):
        s.add("matmul", f"act{n}", lambda a, b: act(a @ b), s.real(5, 7), s.real(7, 6), attr={"Act": n})
        s.add("matmul", f"act{n}_bias", lambda a, b, c: act(a @ b + c), s.real(5, 7), s.real(7, 6), s.real(6), attr={"Act": n})
    s.add("matmul", "batch", torch.matmul, s.real(3, 2, 5, 7), s.real(3, 2, 7, 4), attr={"Act": 0})
    s.add("matmul", "long", torch.matmul, s.real(3, 1000), s.real(1000, 2), attr={"Act": 0})
    s.write()


def sort():
    s = Stem("sort")
    ties = torch.tensor([3.0, 1, math.nan, -0.0, 0.0, 1, math.inf, -math.inf, 3, math.nan, -1, 0], dtype=torch.float64)
    for kind, down in (("up", False), ("down", True)):
        attr = {"Dim": 1, "Descending": down}
        s.add("sort", kind, lambda x: tuple(torch.sort(x, stable=True, dim=1, descending=down)), s.real(4, 11, 3), attr=attr)
        s.add("sort", "ties_" + kind, lambda x: tuple(torch.sort(x, stable=True, descending=down)), ties, attr=dict(attr, Dim=0), grad=False)
    for kind, up in (("largest", True), ("smallest", False)):
        s.add("topk", kind, lambda x: tuple(torch.topk(x, 4, dim=1, largest=up)), s.real(4, 11, 3), attr={"Dim": 1, "K": 4, "Smallest": not up})
    s.write()


def segments():
    s = Stem("segment_sum")
    for kind, shape in (("rows", (30, 5)), ("flat", (50,))):
        s.add("segment_sum", kind, lambda x, i: torch.zeros(7, *shape[1:], dtype=x.dtype).index_add(0, i, x), s.real(*shape), s.index(7, shape[0]),
              attr={"Segments": 7})
    s.add("bincount", "counts", lambda i: torch.bincount(i, minlength=9), s.index(8, 60), attr={"Bins": 9}, grad=False)
    s.add("bincount", "weights", lambda i, w: torch.bincount(i, w, minlength=9), s.index(8, 60), s.real(60), attr={"Bins": 9}, grad=False)
    x = torch.cat([2 * s.real(190), torch.tensor([-3.0, 3, -3.25, 3.25, 0, math.inf, -math.inf], dtype=torch.float64)])  # its CPU kernel counts NaN in bin 0
    s.add("histogram", "histc", lambda x: torch.histc(x, 12, -3, 3), x, attr={"Bins": 12}, const=(-3, 3), grad=False)
    s.write()


def triangular():
    s, solve = Stem("solve_triangular"), torch.linalg.solve_triangular
    for upper in (False, True):
        for unit in (False, True):
            for transpose in (False, True):
                a = s.real(2, 6, 6) / 2 + torch.diag(torch.linspace(1, 2, 6, dtype=torch.float64))
                attr = {"Upper": upper, "Unit": unit, "Transpose": transpose}

                def f(a, b):
                    return solve(a.mT if transpose else a, b, upper=upper != transpose, unitriangular=unit)
                s.add("solve_triangular", f"upper{upper:d}unit{unit:d}transpose{transpose:d}", f, a, s.real(2, 6, 3), attr=attr)
    s.write()


def cholesky():
    s = Stem("cholesky")
    b = s.real(2, 6, 9)
    a = (b @ b.mT / 6 + 0.5 * torch.eye(6)).float().double()
    b = s.real(2, 6, 3)
    s.add("cholesky", "batch", torch.linalg.cholesky, a)
    s.add("cholesky_solve", "batch", lambda l, b: torch.cholesky_solve(b, l.tril()), torch.linalg.cholesky(a), b)
    s.add("inverse_spd", "batch", lambda a: torch.cholesky_inverse(torch.linalg.cholesky(a)), a)
    s.add("logdet_spd", "batch", torch.logdet, a)
    s.write()


def qr():
    s = Stem("qr")
    for kind, shape in (("tall", (2, 8, 4)), ("square", (5, 5))):
        s.add("qr", kind, lambda a: tuple(torch.linalg.qr(a)), s.real(*shape) / 2 + 2 * torch.eye(*shape[-2:]))
    s.add("inverse", "batch", torch.linalg.inv, s.real(2, 5, 5) / 2 + 2 * torch.eye(5))
    s.write()


def optimizers():
    steps = 12
    sgd_options = [dict(), dict(weight_decay=0.1), dict(momentum=0.9), dict(momentum=0.9, dampening=0.5), dict(momentum=0.9, nesterov=True),
                   dict(momentum=0.8, dampening=0.25, weight_decay=0.01), dict(momentum=0.7, weight_decay=0.05, nesterov=True)]
    adam_options = [(torch.optim.Adam, dict()), (torch.optim.Adam, dict(weight_decay=0.1)), (torch.optim.AdamW, dict(weight_decay=0.01)),
                    (torch.optim.Adam, dict(betas=(0.5, 0.95), eps=1e-3)), (torch.optim.AdamW, dict(betas=(0.8, 0.99), weight_decay=0.1))]
    for stem, rate, makers in (("sgd", 0.1, [(torch.optim.SGD, o) for o in sgd_options]), ("adam", 0.05, adam_options)):
        s, runs = Stem(stem), []
        for maker, options in makers:
            p = torch.nn.Parameter(s.real(3, 5))
            opt = maker([p], lr=rate, **options)
            run = {"op": stem, "optimizer": maker.__name__, "options": options, "start": tensor(p), "rates": [], "grads": [], "params": []}
            beta = options.get("betas", (0.9, 0.999))
            if stem == "sgd":
                run["attr"] = {"N": 1, "Momentum": options.get("momentum", 0), "Dampening": options.get("dampening", 0),
                               "WeightDecay": options.get("weight_decay", 0), "Nesterov": options.get("nesterov", False)}
            else:
                run["attr"] = {"N": 1, "Beta1": beta[0], "Beta2": beta[1], "Eps": options.get("eps", 1e-8),
                               "WeightDecay": options.get("weight_decay", 0), "Decoupled": maker is torch.optim.AdamW}
            for k in range(steps):
                lr = rate if k < 6 else rate / 2
                opt.param_groups[0]["lr"] = lr
                p.grad = s.real(3, 5)
                opt.step()
                run["rates"].append(lr)
                run["grads"].append(tensor(p.grad))
                run["params"].append(tensor(p))
            runs.append(run)
        s.write(runs=runs)


if __name__ == "__main__":
    os.makedirs(OUT, exist_ok=True)
    for make in (unary, classify, unary_grad, binary, moves, padding, indexing, cast, reduce, scan, softmax, matmul, sort, segments, triangular, cholesky, qr, optimizers):
        make()
