"""Lead letters: our own strokes, so that no font file is needed."""

import numpy as np
from PIL import Image, ImageDraw

# Strokes in a box 0..1 wide, 0..1.4 high (y downwards).
_BOWL = [(0.5 + 0.42 * np.sin(a), 0.35 - 0.35 * np.cos(a)) for a in np.linspace(0.0, np.pi, 14)]
GLYPHS: dict[str, list[list[tuple[float, float]]]] = {
    "R": [[(0.08, 1.4), (0.08, 0.0), *_BOWL, (0.08, 0.7)], [(0.48, 0.7), (0.95, 1.4)]],
    "L": [[(0.08, 0.0), (0.08, 1.4), (0.9, 1.4)]],
}


def draw_marker(
    canvas: Image.Image, letter: str, centre: tuple[float, float], height: float, turn: float
) -> None:
    """Draw a letter in full white on an 8-bit canvas; centre is (x, y), height in pixels, turn in radians."""
    draw = ImageDraw.Draw(canvas)
    unit = height / 1.4
    width = max(1, round(unit * 0.2))
    cosine, sine = np.cos(turn), np.sin(turn)
    for stroke in GLYPHS[letter]:
        points = []
        for x, y in stroke:
            dx, dy = (x - 0.5) * unit, (y - 0.7) * unit
            points.append(
                (centre[0] + dx * cosine - dy * sine, centre[1] + dx * sine + dy * cosine)
            )
        draw.line(points, fill=255, width=width, joint="curve")
        for x, y in (points[0], points[-1]):
            draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
