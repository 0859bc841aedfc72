"""torch_net: a net of one hidden layer on the features of the linear learner, for those who want to see weights or utility with a net.

    pip install 'mintmark[torch]'        learners: {default: torch_net}

Features: stats/encoder.py (TF-IDF of 1-2 grams, one-hot categories, scaled numbers). Adam at 1e-3, batches of 64, 20 epochs, dropout 0.2, no
tuning and no early stopping. Weighted cross-entropy, or squared error on the scaled target. On the processor, one thread: the same seed gives
the same net on the same machine. Not covered: pretrained encoders, a graphics card.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.errors import MissingExtra
from ..core.ports import Fitted, Learner
from ..stats.constant import Constant
from ..stats.encoder import Encoder

BATCH = 64


class TorchNetLearner:
    name = "torch_net"

    def __init__(self, hidden: int = 128, epochs: int = 20) -> None:
        self.hidden, self.epochs = hidden, epochs

    def fit(
        self,
        table: Mapping[str, Sequence[Any]],
        target: Sequence[Any],
        *,
        task: str = "classification",
        weight: Sequence[float] | None = None,
        seed: int = 0,
    ) -> Fitted:
        torch = _torch()
        import numpy as np
        from threadpoolctl import threadpool_limits

        encoder = Encoder(table)
        x = encoder.transform(table).astype(np.float32)
        given = np.ones(len(target)) if weight is None else np.asarray(weight, float)
        v = torch.tensor(given / max(float(given.mean()), 1e-12), dtype=torch.float32)
        classes: tuple[Any, ...] = ()
        middle, scale = 0.0, 1.0
        if task == "regression":
            values = np.asarray([float(t) for t in target])
            middle, scale = float(values.mean()), float(values.std()) or 1.0
            y = torch.tensor((values - middle) / scale, dtype=torch.float32)
        else:
            names = {str(t): t for t in target}
            if len(names) < 2:
                return Constant(next(iter(names.values()), None))
            order = sorted(names)
            classes = tuple(names[n] for n in order)
            y = torch.tensor([order.index(str(t)) for t in target])
        with torch.random.fork_rng(devices=[]), threadpool_limits(1):
            torch.manual_seed(seed % 2**63)
            net = torch.nn.Sequential(
                torch.nn.Linear(x.shape[1], self.hidden),
                torch.nn.ReLU(),
                torch.nn.Dropout(0.2),
                torch.nn.Linear(self.hidden, max(1, len(classes))),
            )
            adam = torch.optim.Adam(net.parameters(), lr=1e-3)
            for _ in range(self.epochs):
                for rows in torch.randperm(len(target)).split(BATCH):
                    told = net(_dense(torch, x[rows.numpy()]))
                    each = (
                        torch.nn.functional.cross_entropy(told, y[rows], reduction="none") if classes else (told.squeeze(1) - y[rows]) ** 2
                    )
                    adam.zero_grad()
                    (each * v[rows]).mean().backward()
                    adam.step()
        return _Net(encoder, net.eval(), classes, middle, scale)


class _Net:
    def __init__(self, encoder: Encoder, net: Any, classes: Sequence[Any], middle: float, scale: float) -> None:
        self._encoder, self._net, self.classes, self._middle, self._scale = encoder, net, classes, middle, scale

    def _out(self, table: Mapping[str, Sequence[Any]]) -> Any:
        torch = _torch()
        x = self._encoder.transform(table).astype("float32")
        with torch.no_grad():
            return torch.cat([self._net(_dense(torch, x[i : i + 1_024])) for i in range(0, max(1, x.shape[0]), 1_024)])

    def predict(self, table: Mapping[str, Sequence[Any]]) -> Sequence[Any]:
        out = self._out(table)
        if not self.classes:
            return [float(t) * self._scale + self._middle for t in out[:, 0]]
        return [self.classes[int(j)] for j in out.argmax(1)]

    def proba(self, table: Mapping[str, Sequence[Any]]) -> Any:
        return self._out(table).double().softmax(1).numpy()


def _dense(torch: Any, rows: Any) -> Any:
    return torch.from_numpy(rows.toarray())


def _torch() -> Any:
    try:
        import torch
    except ImportError as error:
        raise MissingExtra("torch", "torch", "the learner torch_net") from error
    return torch


def build(spec: Any) -> Learner:
    return TorchNetLearner()
