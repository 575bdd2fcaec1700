"""What a learner does alone: questions, worksheets, and the museum of engines that are wrong.

questions.py is quiz(y); mistakes.py has the mistakes, each in one place, and diagnosis.py knows by a number which
one was made (cases.py: what is asked; quiz_program.py: the same for a page); worksheets.py makes pages for pencils,
whose key paper.py calculates; museum_exhibits.py is the museum.  Open questions.py first, then mistakes.py.
"""
