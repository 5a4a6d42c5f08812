"""A convolutional network learns to read handwritten digits, better than the plain network of ``digits.py``.

    python docs/demo/convnet.py --backend numpy --seed 0 --epochs 20

The data and the splits are those of ``digits.py``. The last line that is printed is the percentage of the held-out
images that are read correctly; with ``--seeds 5`` that is the mean over seeds 0 to 4.
"""

import argparse
import math
import random
from itertools import pairwise
from statistics import fmean

from digits import digits, step
from tqdm import tqdm

import plugrad
from plugrad_nn import functional as F

CHANNELS = 1, 16, 32, 64
BATCH = 32
RATE = 0.05
EPOCHS = 20


def parameters():
    """Of each convolution its weight, and the scale and shift of the batch norm behind it; of the last layer both."""
    made = []
    for inputs, outputs in pairwise(CHANNELS):
        weight = plugrad.randn(outputs, inputs, 3, 3) * math.sqrt(2 / (9 * inputs))
        made += [weight.requires_grad_(), plugrad.ones(outputs, requires_grad=True)]
        made += [plugrad.zeros(outputs, requires_grad=True)]
    weight = plugrad.randn(10, CHANNELS[-1]) * math.sqrt(1 / CHANNELS[-1])
    return [*made, weight.requires_grad_(), plugrad.zeros(10, requires_grad=True)]


def statistics():
    """The running mean and variance of each batch norm."""
    return [(plugrad.zeros(channels), plugrad.ones(channels)) for channels in CHANNELS[1:]]


def network(images, parameters, running, training):
    """Images (N, 64) to logits (N, 10)."""
    x = images.reshape((len(images), 1, 8, 8))
    for number, (mean, var) in enumerate(running):
        weight, scale, shift = parameters[3 * number : 3 * number + 3]
        x = F.conv2d(x, weight, padding="same")
        x = F.relu(F.batch_norm(x, mean, var, scale, shift, training=training))
        if number == 1:
            x = F.max_pool2d(x, 2)
    weight, bias = parameters[-2:]
    return F.linear(F.adaptive_avg_pool2d(x, 1).reshape((len(images), CHANNELS[-1])), weight, bias)


@plugrad.no_grad()
def accuracy(images, labels, parameters, running):
    """The percentage of images that the network reads correctly."""
    guesses = network(images, parameters, running, training=False).argmax(axis=1)
    return 100 * (guesses == labels).astype("float64").mean().item()


def train(seed, epochs=EPOCHS, progress=True):
    """The losses of all steps, and the accuracy on the images that were held out."""
    plugrad.manual_seed(seed)
    order = random.Random(seed)
    (images, labels), held_out = digits(seed)
    weights, running = parameters(), statistics()
    velocities = [plugrad.zeros_like(weight) for weight in weights]
    losses = []
    starts = range(0, len(images), BATCH)
    with tqdm(range(1, epochs + 1), unit="epoch", disable=not progress) as bar:
        for epoch in bar:
            shuffled = order.sample(range(len(images)), len(images))
            for start in starts:
                batch = shuffled[start : start + BATCH]
                done = len(losses) / (epochs * len(starts))
                loss = F.cross_entropy(network(images[batch], weights, running, training=True), labels[batch])
                loss.backward()
                step(weights, velocities, RATE * (1 + math.cos(math.pi * done)) / 2)
                losses.append(loss.item())
            if progress and epoch % 5 == 0:
                loss, read = fmean(losses[-len(starts) :]), accuracy(*held_out, weights, running)
                bar.write(f"epoch {epoch:3}   loss {loss:.5f}   held-out accuracy {read:.2f} %")
    return losses, accuracy(*held_out, weights, running)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--backend", help="whose arrays to train on (default: plugrad's own choice)")
    parser.add_argument("--seed", type=int, default=0, help="of the split, the weights and the order (default: 0)")
    parser.add_argument("--seeds", type=int, help="train once for each of so many seeds, from 0 on")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help=f"(default: {EPOCHS})")
    asked = parser.parse_args()
    if asked.backend:
        plugrad.set_default_backend(asked.backend)
    read = []
    for seed in [asked.seed] if asked.seeds is None else range(asked.seeds):
        read.append(train(seed, asked.epochs)[1])
        print(f"seed {seed}: {read[-1]:.2f} %")
    print(f"{fmean(read):.2f}")


if __name__ == "__main__":
    main()
