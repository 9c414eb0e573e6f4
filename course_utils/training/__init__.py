"""Training loops around the steps that students write."""
