/// The module Registry.
