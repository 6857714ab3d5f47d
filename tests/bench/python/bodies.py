"""Bodies that attract each other: floats in slots of objects."""


class Body:
    __slots__ = ("x", "y", "z", "vx", "vy", "vz", "mass")

    def __init__(self, place: tuple, speed: tuple, mass: float) -> None:
        self.x, self.y, self.z = place
        self.vx, self.vy, self.vz = speed
        self.mass = mass


def advance(bodies: list[Body], step: float) -> None:
    for i, one in enumerate(bodies):
        for other in bodies[i + 1 :]:
            dx = one.x - other.x
            dy = one.y - other.y
            dz = one.z - other.z
            force = step / (dx * dx + dy * dy + dz * dz + 0.01) ** 1.5
            pull = other.mass * force
            one.vx -= dx * pull
            one.vy -= dy * pull
            one.vz -= dz * pull
            pull = one.mass * force
            other.vx += dx * pull
            other.vy += dy * pull
            other.vz += dz * pull
    for body in bodies:
        body.x += step * body.vx
        body.y += step * body.vy
        body.z += step * body.vz


def run() -> object:
    bodies = [
        Body((i * 1.5, i * i * 0.25, i * 0.75), (0.1 * i, 0.0, -0.05), 1.0 + i)
        for i in range(6)
    ]
    for _ in range(1500):
        advance(bodies, 0.001)
    return [round(body.x, 6) for body in bodies]
