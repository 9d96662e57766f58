/// The module Git.
