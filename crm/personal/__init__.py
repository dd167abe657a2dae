"""Personal data: all that names a person, shown to whoever asks for it, and overwritten when it has to go."""
