"""Contacts that are no calls: mails, messages, faxes, chats and tasks, from arrival to end."""
