"""Dicts with keys that are made as they are used: words counted."""


def run() -> object:
    counts: dict[str, int] = {}
    for i in range(100_000):
        key = f"key{i * 7 % 5003}"
        counts[key] = counts.get(key, 0) + i
    return len(counts), max(counts.values())
