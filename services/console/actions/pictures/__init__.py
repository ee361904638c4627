"""Pictures: checked, gathered on a contact sheet, and their parked fetches."""
