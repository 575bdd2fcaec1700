"""What a learner does alone: questions and worksheets.

questions.py is quiz(y); mistakes.py has the mistakes, each in one place, and diagnosis.py knows by a number which
one was made (cases.py: what is asked; quiz_program.py: the same for a page); worksheets.py makes pages for pencils,
whose key paper.py calculates; handout.py is the page of both.  Open questions.py first, then mistakes.py.
"""
