"""A loop over floats."""


def run() -> object:
    total = 0.0
    for i in range(500_000):
        total += i * 0.5 - 1.0
    return total
