"""The command glassgrad: one file for each group of commands.

main.py parses the command line; demo.py is the main job.  Open main.py first.
"""
