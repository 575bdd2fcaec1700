"""The course: its lessons, and the exercises at the end of each.

percent_files.py reads the cells of a lesson's source, lessons.py what its first cell says; notebook_files.py knows
where the sources are, and makes notebooks of them.  The exercises of lesson 1 are in lesson_1, and so on: one sheet
for each, written with the class of viz/exercises/exercise_sheet.py.  engine_in_steps.py is the engine of lesson 8.
Open lessons.py first.
"""
