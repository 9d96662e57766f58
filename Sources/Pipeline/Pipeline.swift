/// The module Pipeline.
