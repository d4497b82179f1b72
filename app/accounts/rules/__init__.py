"""Pure rules of people: documents, contacts, passwords, one-time codes, throttles."""
