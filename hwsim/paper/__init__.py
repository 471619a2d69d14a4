"""What comes out of the printer: the slip as text, as a picture, and as files in a tray."""
