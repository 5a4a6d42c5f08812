"""ResNet-152 with random weights, forward and backward on NumPy: what it takes, and how large the gradients are.

    python docs/demo/resnet.py --size 64 --batch 2 --eval

The network (He et al., Deep Residual Learning for Image Recognition, 2015; the stride is in the 3x3 convolution) is
written once, for any library with the functions of ``torch.nn.functional``: ``F`` is that, or plugrad's.
"""

import argparse
import math
import time

import numpy as np

import plugrad
from plugrad_nn import functional as F

BLOCKS = 3, 8, 36, 3  # of each stage
WIDTHS = 64, 128, 256, 512
EXPANSION = 4
CLASSES = 1000


def stages(blocks=BLOCKS):
    """Of each block: its name, the channels that enter it, its width and its stride."""
    channels = 64
    for stage, (count, width) in enumerate(zip(blocks, WIDTHS, strict=True), 1):
        for block in range(count):
            yield f"layer{stage}.{block}", channels, width, 2 if stage > 1 and block == 0 else 1
            channels = EXPANSION * width


def parameters(seed=0, blocks=BLOCKS):
    """Weights and running statistics by name, as NumPy arrays: convolutions as relu networks want them, and batch
    norms a little off the identity, small at the end of a block, so that 50 blocks neither explode nor vanish."""
    draw = np.random.default_rng(seed)
    weights, running = {}, {}

    def convolution(name, inputs, outputs, kernel):
        shape = (outputs, inputs, kernel, kernel)
        weights[f"{name}.weight"] = draw.normal(0, math.sqrt(2 / (outputs * kernel * kernel)), shape)

    def norm(name, channels, scale=1):
        weights[f"{name}.weight"] = scale * draw.uniform(0.5, 1.5, channels)
        weights[f"{name}.bias"] = draw.normal(0, 0.1, channels)
        running[f"{name}.mean"] = draw.normal(0, 0.1, channels)
        running[f"{name}.var"] = draw.uniform(0.5, 1.5, channels)

    convolution("conv1", 3, 64, 7)
    norm("bn1", 64)
    for name, channels, width, _ in stages(blocks):
        for number, inputs, outputs, kernel in (
            (1, channels, width, 1), (2, width, width, 3), (3, width, EXPANSION * width, 1),
        ):  # fmt: skip
            convolution(f"{name}.conv{number}", inputs, outputs, kernel)
            norm(f"{name}.bn{number}", outputs, 0.2 if number == 3 else 1)
        if channels != EXPANSION * width:
            convolution(f"{name}.downsample.conv", channels, EXPANSION * width, 1)
            norm(f"{name}.downsample.bn", EXPANSION * width)
    features = EXPANSION * WIDTHS[-1]
    weights["fc.weight"] = draw.uniform(-1, 1, (CLASSES, features)) / math.sqrt(features)
    weights["fc.bias"] = draw.uniform(-1, 1, CLASSES) / math.sqrt(features)
    return weights, running


def network(F, images, weights, running, training, blocks=BLOCKS):
    """Images (N, 3, H, W) to logits (N, 1000)."""

    def convolution(name, x, stride=1, padding=0):
        return F.conv2d(x, weights[f"{name}.weight"], stride=stride, padding=padding)

    def norm(name, x):
        moving = running[f"{name}.mean"], running[f"{name}.var"]
        return F.batch_norm(x, *moving, weights[f"{name}.weight"], weights[f"{name}.bias"], training=training)

    x = F.relu(norm("bn1", convolution("conv1", images, stride=2, padding=3)))
    x = F.max_pool2d(x, 3, stride=2, padding=1)
    for name, channels, width, stride in stages(blocks):
        out = F.relu(norm(f"{name}.bn1", convolution(f"{name}.conv1", x)))
        out = F.relu(norm(f"{name}.bn2", convolution(f"{name}.conv2", out, stride, padding=1)))
        out = norm(f"{name}.bn3", convolution(f"{name}.conv3", out))
        if channels != EXPANSION * width:
            x = norm(f"{name}.downsample.bn", convolution(f"{name}.downsample.conv", x, stride))
        x = F.relu(out + x)
    x = F.adaptive_avg_pool2d(x, 1)
    return F.linear(x.reshape((len(images), EXPANSION * WIDTHS[-1])), weights["fc.weight"], weights["fc.bias"])


def data(seed=0, batch=2, size=64):
    """Random images and labels."""
    draw = np.random.default_rng(seed + 1)
    return draw.normal(size=(batch, 3, size, size)), draw.integers(0, CLASSES, batch)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", type=int, default=64, help="of the images (default: 64)")
    parser.add_argument("--batch", type=int, default=2, help="(default: 2)")
    parser.add_argument("--eval", action="store_true", help="normalise by the running statistics")
    asked = parser.parse_args()
    weights, running = parameters()
    weights = {name: plugrad.tensor(value, requires_grad=True) for name, value in weights.items()}
    running = {name: plugrad.tensor(value) for name, value in running.items()}
    images, labels = (plugrad.tensor(part) for part in data(batch=asked.batch, size=asked.size))
    start = time.perf_counter()
    loss = F.cross_entropy(network(F, images, weights, running, not asked.eval), labels)
    middle = time.perf_counter()
    loss.backward()
    end = time.perf_counter()
    print(f"{sum(w.size for w in weights.values()):,} parameters, loss {loss.item():.4f}")
    print(f"forward {middle - start:.1f} s, backward {end - middle:.1f} s")
    for name in ("conv1.weight", "layer3.18.conv2.weight", "fc.weight"):
        print(f"{name:24} gradient of norm {np.linalg.norm(weights[name].grad.numpy()):.6g}")


if __name__ == "__main__":
    main()
