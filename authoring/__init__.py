"""From a lesson to a notebook, a released unit and the students' bundle."""
