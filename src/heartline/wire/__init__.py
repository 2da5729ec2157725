"""What is said: dumb, versioned records shared by SDK and server. Never holds a rule."""
