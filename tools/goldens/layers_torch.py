#!/usr/bin/env python3
"""Writes the golden values of layers/ and train/optim from PyTorch.

    python3 tools/goldens/layers_torch.py      (from the project's root)

Everything is computed in float64 from inputs that float32 holds exactly, so
that one set of values serves both types. Each file names the version of torch
that it came from.
"""
import json
import torch
from torch import nn

torch.manual_seed(20240607)
torch.set_default_dtype(torch.float64)


def draw(*shape, scale=1.0):
    return (torch.randn(*shape) * scale).float().double()


def uniform(*shape):
    return torch.rand(*shape).float().double()


def pack(t):
    t = t.detach()
    kind = "i64" if t.dtype == torch.int64 else "float"
    values = [v if kind == "i64" else repr(float(v)) for v in t.reshape(-1).tolist()]
    return {"kind": kind, "shape": list(t.shape), "data": values}


def case(name, options, inputs, grads, fn):
    """fn(inputs) is the result; grads names the inputs to differentiate; the
    gradient of the result is a fixed drawing."""
    ins = {k: v.clone() for k, v in inputs.items()}
    for k in grads:
        ins[k].requires_grad_(True)
    y = fn(ins)
    dy = draw(*y.shape) if y.dim() else torch.tensor(1.0)
    y.backward(dy)
    return {
        "name": name, "options": options,
        "in": {k: pack(v) for k, v in inputs.items()},
        "out": pack(y), "dout": pack(dy),
        "grad": {k: pack(ins[k].grad) for k in grads},
    }


def write(path, cases):
    with open(path, "w") as f:
        f.write('{"torch": "%s",\n"cases": [\n' % torch.__version__)
        f.write(",\n".join(json.dumps(c, separators=(",", ":")) for c in cases))
        f.write("\n]}\n")


def modules():
    x = draw(3, 5, scale=2.0)
    out = []
    for name, m in [
        ("relu", nn.ReLU()), ("leaky_relu", nn.LeakyReLU()), ("leaky_relu_0.3", nn.LeakyReLU(0.3)),
        ("gelu", nn.GELU()), ("silu", nn.SiLU()), ("sigmoid", nn.Sigmoid()), ("tanh", nn.Tanh()),
        ("softmax", nn.Softmax(1)), ("softmax_0", nn.Softmax(0)), ("log_softmax", nn.LogSoftmax(-1)),
        ("softplus", nn.Softplus()), ("softplus_2_1", nn.Softplus(2, 1)), ("identity", nn.Identity()),
    ]:
        out.append(case(name, {}, {"x": x}, ["x"], lambda i, m=m: m(i["x"])))
    out.append(case("flatten", {}, {"x": draw(2, 3, 4)}, ["x"], lambda i: nn.Flatten()(i["x"])))
    out.append(case("flatten_0_1", {}, {"x": draw(2, 3, 4)}, ["x"], lambda i: nn.Flatten(0, 1)(i["x"])))

    for name, shape, bias in [("linear", (4, 7), True), ("linear_batch", (2, 3, 7), True), ("linear_no_bias", (4, 7), False), ("linear_row", (7,), True)]:
        ins = {"x": draw(*shape), "weight": draw(5, 7)}
        if bias:
            ins["bias"] = draw(5)
        out.append(case(name, {}, ins, list(ins), lambda i: nn.functional.linear(i["x"], i["weight"], i.get("bias"))))
    for name, act in [("relu", torch.relu), ("sigmoid", torch.sigmoid), ("tanh", torch.tanh), ("gelu", nn.functional.gelu), ("silu", nn.functional.silu)]:
        ins = {"x": draw(4, 7), "weight": draw(5, 7), "bias": draw(5)}
        out.append(case("linear_" + name, {}, ins, list(ins), lambda i, act=act: act(nn.functional.linear(i["x"], i["weight"], i["bias"]))))
    write("layers/testdata/modules.json", out)


def losses():
    out = []
    for r in ("mean", "sum", "none"):
        x, y = draw(4, 3), draw(4, 3)
        out.append(case("mse", {"reduction": r}, {"x": x, "y": y}, ["x", "y"], lambda i: nn.MSELoss(reduction=r)(i["x"], i["y"])))

        p, y, w = uniform(6, 2), uniform(6, 2), uniform(2)
        p[0, 0], y[0, 0] = 0.0, 1.0
        p[0, 1], y[0, 1] = 1.0, 0.0
        p[1, 0], y[1, 0] = 0.0, 0.0
        p[1, 1], y[1, 1] = 1.0, 1.0
        p[2, 0], y[2, 0] = float(torch.tensor(1e-20).float()), 1.0
        p[2, 1], y[2, 1] = float(torch.tensor(1e-7).float()), 1.0
        out.append(case("bce", {"reduction": r}, {"x": p, "y": y}, ["x"], lambda i: nn.BCELoss(reduction=r)(i["x"], i["y"])))
        p, y = uniform(6, 2), uniform(6, 2)
        out.append(case("bce", {"reduction": r}, {"x": p, "y": y, "weight": w}, ["x", "y"], lambda i: nn.BCELoss(weight=i["weight"], reduction=r)(i["x"], i["y"])))

        x, y = draw(6, 2, scale=3.0), uniform(6, 2)
        x[0, 0], y[0, 0] = 0.0, 1.0
        x[0, 1], y[0, 1] = 90.0, 0.0
        x[1, 0], y[1, 0] = -90.0, 1.0
        x[1, 1], y[1, 1] = -30.0, 0.0
        x[2, 0], y[2, 0] = 30.0, 1.0
        x[2, 1], y[2, 1] = 0.0, 0.5
        out.append(case("bce_with_logits", {"reduction": r}, {"x": x, "y": y}, ["x"], lambda i: nn.BCEWithLogitsLoss(reduction=r)(i["x"], i["y"])))
        p = uniform(2) * 4
        out.append(case("bce_with_logits", {"reduction": r}, {"x": x, "y": y, "weight": w, "pos_weight": p}, ["x"],
                        lambda i: nn.BCEWithLogitsLoss(weight=i["weight"], pos_weight=i["pos_weight"], reduction=r)(i["x"], i["y"])))
        cross_entropy(out, r)
    write("layers/testdata/losses.json", out)


def cross_entropy(out, r):
    def add(x, y, grads=("x",), weight=None, **options):
        ins = {"x": x, "y": y}
        if weight is not None:
            ins["weight"] = weight
        o = dict(options, reduction=r)
        out.append(case("cross_entropy", o, ins, list(grads), lambda i: nn.CrossEntropyLoss(
            weight=i.get("weight"), reduction=r, ignore_index=options.get("ignore_index", -100),
            label_smoothing=options.get("label_smoothing", 0.0))(i["x"], i["y"])))

    x, w = draw(5, 4, scale=3.0), uniform(4) + 0.1
    y = torch.tensor([0, 3, 1, 2, 3])
    add(x, y)
    add(x, y, weight=w)
    add(x, torch.tensor([0, -100, 1, 2, -100]), weight=w)
    add(x, torch.tensor([0, 3, 1, 0, 3]), ignore_index=0)
    add(x, y, label_smoothing=0.1)
    add(x, y, label_smoothing=0.1, weight=w)
    add(x, torch.tensor([0, -100, 1, 2, 3]), label_smoothing=0.2, weight=w)
    add(draw(4), torch.tensor(2))
    add(draw(2, 4, 3), torch.randint(0, 4, (2, 3)))
    add(draw(2, 4, 3, 2), torch.randint(0, 4, (2, 3, 2)), weight=w, label_smoothing=0.1)
    soft = uniform(5, 4)
    soft = (soft / soft.sum(1, keepdim=True)).float().double()
    add(x, soft, grads=("x", "y"))
    add(x, soft, grads=("x",), weight=w, label_smoothing=0.1)
    soft = uniform(2, 4, 3)
    add(draw(2, 4, 3), soft, weight=w)
    add(torch.tensor([[1000.0, -1000.0, 0.0], [0.0, 0.0, 0.0]]), torch.tensor([1, 0]))


def optimizers():
    """Three parameters over ten steps with drawn gradients; the second has
    none in steps 3, 4 and 8, the third none in steps 1 and 4. The rate falls
    to a half after step 5."""
    cases = []
    for name, options in [
        ("sgd", {}), ("sgd", {"momentum": 0.9}), ("sgd", {"momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1}),
        ("sgd", {"momentum": 0.8, "nesterov": True, "weight_decay": 0.01}), ("sgd", {"weight_decay": 0.2}),
        ("adam", {}), ("adam", {"betas": [0.5, 0.9], "eps": 1e-3, "weight_decay": 0.1}),
        ("adamw", {}), ("adamw", {"betas": [0.8, 0.99], "weight_decay": 0.3}), ("adamw", {"weight_decay": 0.0}),
    ]:
        start = [draw(3, 4), draw(5), draw(2, 2)]
        params = [nn.Parameter(p.clone()) for p in start]
        kind = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[name]
        opt = kind(params, lr=0.05, **options)
        grads = []
        for step in range(10):
            if step == 5:
                opt.param_groups[0]["lr"] = 0.025
            g = [draw(*p.shape) for p in start]
            if step in (3, 4, 8):
                g[1] = None
            if step in (1, 4):
                g[2] = None
            for p, d in zip(params, g):
                p.grad = None if d is None else d.clone()
            opt.step()
            grads.append([None if d is None else pack(d) for d in g])
        cases.append({"name": name, "options": options, "start": [pack(p) for p in start], "grads": grads, "end": [pack(p) for p in params]})
    start = [draw(3, 4), draw(5)]
    for limit in (0.5, 100.0):
        params = [nn.Parameter(p.clone()) for p in start]
        for p in params:
            p.grad = draw(*p.shape)
        grads = [pack(p.grad) for p in params]
        norm = nn.utils.clip_grad_norm_(params, limit)
        cases.append({"name": "clip", "options": {"max_norm": limit}, "start": [pack(p) for p in start], "grads": [grads],
                      "end": [pack(p.grad) for p in params] + [pack(norm)]})
    write("train/optim/testdata/optim.json", cases)


modules()
losses()
optimizers()
