"""Sorting: floats, strings, and records by keys."""

import random


def run() -> object:
    source = random.Random(20)
    numbers = [source.random() for _ in range(30_000)]
    names = [f"{number:.9f}" for number in numbers]
    records = [(name[2:5], number) for name, number in zip(names, numbers)]
    by_number = sorted(numbers)
    by_name = sorted(names, reverse=True)
    by_key = sorted(records, key=lambda record: (record[0], -record[1]))
    return by_number[7], by_name[7], by_key[7]
