// The configuration, typed.
