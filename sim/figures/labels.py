"""Label placement: names near their points that overlap no other name, and little else.

Greedy: each name in turn tries positions on rings around its point and takes the cheapest. Overlapping a placed name or
leaving the plot is excluded; covering points or intervals, and distance, cost. The result is deterministic.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

RINGS = (4.0, 7.0, 11.0, 16.0, 22.0, 30.0, 40.0, 52.0, 66.0)  # points, from the mark to the near side of the name
ANGLES = 16
FAR = 9.0  # points; from here on a name gets a leader
POINT, LINE, CROSSED = 60.0, 9.0, 45.0  # costs, in points of distance: a point covered, a line, a leader crossed
AIR = 1.2  # points, around a name

Segment = tuple[float, float, float, float]  # x and y of its start and its end


class Box(NamedTuple):
    """A rectangle, in points."""

    left: float
    low: float
    right: float
    high: float

    def meets(self, other: "Box") -> bool:
        """Return whether two boxes share an area; a common edge is none."""
        return self.left < other.right and other.left < self.right and self.low < other.high and other.low < self.high

    def within(self, other: "Box") -> bool:
        """Return whether the box lies inside another one."""
        inside = other.left <= self.left and self.right <= other.right
        return inside and other.low <= self.low and self.high <= other.high


class Name(NamedTuple):
    """A name to be placed; positions are points from the lower left corner of the plot."""

    x: float  # of its point
    y: float
    wide: float
    high: float


class Place(NamedTuple):
    """The position of a name, and the leader that connects its point with it, if it is far."""

    box: Box
    leader: Segment | None


def place_labels(names: Sequence[Name], plot: Box, obstacles: Sequence[Box]) -> list[Place | None]:
    """Find positions for names, the most important first; None where nothing is free.

    ``obstacles`` are intervals and lines, as thin boxes, that names should rather not cover.
    """
    points = [Box(name.x - 2.5, name.y - 2.5, name.x + 2.5, name.y + 2.5) for name in names]
    taken: list[Box] = []
    leaders: list[Segment] = []
    found: list[Place | None] = []
    for place, name in enumerate(names):
        best, least = None, math.inf
        for ring in RINGS:
            if ring >= least:
                break
            for box in _ring(name, ring):
                wide = Box(box.left - AIR, box.low - AIR, box.right + AIR, box.high + AIR)
                if not box.within(plot) or any(wide.meets(other) for other in taken):
                    continue
                cost = ring
                cost += POINT * sum(wide.meets(other) for n, other in enumerate(points) if n != place)
                if cost >= least:  # further costs cannot make it the cheapest
                    continue
                cost += LINE * sum(wide.meets(other) for other in obstacles)
                cost += CROSSED * sum(_crosses(line, wide) for line in leaders)
                nearest = min(max(name.x, box.left), box.right), min(max(name.y, box.low), box.high)
                leader = (name.x, name.y, *nearest) if ring > FAR else None
                if leader and cost < least:
                    cost += CROSSED * sum(_crosses(leader, other) for other in taken)
                    cost += POINT * sum(_crosses(leader, other) for n, other in enumerate(points) if n != place)
                if cost < least:
                    best, least = Place(box, leader), cost
        found.append(best)
        if best:
            taken.append(best.box)
            leaders += [best.leader] if best.leader else []
    return found


def _ring(name: Name, ring: float) -> list[Box]:
    """List boxes whose near edge is at this distance from a point; those at its sides come first.

    A box is shifted by half its size, fully unless the direction is almost straight.
    """
    boxes = []
    for number in range(ANGLES):
        angle = 2 * math.pi * ((number + 1) // 2 * (1 if number % 2 else -1)) / ANGLES
        across, up = math.cos(angle), math.sin(angle)
        x = name.x + ring * across + name.wide / 2 * max(-1.0, min(1.0, 2.5 * across))
        y = name.y + ring * up + name.high / 2 * max(-1.0, min(1.0, 2.5 * up))
        boxes.append(Box(x - name.wide / 2, y - name.high / 2, x + name.wide / 2, y + name.high / 2))
    return boxes


def _crosses(line: Segment, box: Box) -> bool:
    """Return whether a line goes through a box (Liang–Barsky clipping)."""
    x, y, to_x, to_y = line
    first, last = 0.0, 1.0
    for start, step, low, high in ((x, to_x - x, box.left, box.right), (y, to_y - y, box.low, box.high)):
        if abs(step) < 1e-12:
            if not low < start < high:
                return False
            continue
        near, far = sorted(((low - start) / step, (high - start) / step))
        first, last = max(first, near), min(last, far)
    return first < last
