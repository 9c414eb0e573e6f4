"""Does anything that a student can send crash the grader, hold it up or fill its memory?"""
