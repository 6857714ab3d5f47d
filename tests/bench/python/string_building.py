"""Strings built, joined, split and replaced."""


def run() -> object:
    lines = []
    for i in range(25_000):
        line = "item " + str(i) + ": " + hex(i * i)[2:].upper()
        lines.append(line.replace("A", "a").ljust(24) + f"{i / 7:.3f}")
    text = "\n".join(lines)
    words = text.split()
    return len(text), len(words), sum(word.endswith("7") for word in words)
