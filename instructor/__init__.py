"""The instructor's tools behind the ``course`` command: build, release, bundle, grade, demo."""
