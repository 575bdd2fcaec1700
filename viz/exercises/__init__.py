"""What a learner does alone: questions, exercises and worksheets.

questions.py is quiz(y); mistakes.py has the mistakes, each in one place, and diagnosis.py knows by a number which
one was made (cases.py: what is asked; quiz_program.py: the same for a page); exercise_sheet.py has exercises whose
author writes down what wrong answers mean (exercise_answers.py judges them); worksheets.py makes pages for pencils,
whose key paper.py calculates; handout.py is the page of these and of the museum.  Open
questions.py first, then mistakes.py.
"""
