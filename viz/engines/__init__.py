"""Engines as people first write them: the museum of wrong ones.

wrong_engines.py has the backward passes, and the search for the smallest graph that one gets wrong;
museum_exhibits.py shows each beside that graph.  Open wrong_engines.py first.
"""
