"""What a learner does alone: questions, worksheets, and the museum of engines that are wrong.

questions.py is quiz(y); mistakes.py knows what went wrong by the number it gives; worksheets.py makes pages
for paper; exhibits.py is the museum.  Open questions.py first.
"""
