"""A network learns to read handwritten digits. The parameters and the training loop are written by hand.

    python docs/demo/digits.py --backend numpy --seed 0 --epochs 30 --output pictures

The data are the 1,797 images of 8x8 pixels that scikit-learn ships. A fifth of them is held out: the last line that
is printed is the percentage of those that are read correctly.
"""

import argparse
import math
import random
from pathlib import Path
from statistics import fmean

from matplotlib.figure import Figure
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tqdm import tqdm

import plugrad
from plugrad import show
from plugrad_nn import functional as F

LAYERS = 64, 256, 10  # pixels, hidden units, digits
BATCH = 32
RATE = 0.1
MOMENTUM = 0.9
EPOCHS = 30


def digits(seed):
    """Images and labels to train on, and those held out; each digit has the same share in both."""
    images, labels = load_digits(return_X_y=True)
    parts = train_test_split(images / 16, labels, test_size=0.2, stratify=labels, random_state=seed)
    train_images, test_images, train_labels, test_labels = (plugrad.tensor(part.tolist()) for part in parts)
    return (train_images, train_labels), (test_images, test_labels)


def layer(inputs, outputs):
    """A weight and a bias, with the variance that keeps a relu network's signals at one size."""
    weight = plugrad.randn(inputs, outputs) * math.sqrt(2 / inputs)
    return weight.requires_grad_(), plugrad.zeros(outputs, requires_grad=True)


def network(images, parameters):
    """Images to logits."""
    weight1, bias1, weight2, bias2 = parameters
    hidden = F.relu(images @ weight1 + bias1)
    return hidden @ weight2 + bias2


@plugrad.no_grad()
def accuracy(images, labels, parameters):
    """The percentage of images that the network reads correctly."""
    guesses = network(images, parameters).argmax(axis=1)
    return 100 * (guesses == labels).astype("float64").mean().item()


@plugrad.no_grad()
def step(parameters, velocities, rate=RATE):
    """Momentum SGD. Under no_grad a parameter may be written in place."""
    for parameter, velocity in zip(parameters, velocities):
        velocity *= MOMENTUM
        velocity += parameter.grad
        parameter -= rate * velocity
        parameter.grad = None


def train(seed, epochs=EPOCHS, progress=True):
    """The losses of all steps, and the accuracy on the images that were held out."""
    plugrad.manual_seed(seed)
    order = random.Random(seed)
    (images, labels), held_out = digits(seed)
    parameters = [*layer(*LAYERS[:2]), *layer(*LAYERS[1:])]
    velocities = [plugrad.zeros_like(parameter) for parameter in parameters]
    losses = []
    with tqdm(range(1, epochs + 1), unit="epoch", disable=not progress) as bar:
        for epoch in bar:
            shuffled = order.sample(range(len(images)), len(images))
            starts = range(0, len(images), BATCH)
            for start in starts:
                batch = shuffled[start : start + BATCH]
                loss = F.cross_entropy(network(images[batch], parameters), labels[batch])
                loss.backward()
                step(parameters, velocities)
                losses.append(loss.item())
            if progress and epoch % 5 == 0:
                loss, read = fmean(losses[-len(starts) :]), accuracy(*held_out, parameters)
                bar.write(f"epoch {epoch:3}   loss {loss:.5f}   held-out accuracy {read:.2f} %")
    return losses, accuracy(*held_out, parameters)


def draw_losses(losses, path):
    """The loss of each step."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    axes.semilogy(losses, linewidth=0.7)
    axes.set(xlabel="step", ylabel="cross entropy of the batch")
    figure.savefig(path)


def draw_graph(path):
    """The graph of the little network that tutorials on autograd start with."""
    a, w1, w2, w3, w4 = (plugrad.tensor(value, requires_grad=True) for value in (1.5, 2.0, 3.0, 4.0, 5.0))
    b = w1 * a
    c = w2 * a
    d = w3 * b + w4 * c
    L = 10 - d
    show.svg(L, path, a=a, w1=w1, w2=w2, w3=w3, w4=w4, b=b, c=c, d=d, L=L)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--backend", help="whose arrays to train on (default: plugrad's own choice)")
    parser.add_argument("--seed", type=int, default=0, help="of the split, the weights and the order (default: 0)")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help=f"(default: {EPOCHS})")
    parser.add_argument("--output", type=Path, default=Path(), help="where to write the pictures (default: here)")
    asked = parser.parse_args()
    if asked.backend:
        plugrad.set_default_backend(asked.backend)
    losses, read = train(asked.seed, asked.epochs)
    asked.output.mkdir(parents=True, exist_ok=True)
    draw_losses(losses, asked.output / "loss.svg")
    draw_graph(asked.output / "graph.svg")
    print("wrote", asked.output / "loss.svg", "and", asked.output / "graph.svg")
    print(f"{read:.2f}")


if __name__ == "__main__":
    main()
