"""What runs inside the sandbox, around a student's process: it imports nothing else of ``grader``."""
