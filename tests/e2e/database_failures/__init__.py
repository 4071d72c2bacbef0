"""Every trouble that PostgreSQL can get into under a working editor.

In each, requests are answered at once from what is known, every allocation that was acknowledged is in the database
exactly once, what others changed meanwhile is seen afterwards, and the user is told once.
"""
