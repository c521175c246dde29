// Streams, installer, apply.
