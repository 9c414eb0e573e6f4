"""What does a result look like? A module of plots a unit, in one style; a notebook imports from here."""

from course_utils.plots.hover import HoverMap, film_texts
from course_utils.plots.show import show
from course_utils.plots.sliders import play
from course_utils.plots.style import panels

__all__ = ["HoverMap", "film_texts", "panels", "play", "show"]
