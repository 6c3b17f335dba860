"""What manage.py does before the environment exists. Standard library only; imports nothing of Medula."""
