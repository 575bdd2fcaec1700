"""The command glassgrad: one file for each group of commands.

main.py knows which command is in which file; demo.py is the main job, and its command; the files *_group.py
describe the other commands and run them; options.py is what they share.  Open main.py first.
"""
