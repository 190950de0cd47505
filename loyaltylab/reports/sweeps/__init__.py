"""Many runs at once: here, in warm kernels, or on a cluster."""
