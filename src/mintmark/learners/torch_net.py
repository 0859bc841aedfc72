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
from . import Goal

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
        goal = Goal(torch, target, weight, task)
        if task != "regression" and len(goal.classes) < 2:
            return Constant(next(iter(goal.classes), None))
        with torch.random.fork_rng(devices=[]), threadpool_limits(1):
            torch.manual_seed(seed % 2**63)
            net = torch.nn.Sequential(
                torch.nn.Linear(x.shape[1], self.hidden),
                torch.nn.ReLU(),
                torch.nn.Dropout(0.2),
                torch.nn.Linear(self.hidden, max(1, len(goal.classes))),
            )
            adam = torch.optim.Adam(net.parameters(), lr=1e-3)
            for _ in range(self.epochs):
                for rows in torch.randperm(len(target)).split(BATCH):
                    loss = goal.loss(net(_dense(torch, x[rows.numpy()])), rows)
                    adam.zero_grad()
                    loss.backward()
                    adam.step()
        return _Net(encoder, net.eval(), goal)


class _Net:
    def __init__(self, encoder: Encoder, net: Any, goal: Goal) -> None:
        self._encoder, self._net, self._goal, self.classes = encoder, net, goal, goal.classes

    def _out(self, table: Mapping[str, Sequence[Any]]) -> Any:
        torch = _torch()
        x = self._encoder.transform(table).astype("float32")
        with torch.no_grad():
            return torch.cat([self._net(_dense(torch, x[i : i + 1_024])) for i in range(0, max(1, x.shape[0]), 1_024)])

    def predict(self, table: Mapping[str, Sequence[Any]]) -> Sequence[Any]:
        return self._goal.read(self._out(table))

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
