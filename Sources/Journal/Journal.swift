/// The module Journal.
