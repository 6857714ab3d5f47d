"""Takes more memory than it may have."""


def test_eats() -> None:
    hoard = []
    while True:
        hoard.append(bytearray(b"x" * (32 << 20)))


def test_behind() -> None:
    pass
