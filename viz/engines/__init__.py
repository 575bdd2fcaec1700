"""Engines as people first write them: the museum of wrong ones, and the check of your own.

wrong_engines.py has backward passes, small_graphs.py every small graph to try one on, museum_exhibits.py the museum
(exhibit.py: one of it; two_pictures.py: right and wrong side by side).  engine_check.py is check_engine:
engine_steps.py has its first eight steps, network_check.py the last two, learners_class.py asks a class,
outcomes.py says where it is wrong, same_mistake.py finds the exhibit.  Open wrong_engines.py first, then
engine_check.py.
"""
