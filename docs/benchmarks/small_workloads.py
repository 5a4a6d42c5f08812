"""What ``instructions.py`` counts: six programs that use nothing rare, each run for some lengths in a child process.

A child starts where its parent has imported and warmed up everything, so it counts little but its own repetitions.
"""

import gc
import os
import sys

import numpy as np

import plugrad
from plugrad_nn.functional import relu

random = np.random.default_rng(0)


def tensor(*shape, requires_grad=True):
    return plugrad.tensor(random.uniform(0.5, 1.0, shape).astype("float32"), requires_grad=requires_grad)


x, w, b = tensor(4, 4), tensor(4, 4), tensor(4, 4)
cotangent = plugrad.ones(4, 4, dtype="float32")
scalar, factor = plugrad.tensor(0.5, requires_grad=True), plugrad.tensor(0.9, requires_grad=True)
weights = [tensor(16, 8), tensor(8), tensor(8, 4), tensor(4)]
data, target = tensor(8, 16, requires_grad=False), tensor(8, 4, requires_grad=False)


def chain():
    y = x
    for _ in range(10):
        y = y * w + b
    return y


def forward():
    chain()


def forward_without_grad():
    with plugrad.no_grad():
        chain()


def gradient():
    chain().backward(cotangent)
    x.grad = w.grad = b.grad = None


def numbers():
    y = scalar
    for _ in range(10):
        y = y * factor + 0.25
    y.backward()
    scalar.grad = factor.grad = None


def functions():
    (plugrad.exp(x) * plugrad.sin(w) - plugrad.tanh(b) / 2.0).sum().backward()
    x.grad = w.grad = b.grad = None


def training():
    w1, b1, w2, b2 = weights
    error = relu(data @ w1 + b1) @ w2 + b2 - target
    (error * error).mean().backward()
    with plugrad.no_grad():
        for weight in weights:
            weight -= 0.01 * weight.grad
            weight.grad = None


def main(lengths):
    gc.disable()
    for workload in (forward, forward_without_grad, gradient, numbers, functions, training):
        for _ in range(30):
            workload()
        for length in lengths:
            pid = os.fork()
            if not pid:
                for _ in range(length):
                    workload()
                os._exit(0)
            os.waitpid(pid, 0)
            print(pid, workload.__name__, flush=True)


if __name__ == "__main__":
    main([int(length) for length in sys.argv[1:]])
